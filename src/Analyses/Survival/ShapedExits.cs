using Consilience.Analyses.Disclosure;

namespace Consilience.Analyses.Survival;

/// <summary>
/// The exit histogram of one group as rules let it be shown. Neighbouring intervals are merged until each has no or enough events and no or enough censorings (enough, where empty cells are hidden too); what follows the
/// last such interval joins those beyond the grid, and so does it while they are too few. Then every cell is rounded. Every number that the curve shows is a sum of these
/// cells, so that no two of its points give a small cell away.
/// </summary>
/// <param name="Times">Ends of the merged intervals.</param>
/// <param name="Cells">Censored, events, beyond: 2J + 1 counters of J merged intervals.</param>
/// <param name="Last">For each merged interval the grid interval it ends with.</param>
internal sealed record ShapedExits(IReadOnlyList<decimal> Times, long[] Cells, IReadOnlyList<int> Last)
{
    internal static ShapedExits Of(ReadOnlySpan<long> cells, IReadOnlyList<decimal> times, DisclosureRules rules)
    {
        var intervals = times.Count;
        if (rules.Presets.Count == 0)
            return new ShapedExits(times, cells.ToArray(), [.. Enumerable.Range(0, intervals)]);
        var steps = new List<(int Last, long Events, long Censored)>();
        long events = 0, censored = 0;
        for (var j = 0; j < intervals; j++)
        {
            events += Math.Max(0, cells[intervals + j]);
            censored += Math.Max(0, cells[j]);
            if (IsSmall(events, rules) || IsSmall(censored, rules))
                continue;
            steps.Add((j, events, censored));
            (events, censored) = (0, 0);
        }

        var beyond = events + censored + Math.Max(0, cells[^1]);
        while (steps.Count > 0 && IsSmall(beyond, rules))
        {
            beyond += steps[^1].Events + steps[^1].Censored;
            steps.RemoveAt(steps.Count - 1);
        }

        if (IsSmall(beyond, rules))
            steps.Clear();
        long[] shaped = [.. steps.Select(s => rules.Round(s.Censored)), .. steps.Select(s => rules.Round(s.Events)), rules.Round(beyond)];
        return new ShapedExits([.. steps.Select(s => times[s.Last])], shaped, [.. steps.Select(s => s.Last)]);
    }

    private static bool IsSmall(long count, DisclosureRules rules) => rules.KindOf(count) == AnswerKind.Suppressed;
}
