using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Rmst;

/// <summary>
/// The area under the product-limit curve from 0 to a horizon, and its variance Σ A_k²·d_k/(n_k(n_k − d_k)) with A_k the area from t_k on, as R's <c>survfit</c> has them
/// (Irwin 1949; Greenwood's formula).
/// </summary>
internal sealed record RestrictedMean(double Mean, double Variance)
{
    /// <param name="cells">Censored, events, beyond.</param>
    /// <param name="times">Ends of the intervals.</param>
    /// <param name="horizon">At most the last of <paramref name="times"/>.</param>
    internal static RestrictedMean Of(ReadOnlySpan<long> cells, IReadOnlyList<decimal> times, decimal horizon)
    {
        var steps = Steps.Of(cells, times, horizon);
        double mean = steps.First, after = 0, variance = 0;
        for (var k = steps.Areas.Length - 1; k >= 0; k--)
        {
            after += steps.Areas[k];
            variance += after == 0 ? 0 : after * after * steps.Hazards[k];
        }

        return new(mean + after, variance);
    }

    /// <summary>
    /// Variance that the noise of the counters adds, to first order: with w_m the area of step m and G_k as in the variance of log S, the derivative is W_k(G_{k−1} − 1/n_k) + P_k in an event
    /// cell k, W_k·G_k + P_k in a censoring cell k, and Σ w_m·G_m beyond, where W_k sums w from k on and P_k sums w·G before k.
    /// </summary>
    internal static double NoiseVariance(NoiseModel noise, int start, ReadOnlySpan<long> cells, IReadOnlyList<decimal> times, decimal horizon)
    {
        if (noise.IsExact)
            return 0;
        var steps = Steps.Of(cells, times, horizon);
        var (intervals, gradient, weights) = (times.Count, new double[cells.Length], ClippedNoise.Weights(noise, start, cells));
        double from = steps.Areas.Sum(), before = 0, g = 0;
        for (var k = 0; k < intervals; k++)
        {
            var earlier = g;
            g += steps.Hazards[k];
            gradient[intervals + k] = (from * (steps.AtRisk[k] > 0 ? earlier - (1.0 / steps.AtRisk[k]) : 0)) + before;
            gradient[k] = (from * g) + before;
            before += steps.Areas[k] * g;
            from -= steps.Areas[k];
        }

        gradient[^1] = before;
        for (var i = 0; i < gradient.Length; i++)
            gradient[i] *= weights[i];
        return noise.VarianceOf(start, gradient);
    }

    /// <summary>The curve as steps up to the horizon: what is under it before the first time, and after each.</summary>
    private sealed record Steps(double First, double[] Areas, double[] Hazards, long[] AtRisk)
    {
        internal static Steps Of(ReadOnlySpan<long> cells, IReadOnlyList<decimal> times, decimal horizon)
        {
            var exits = new Exits(cells);
            var steps = new Steps((double)Math.Min(times[0], horizon), new double[times.Count], new double[times.Count], new long[times.Count]);
            double survival = 1;
            var atRisk = exits.Persons;
            for (var j = 0; j < times.Count; j++)
            {
                var (events, censored) = exits.At(j);
                steps.AtRisk[j] = atRisk;
                if (events > 0)
                    survival *= (double)(atRisk - events) / atRisk;
                if (events > 0 && events < atRisk)
                    steps.Hazards[j] = events / ((double)atRisk * (atRisk - events));
                var end = j + 1 < times.Count ? Math.Min(times[j + 1], horizon) : horizon;
                steps.Areas[j] = survival * (double)Math.Max(0, end - times[j]);
                atRisk -= events + censored;
            }

            return steps;
        }
    }
}
