namespace Consilience.FederatedLearning.Numerics;

/// <summary>
/// Exponentials and logarithms from additions, multiplications and divisions alone, so that they are the same on every machine, which a system's mathematical library does not promise. Within 2 units in the last place of doubles.
/// </summary>
internal static class Elementary
{
    private const double LogOfTwoHigh = 6.93147180369123816490e-01;
    private const double LogOfTwoLow = 1.90821492927058770002e-10;

    /// <summary>eˣ; 0 below −708, infinite above 709.</summary>
    internal static double Exp(double x)
    {
        if (double.IsNaN(x))
            return x;
        if (x > 709)
            return double.PositiveInfinity;
        if (x < -708)
            return 0;
        var halvings = Math.Round(x * 1.4426950408889634);
        var rest = (x - (halvings * LogOfTwoHigh)) - (halvings * LogOfTwoLow);
        var sum = 1.0;
        for (var n = 13; n >= 1; n--)
            sum = 1 + (sum * rest / n);
        return sum * BitConverter.Int64BitsToDouble(((long)halvings + 1023) << 52);
    }

    /// <summary>The natural logarithm of a positive, normal number.</summary>
    internal static double Log(double x)
    {
        if (!(x > 0) || double.IsInfinity(x))
            return x == 0 ? double.NegativeInfinity : x > 0 ? x : double.NaN;
        var bits = BitConverter.DoubleToInt64Bits(x);
        var (exponent, mantissa) = ((int)(bits >> 52) - 1023, BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000));
        if (mantissa > 1.4142135623730951)
            (exponent, mantissa) = (exponent + 1, mantissa / 2);
        // log m = 2·artanh((m − 1)/(m + 1)), of which |argument| ≤ 0.1716.
        var s = (mantissa - 1) / (mantissa + 1);
        var square = s * s;
        var sum = 0.0;
        for (var n = 21; n >= 3; n -= 2)
            sum = (sum + (1.0 / n)) * square;
        return (exponent * LogOfTwoHigh) + ((2 * s) + ((2 * s * sum) + (exponent * LogOfTwoLow)));
    }

    /// <summary>log(1 + eˣ), without overflow.</summary>
    internal static double Softplus(double x)
    {
        var small = Exp(-Math.Abs(x));
        // Below 2⁻³⁰ the next term of the series is beyond the last place.
        return Math.Max(x, 0) + (small < 1e-9 ? small : Log(1 + small));
    }

    /// <summary>1/(1 + e⁻ˣ).</summary>
    internal static double Sigmoid(double x)
    {
        var small = Exp(-Math.Abs(x));
        return x >= 0 ? 1 / (1 + small) : small / (1 + small);
    }
}
