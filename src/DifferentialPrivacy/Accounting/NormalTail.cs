namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>Upper tails of the standard normal distribution, to about 14 digits however far out.</summary>
internal static class NormalTail
{
    /// <summary>P(X &gt; x).</summary>
    internal static double Upper(double x) => x < 0 ? 1 - Upper(-x) : Math.Exp(LogUpper(x));

    /// <summary>ln P(X &gt; x).</summary>
    internal static double LogUpper(double x)
    {
        if (x < 0)
            return Logarithm.OnePlus(-Math.Exp(LogUpper(-x)));
        return x < 3 ? Math.Log(0.5 - Series(x)) : LogDensity(x) + Math.Log(Fraction(x));
    }

    private static double LogDensity(double x) => (-x * x / 2) - (Math.Log(2 * Math.PI) / 2);

    /// <summary>Φ(x) − ½ = φ(x)·(x + x³/3 + x⁵/15 + …) (Marsaglia 2004).</summary>
    private static double Series(double x)
    {
        double sum = x, term = x;
        for (var i = 3; term > sum * 1e-18; i += 2)
            sum += term *= x * x / i;
        return sum * Math.Exp(LogDensity(x));
    }

    /// <summary>Mills' ratio 1/(x + 1/(x + 2/(x + 3/(x + …)))), evaluated from far inside.</summary>
    private static double Fraction(double x)
    {
        var value = x;
        for (var k = 20 + (int)(1000 / (x * x)); k >= 1; k--)
            value = x + (k / value);
        return 1 / value;
    }
}
