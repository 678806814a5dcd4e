using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;
using Consilience.FederatedLearning.Rounds;
using CsCheck;

namespace Consilience.FederatedLearning.Tests.Rounds;

/// <summary>The bound that noise is scaled to, attacked: gradients at the clip, persons added to any others, roundings that forget what rounding adds.</summary>
public sealed class WhatOnePersonChanges
{
    private static readonly StudySchema Schema = new([Written.Number("x", -1000, 1000), Written.Number("z", -1, 1), Written.Flag("y")]);

    private static readonly object Model = new { inputs = new object[] { new { variable = "x", centre = 0, scale = 1 }, "z" }, layers = new object[] { new { dense = 5 }, "tanh", new { dropout = 0.3 } }, head = "logistic", outcome = "y" };

    private static readonly Gen<double[]> Person = Gen.Select(Gen.Double[-1000, 1000], Gen.Double[-1, 1], Gen.Bool, (x, z, y) => new[] { x, z, y ? 1.0 : 0 });

    private static long SquaresOf(int[] rounded) => rounded.Sum(r => (long)r * r);

    private static readonly Gen<(float[] Gradient, int Clip, ulong Seed)> Gradients =
        Gen.Select(Gen.OneOf(Gen.Float[-1, 1], Gen.Const(0f), Gen.Const(1f), Gen.Float[-1e-6f, 1e-6f], Gen.Const(1e30f)).Array[1, 300], Gen.Int[16, 5000], Gen.ULong, (g, c, s) => (g, c, s));

    [Fact]
    public void A_rounded_gradient_is_within_the_bound() => Gradients.Sample(input =>
    {
        var (rounding, rounded) = (new ClippedRounding(input.Clip, 1024, input.Gradient.Length), new int[input.Gradient.Length]);
        Assert.NotNull(rounding.Round(input.Gradient, new SeededStream(input.Seed), rounded));
        Assert.InRange(SquaresOf(rounded), 0, rounding.Squares);
    });

    /// <summary>The broken twin scales noise to the clip itself: many small numbers, rounded up, are longer.</summary>
    [Fact]
    public void A_bound_that_forgets_rounding_is_broken()
    {
        var (gradient, rounded) = (Enumerable.Repeat(1f, 4096).ToArray(), new int[4096]);
        new ClippedRounding(32, 1024, 4096).Round(gradient, new SeededStream(1), rounded);
        Assert.InRange(SquaresOf(rounded), (32 * 32) + 1, long.MaxValue);
    }

    /// <summary>Draws that would lengthen it beyond the bound are possible; then it is rounded towards 0.</summary>
    [Fact]
    public void A_rounding_that_would_break_the_bound_is_not_used()
    {
        var rounding = new ClippedRounding(16, 1, 4);
        var gradient = new[] { 8f, 8f, 8f, 8f };
        for (ulong seed = 0; seed < 100; seed++)
        {
            var rounded = new int[4];
            rounding.Round([.. gradient.Select(g => g * 1.2f)], new SeededStream(seed), rounded);
            Assert.InRange(SquaresOf(rounded), 0, rounding.Squares);
        }
    }

    [Fact]
    public void Rounding_keeps_the_mean()
    {
        float[] gradient = [0.1f / 1024, -0.3f / 1024, 2.5f / 1024, 0];
        var (rounding, rounded, sums) = (new ClippedRounding(100, 1024, 4), new int[4], new double[4]);
        for (ulong seed = 0; seed < 40_000; seed++)
        {
            rounding.Round(gradient, new SeededStream(seed), rounded);
            for (var i = 0; i < 4; i++)
                sums[i] += rounded[i] / 40_000.0;
        }

        Assert.Equal([0.1, -0.3, 2.5, 0], sums, (e, a) => Math.Abs(e - a) < 0.012);
    }

    [Fact]
    public void What_is_not_finite_is_not_rounded()
    {
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            Assert.Null(new ClippedRounding(100, 1024, 2).Round([1, bad], new SeededStream(1), new int[2]));
    }

    [Fact]
    public void A_person_more_moves_a_sites_vector_within_the_bound_whoever_else_is_there()
    {
        var weights = Written.Base64(ModelWeights.Initialise(Written.Model(Schema, Model), 3));
        var plan = Written.Plan("training-round", Schema, new { model = Model, weights, clip = 0.05 });
        Gen.Select(Person.Array[0, 40], Person).Sample((others, person) =>
        {
            var rows = new RowsInMemory(["x", "z", "y"], others);
            Assert.InRange(Squared(Written.Total(plan, rows), Written.Total(plan, rows.With(person))), 0, plan.Sums.Bound.Squares);
        }, iter: 300);
    }

    /// <summary>The share of the sensitivity that counting persons clipped takes, closely or not. The broken twin is the bound of a request that counts them less closely.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(64)]
    public void A_person_who_is_clipped_and_counted_moves_it_within_the_bound(int counted)
    {
        var weights = Written.Base64(ModelWeights.Initialise(Written.Model(Schema, Model), 3));
        var plan = Written.Plan("training-round", Schema, new { model = Model, weights, clip = 0.05, counted });
        var others = new RowsInMemory(["x", "z", "y"], [[1, 0.5, 1], [-500, 0, 0]]);
        var farthest = 0L;
        Person.Sample(person =>
        {
            var moved = Squared(Written.Total(plan, others), Written.Total(plan, others.With(person)));
            farthest = Math.Max(farthest, moved);
            Assert.InRange(moved, 0, plan.Sums.Bound.Squares);
        }, iter: 100, threads: 1);
        Assert.InRange(farthest, plan.Sums.Bound.Squares / 2, plan.Sums.Bound.Squares);
        if (counted == 1)
            Assert.InRange(farthest, Written.Plan("training-round", Schema, new { model = Model, weights, clip = 0.05 }).Sums.Bound.Squares + 1, long.MaxValue);
    }

    /// <summary>The broken twin rounds persons by their places: who comes after the one that is added is rounded anew, and moves too.</summary>
    [Fact]
    public void Rounding_by_place_moves_others_too()
    {
        var stream = SeededStream.For(1, StreamPurpose.InitialWeights);
        float[][] others = [.. Enumerable.Range(0, 4000).Select(_ => new[] { stream.Uniform() / 50, stream.Uniform() / 50 })];
        var rounding = new ClippedRounding(16, 1024, 2);
        long[] Sum(IEnumerable<float[]> persons) => persons.Select((p, place) =>
        {
            var rounded = new int[2];
            rounding.Round(p, new SeededStream((ulong)place), rounded);
            return rounded;
        }).Aggregate(new long[2], (sum, r) => [sum[0] + r[0], sum[1] + r[1]]);
        var worst = Enumerable.Range(0, 10).Max(i => Squared(Sum(others), Sum(others.Prepend([i / 1000f, 0]))));
        Assert.InRange(worst, rounding.Squares + 1, long.MaxValue);
    }

    private static long Squared(long[] a, long[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();
}
