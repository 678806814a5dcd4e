namespace Consilience.FederatedLearning.Evaluation;

/// <summary>
/// The share of pairs, one with the event before the other's time, in which the score of the first is higher; half for equal classes of scores. With events before all others it is the area under the ROC curve, otherwise Harrell's C of grouped
/// times.
/// </summary>
/// <param name="Pairs">Compared.</param>
/// <param name="Value">The share; undefined where there are no pairs.</param>
/// <param name="Variance">Of sampling: Σ d²/pairs², d a person's sum of deviations over pairs (Hájek's projection; of AUC, DeLong, DeLong and Clarke-Pearson 1988).</param>
/// <param name="Gradient">By each cell: what noise in it does.</param>
internal sealed record Concordance(double Pairs, double Value, double Variance, double[] Gradient)
{
    /// <summary>Of persons by event × time × score; of one class of time, events come first.</summary>
    internal static Concordance Of(ReadOnlySpan<long> cells, ScoreTable scores)
    {
        var (times, bins) = (scores.Times, scores.Bins);
        var (pairs, concordant) = (new double[cells.Length], new double[cells.Length]);
        double all = 0, agree = 0;
        for (var time = 0; time < times; time++)
        {
            var (later, laterBelow) = (Later(cells, scores, time), 0.0);
            var total = later.Sum();
            var (eventsBelow, events) = (0.0, 0.0);
            for (var bin = 0; bin < bins; bin++)
            {
                var cell = scores.Cell(true, time, bin);
                (pairs[cell], concordant[cell]) = (pairs[cell] + total, concordant[cell] + laterBelow + (later[bin] / 2));
                laterBelow += later[bin];
                (all, agree) = (all + (cells[cell] * total), agree + (cells[cell] * (laterBelow - (later[bin] / 2))));
                events += cells[cell];
            }

            for (var bin = 0; bin < bins; bin++)
            {
                double here = cells[scores.Cell(true, time, bin)];
                AddToLater(scores, time, bin, events, events - eventsBelow - (here / 2), pairs, concordant);
                eventsBelow += here;
            }
        }

        var value = agree / all;
        double variance = 0;
        var gradient = new double[cells.Length];
        for (var cell = 0; cell < cells.Length; cell++)
        {
            var deviation = concordant[cell] - (value * pairs[cell]);
            variance += Math.Max(0, cells[cell]) * deviation * deviation / all / all;
            gradient[cell] = deviation / all;
        }

        return new(all, value, variance, gradient);
    }

    /// <summary>Persons by score who are compared with events in a class of time.</summary>
    private static double[] Later(ReadOnlySpan<long> cells, ScoreTable scores, int time)
    {
        var later = new double[scores.Bins];
        for (var bin = 0; bin < scores.Bins; bin++)
        {
            if (scores.Times == 1)
                later[bin] = cells[scores.Cell(false, 0, bin)];
            for (var after = time + 1; after < scores.Times; after++)
                later[bin] += cells[scores.Cell(false, after, bin)] + cells[scores.Cell(true, after, bin)];
        }

        return later;
    }

    private static void AddToLater(ScoreTable scores, int time, int bin, double events, double above, double[] pairs, double[] concordant)
    {
        for (var after = scores.Times == 1 ? 0 : time + 1; after < scores.Times; after++)
        {
            foreach (var isEvent in scores.Times == 1 ? [false] : new[] { false, true })
            {
                var cell = scores.Cell(isEvent, after, bin);
                (pairs[cell], concordant[cell]) = (pairs[cell] + events, concordant[cell] + above);
            }
        }
    }
}
