namespace Consilience.Analyses.KaplanMeier;

/// <summary>
/// Variance that independent noise of variance v on every cell adds to log S, to first order. With g_j = d_j/(n_j(n_j − d_j)) and G_k = g_0 + … + g_k, the derivative of
/// log S after interval m is G_{k−1} − 1/n_k in an event cell k ≤ m, G_k in a censoring cell k ≤ m, and G_m in every later cell.
/// </summary>
internal sealed class NoiseOnLogSurvival(double variancePerCell, int intervals)
{
    private double sumOfG;
    private double squares;
    private int interval;

    /// <summary>The variance after the next interval, in which <paramref name="events"/> of <paramref name="atRisk"/> persons had the event.</summary>
    internal double Next(long atRisk, long events)
    {
        if (variancePerCell == 0)
            return 0;
        if (atRisk > 0)
        {
            var inEvents = sumOfG - (1.0 / atRisk);
            squares += inEvents * inEvents;
            if (events < atRisk)
                sumOfG += events / ((double)atRisk * (atRisk - events));
            squares += sumOfG * sumOfG;
        }

        interval++;
        var laterCells = (2 * (intervals - interval)) + 1;
        return variancePerCell * (squares + (laterCells * sumOfG * sumOfG));
    }
}
