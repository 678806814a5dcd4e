namespace Consilience.Analyses.Statistics;

/// <summary>The standard normal distribution, to about 15 digits within ±8.</summary>
internal static class Normal
{
    internal static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    /// <summary>Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …) (Marsaglia 2004).</summary>
    internal static double Cumulative(double x)
    {
        if (x < -8)
            return 0;
        if (x > 8)
            return 1;
        double sum = x, term = x;
        for (var i = 3; Math.Abs(term) > 1e-18; i += 2)
        {
            term *= x * x / i;
            sum += term;
        }

        return 0.5 + (sum * Density(x));
    }

    /// <summary>Φ⁻¹(p) for 10⁻¹⁰ ≤ p ≤ 1−10⁻¹⁰, by Newton's method.</summary>
    internal static double Quantile(double p)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(p, 1e-10);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(p, 1 - 1e-10);
        if (p < 0.5)
            return -Quantile(1 - p);
        // From the left of the root Newton's steps on Φ overshoot; bisection first brings it close.
        double low = 0, high = 7;
        for (var i = 0; i < 20; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Cumulative(middle) < p ? (middle, high) : (low, middle);
        }

        var x = (low + high) / 2;
        for (var i = 0; i < 4; i++)
            x -= (Cumulative(x) - p) / Density(x);
        return x;
    }
}
