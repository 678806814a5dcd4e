namespace Consilience.Analyses.Statistics;

/// <summary>
/// Score intervals of counts and proportions whose counters carry independent noise of variance v: the values that the observed figure does not reject, with sampling and noise in
/// the variance under each of them. With v = 0 they are the usual ones. Argument and coverage: <c>docs/guarantees/intervals.md</c>.
/// </summary>
internal static class NoisyIntervals
{
    /// <summary>Of the expectation μ of a count x ~ Poisson(μ) + noise: (x − μ)² ≤ z²(μ + v).</summary>
    internal static Interval Count(double x, double v, double z)
    {
        var centre = x + (z * z / 2);
        var reach = z * Math.Sqrt(Math.Max(0, x + v + (z * z / 4)));
        return new Interval(Math.Max(0, centre - reach), Math.Max(0, centre + reach));
    }

    /// <summary>
    /// Of the share p of one of m counters, x, in their sum n: (x − pn)² ≤ z²(np(1−p) + v((1−p)² + (m−1)p²)), since the noise of the counter is in the sum too. Null where
    /// nothing can be said.
    /// </summary>
    internal static Share? Share(double x, double n, int m, double v, double z)
    {
        if (n <= 0)
            return null;
        var squared = z * z;
        var a = (n * n) - (squared * ((v * m) - n));
        var b = -(2 * x * n) - (squared * (n - (2 * v)));
        var c = (x * x) - (squared * v);
        var root = (b * b) - (4 * a * c);
        if (a <= 0 || root < 0)
            return null;
        var reach = Math.Sqrt(root);
        return new Share(Math.Clamp(x / n, 0, 1), Math.Clamp((-b - reach) / (2 * a), 0, 1), Math.Clamp((-b + reach) / (2 * a), 0, 1));
    }
}
