using System.Numerics;

namespace Consilience.FederatedLearning.Numerics;

/// <summary>tanh in vectors, from operations that are the same on every machine; within 3 units in the last place of single precision.</summary>
internal static class HyperbolicTangent
{
    /// <summary>Replaces each value.</summary>
    internal static void Of(Span<float> values)
    {
        unchecked
        {
            var i = 0;
            for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
                Of(new Vector<float>(values[i..])).CopyTo(values[i..]);
            if (i == values.Length)
                return;
            Span<float> rest = stackalloc float[Vector<float>.Count];
            rest.Clear();
            values[i..].CopyTo(rest);
            Of(new Vector<float>(rest)).CopyTo(rest);
            rest[..(values.Length - i)].CopyTo(values[i..]);
        }
    }

    /// <summary>Cephes (Moshier): a polynomial below 0.625, 1 − 2/(e²ˣ + 1) above.</summary>
    private static Vector<float> Of(Vector<float> x)
    {
        var magnitude = Vector.Abs(x);
        var square = x * x;
        var small = new Vector<float>(-5.70498872745e-3f);
        foreach (var coefficient in (ReadOnlySpan<float>)[2.06390887954e-2f, -5.37397155531e-2f, 1.33314422036e-1f, -3.33332819422e-1f])
            small = Vector.FusedMultiplyAdd(small, square, new Vector<float>(coefficient));
        small = Vector.FusedMultiplyAdd(small * square, x, x);
        var large = Vector<float>.One - (new Vector<float>(2) / (Exp(magnitude + magnitude) + Vector<float>.One));
        return Vector.ConditionalSelect(Vector.LessThan(magnitude, new Vector<float>(0.625f)), small, Vector.CopySign(large, x));
    }

    /// <summary>eˣ for 0 ≤ x; the same from 40 on, where tanh is 1.</summary>
    private static Vector<float> Exp(Vector<float> x)
    {
        // A comparison, not a minimum: what is not a number stays one.
        x = Vector.ConditionalSelect(Vector.GreaterThan(x, new Vector<float>(40)), new Vector<float>(40), x);
        var halvings = Vector.Floor(Vector.FusedMultiplyAdd(x, new Vector<float>(1.44269504f), new Vector<float>(0.5f)));
        var rest = Vector.FusedMultiplyAdd(halvings, new Vector<float>(-0.693359375f), x);
        rest = Vector.FusedMultiplyAdd(halvings, new Vector<float>(2.12194440e-4f), rest);
        var sum = new Vector<float>(1.9875691500e-4f);
        foreach (var coefficient in (ReadOnlySpan<float>)[1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f])
            sum = Vector.FusedMultiplyAdd(sum, rest, new Vector<float>(coefficient));
        sum = Vector.FusedMultiplyAdd(sum, rest * rest, rest + Vector<float>.One);
        return sum * Vector.AsVectorSingle((Vector.ConvertToInt32(halvings) + new Vector<int>(127)) << 23);
    }
}
