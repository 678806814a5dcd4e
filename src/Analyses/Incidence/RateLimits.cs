using MathNet.Numerics.Distributions;

namespace Consilience.Analyses.Incidence;

/// <summary>
/// Gamma limits of weighted sums of Poisson counts (Fay and Feuer 1997): for one count with weight 1 the exact ones (Garwood 1936). Noise of the counts enters with its variance.
/// </summary>
internal static class RateLimits
{
    /// <param name="sum">Σ w·d.</param>
    /// <param name="variance">Σ w²·(d + variance of its noise).</param>
    /// <param name="largestWeight">Of the w.</param>
    /// <param name="level">Of two-sided limits.</param>
    internal static (double Lower, double Upper) Of(double sum, double variance, double largestWeight, double level)
    {
        var tail = (1 - level) / 2;
        var lower = sum <= 0 || variance <= 0 ? 0 : Quantile(tail, sum, variance);
        return (lower, Quantile(1 - tail, Math.Max(0, sum) + largestWeight, variance + (largestWeight * largestWeight)));
    }

    /// <summary>Of the gamma distribution with this mean and variance.</summary>
    private static double Quantile(double p, double mean, double variance) => Gamma.InvCDF(mean * mean / variance, mean / variance, p);
}
