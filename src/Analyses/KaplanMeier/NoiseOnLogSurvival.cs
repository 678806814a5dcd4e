namespace Consilience.Analyses.KaplanMeier;

/// <summary>
/// Variance that the noise of counters adds to log S, to first order. With g_j = d_j/(n_j(n_j − d_j)) and G_k = g_0 + … + g_k, the derivative of log S after interval m is
/// G_{k−1} − 1/n_k in an event cell k ≤ m, G_k in a censoring cell k ≤ m, and G_m in every later cell.
/// </summary>
/// <param name="noise">The noise of the counters.</param>
/// <param name="start">The group's first counter.</param>
/// <param name="intervals">J; a group has 2J + 1 counters: censored, events, beyond the grid.</param>
internal sealed class NoiseOnLogSurvival(NoiseModel noise, int start, int intervals)
{
    private readonly double[] gradient = new double[(2 * intervals) + 1];
    private double sumOfG;
    private int interval;

    /// <summary>The variance after the next interval, in which <paramref name="events"/> of <paramref name="atRisk"/> persons had the event.</summary>
    internal double Next(long atRisk, long events)
    {
        if (noise.IsExact)
            return 0;
        if (atRisk > 0)
        {
            gradient[intervals + interval] = sumOfG - (1.0 / atRisk);
            if (events < atRisk)
                sumOfG += events / ((double)atRisk * (atRisk - events));
        }

        gradient.AsSpan(interval, intervals - interval).Fill(sumOfG);
        interval++;
        gradient.AsSpan(intervals + interval).Fill(sumOfG);
        return noise.VarianceOf(start, gradient);
    }
}
