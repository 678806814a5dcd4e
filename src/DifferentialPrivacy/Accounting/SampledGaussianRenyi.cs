namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// Rényi divergence of the Gaussian mechanism on a Poisson sample (Mironov, Talwar and Zhang 2019): ln A(α)/(α−1), A(α) = E[((1−q) + q·e^((2x−1)/2σ²))^α] over x ~ N(0, σ²). A finite sum
/// at whole orders; at others ln A is convex in α, and the straight line between the whole orders around is not below it.
/// </summary>
public static class SampledGaussianRenyi
{
    /// <param name="rate">q, from 0 to 1.</param>
    /// <param name="sigma">σ over the sensitivity.</param>
    public static Func<double, double> Of(double rate, double sigma) => alpha =>
    {
        if (rate == 0)
            return 0;
        if (rate >= 1)
            return alpha / (2 * sigma * sigma);
        var below = (int)Math.Floor(alpha);
        var low = LogMoment(rate, sigma, below);
        var between = alpha == below ? low : low + ((alpha - below) * (LogMoment(rate, sigma, below + 1) - low));
        return between / (alpha - 1);
    };

    /// <summary>ln Σ_k C(α,k)·(1−q)^(α−k)·q^k·e^((k²−k)/2σ²).</summary>
    internal static double LogMoment(double rate, double sigma, int order)
    {
        double sum = double.NegativeInfinity, binomial = 0;
        for (var k = 0; k <= order; k++)
        {
            sum = Logarithm.Sum(sum, binomial + (k * Math.Log(rate)) + ((order - k) * Logarithm.OnePlus(-rate)) + ((((double)k * k) - k) / (2 * sigma * sigma)));
            binomial += Math.Log(order - k) - Math.Log(k + 1);
        }

        return Math.Max(0, sum);
    }
}
