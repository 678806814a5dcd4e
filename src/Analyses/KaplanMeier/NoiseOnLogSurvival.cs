using Consilience.Analyses.Survival;

namespace Consilience.Analyses.KaplanMeier;

/// <summary>
/// Variance that the noise of counters adds to log S, to first order. With g_j = d_j/(n_j(n_j − d_j)) and G_k = g_0 + … + g_k, the derivative of log S after interval m is
/// G_{k−1} − 1/n_k in an event cell k ≤ m, G_k in a censoring cell k ≤ m, and G_m in every later cell. Cells that noise made negative count as none, which takes
/// part of their noise away: each derivative is weighted by the standard deviation of a clipped counter in units of an unclipped one. Argument and attacks: <c>docs/guarantees/intervals.md</c>.
/// </summary>
internal sealed class NoiseOnLogSurvival
{
    private readonly NoiseModel noise;
    private readonly int start;
    private readonly int intervals;
    private readonly double[] weights;
    private readonly double[] gradient;
    private double sumOfG;
    private int interval;

    /// <param name="noise">The noise of the counters.</param>
    /// <param name="start">The group's first counter.</param>
    /// <param name="cells">The group's 2J + 1 counters: censored, events, beyond the grid.</param>
    internal NoiseOnLogSurvival(NoiseModel noise, int start, ReadOnlySpan<long> cells)
    {
        this.noise = noise;
        this.start = start;
        intervals = cells.Length / 2;
        gradient = new double[cells.Length];
        weights = ClippedNoise.Weights(noise, start, cells);
    }

    /// <summary>The variance after the next interval, in which <paramref name="events"/> of <paramref name="atRisk"/> persons had the event.</summary>
    internal double Next(long atRisk, long events)
    {
        if (noise.IsExact)
            return 0;
        var cell = intervals + interval;
        if (atRisk > 0)
        {
            gradient[cell] = weights[cell] * (sumOfG - (1.0 / atRisk));
            if (events < atRisk)
                sumOfG += events / ((double)atRisk * (atRisk - events));
        }

        Fill(interval, intervals);
        interval++;
        Fill(intervals + interval, gradient.Length);
        return noise.VarianceOf(start, gradient);
    }

    private void Fill(int from, int until)
    {
        for (var i = from; i < until; i++)
            gradient[i] = weights[i] * sumOfG;
    }
}
