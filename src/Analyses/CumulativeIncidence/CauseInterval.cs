namespace Consilience.Analyses.CumulativeIncidence;

/// <summary>One interval of one group: persons at risk when it began, how many had each cause, and how many were censored, after them. Negative counters, which only noise makes, count as none.</summary>
internal sealed record CauseInterval(long AtRisk, long[] Events, long Censored)
{
    internal long AllEvents => Events.Sum();

    /// <summary>The intervals of a group's exit histogram.</summary>
    /// <param name="cells">J counters censored, J with each cause, those beyond the grid.</param>
    /// <param name="causes">Number of causes.</param>
    internal static List<CauseInterval> Of(ReadOnlySpan<long> cells, int causes)
    {
        var (intervals, atRisk, list) = ((cells.Length - 1) / (causes + 1), 0L, new List<CauseInterval>());
        foreach (var cell in cells)
            atRisk += Math.Max(0, cell);
        for (var j = 0; j < intervals; j++)
        {
            var events = new long[causes];
            for (var c = 0; c < causes; c++)
                events[c] = Math.Max(0, cells[((c + 1) * intervals) + j]);
            var censored = Math.Max(0, cells[j]);
            list.Add(new CauseInterval(atRisk, events, censored));
            atRisk -= events.Sum() + censored;
        }

        return list;
    }
}
