using MathNet.Numerics.Distributions;

namespace Consilience.Analyses.Incidence;

/// <summary>
/// Gamma limits of weighted sums of Poisson counts: for one count with weight 1 the exact ones (Garwood 1936). The upper limit allows for one more case, of the largest weight (Fay and Feuer 1997) or of the mean one
/// (Tiwari, Clegg and Zou 2006). Noise of the counts enters with its variance.
/// </summary>
internal static class RateLimits
{
    /// <summary>A gamma distribution of a smaller shape has its lower quantiles at nothing, and the library has none.</summary>
    private const double LeastShape = 1e-9;

    /// <param name="sum">Σ w·d.</param>
    /// <param name="variance">Σ w²·(d + variance of its noise), and what else is uncertain.</param>
    /// <param name="weights">The w.</param>
    /// <param name="isTiwari">Whether the further case has the mean weight and the mean of the squared weights.</param>
    /// <param name="level">Of two-sided limits.</param>
    internal static (double Lower, double Upper) Of(double sum, double variance, IReadOnlyCollection<double> weights, bool isTiwari, double level)
    {
        var tail = (1 - level) / 2;
        var lower = sum <= 0 || !(sum * sum > LeastShape * variance) ? 0 : Quantile(tail, sum, variance);
        var (more, spread) = isTiwari ? (weights.Average(), weights.Average(w => w * w)) : (weights.Max(), weights.Max() * weights.Max());
        return (lower, Quantile(1 - tail, Math.Max(0, sum) + more, variance + spread));
    }

    /// <summary>Of the gamma distribution with this mean and variance.</summary>
    private static double Quantile(double p, double mean, double variance) => Gamma.InvCDF(mean * mean / variance, mean / variance, p);
}
