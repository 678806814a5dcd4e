using Consilience.FederatedLearning.Numerics;
using CsCheck;

namespace Consilience.FederatedLearning.Tests.Numerics;

/// <summary>Functions that must not differ between machines, against the system's; products in blocks against products term by term.</summary>
public sealed class SameOnEveryMachine
{
    [Fact]
    public void Exponentials_and_logarithms_are_right_to_the_last_places() => Gen.Double[-700, 700].Sample(x =>
    {
        Assert.InRange(Elementary.Exp(x) / Math.Exp(x), 1 - 1e-15, 1 + 1e-15);
        var y = Math.Exp(x / 3);
        Assert.InRange(Elementary.Log(y) - Math.Log(y), -4e-16 * Math.Abs(Math.Log(y)) - 1e-16, (4e-16 * Math.Abs(Math.Log(y))) + 1e-16);
        Assert.Equal(Math.Log(1 + Math.Exp(-Math.Abs(x))) + Math.Max(x, 0), Elementary.Softplus(x), 1e-9);
    });

    [Fact]
    public void Edges_are_kept()
    {
        Assert.Equal(0, Elementary.Exp(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, Elementary.Exp(1000));
        Assert.True(double.IsNaN(Elementary.Exp(double.NaN)));
        Assert.Equal(double.NegativeInfinity, Elementary.Log(0));
        Assert.True(double.IsNaN(Elementary.Log(-1)));
        Assert.Equal((1.0, 0.5), (Elementary.Sigmoid(800), Elementary.Sigmoid(0)));
    }

    [Fact]
    public void Hyperbolic_tangents_are_right_to_single_precision() => Gen.Float[-50, 50].Array[1, 40].Sample(values =>
    {
        float[] tangents = [.. values];
        HyperbolicTangent.Of(tangents);
        for (var i = 0; i < values.Length; i++)
            Assert.Equal(Math.Tanh(values[i]), tangents[i], 2e-7);
    });

    [Fact]
    public void What_is_not_a_number_stays_one()
    {
        float[] values = [1, float.NaN, -1];
        HyperbolicTangent.Of(values);
        Assert.Equal([false, true, false], values.Select(float.IsNaN));
    }

    /// <summary>Blocks and tails of every width give the bits of the plain sum.</summary>
    [Fact]
    public void A_product_is_added_up_term_by_term() => Gen.Select(Gen.Int[1, 11], Gen.Int[1, 9], Gen.Int[1, 40], Gen.Bool, Gen.Int).Sample((m, k, n, isTransposed, seed) =>
    {
        var stream = new SeededStream(unchecked((ulong)seed));
        float[] Random(int length) => [.. Enumerable.Range(0, length).Select(_ => stream.Uniform() - 0.5f)];
        var (a, b, c) = (Random(m * k), Random(k * n), Random(m * n));
        var (rows, columns) = isTransposed ? (1, m) : (k, 1);
        float[] expected = [.. c];
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < n; j++)
            {
                for (var p = 0; p < k; p++)
                    expected[(i * n) + j] = MathF.FusedMultiplyAdd(a[(i * rows) + (p * columns)], b[(p * n) + j], expected[(i * n) + j]);
            }
        }

        MatrixProduct.Add(new Strided(a, rows, columns), b, c, m, k, n);
        Assert.Equal(expected, c);
    });

    [Fact]
    public void Spans_that_are_too_short_are_refused() => Assert.Throws<IndexOutOfRangeException>(() => MatrixProduct.Add(new Strided(new float[5], 3, 1), new float[6], new float[4], 2, 3, 2));
}
