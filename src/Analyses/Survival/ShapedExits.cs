using Consilience.Analyses.Disclosure;

namespace Consilience.Analyses.Survival;

/// <summary>
/// The exit histogram of one group as rules let it be shown. Neighbouring intervals are merged until each has no or enough of every outcome, censored or with an event (enough, where empty cells are
/// hidden too); what follows the last such interval joins those beyond the grid, and so does it while they are too few. Then every cell is rounded. Every number that the curve shows is a sum of these
/// cells, so that no two of its points give a small cell away.
/// </summary>
/// <param name="Times">Ends of the merged intervals.</param>
/// <param name="Cells">J counters of each outcome, censored first, and those beyond, of J merged intervals.</param>
/// <param name="Last">For each merged interval the grid interval it ends with.</param>
internal sealed record ShapedExits(IReadOnlyList<decimal> Times, long[] Cells, IReadOnlyList<int> Last)
{
    internal static ShapedExits Of(ReadOnlySpan<long> cells, IReadOnlyList<decimal> times, DisclosureRules rules)
    {
        var intervals = times.Count;
        if (rules.Presets.Count == 0)
            return new ShapedExits(times, cells.ToArray(), [.. Enumerable.Range(0, intervals)]);
        var (steps, outcomes) = (new List<(int Last, long[] Counts)>(), (cells.Length - 1) / intervals);
        var counts = new long[outcomes];
        for (var j = 0; j < intervals; j++)
        {
            for (var o = 0; o < outcomes; o++)
                counts[o] += Math.Max(0, cells[(o * intervals) + j]);
            if (counts.Any(c => IsSmall(c, rules)))
                continue;
            steps.Add((j, counts));
            counts = new long[outcomes];
        }

        var beyond = counts.Sum() + Math.Max(0, cells[^1]);
        while (steps.Count > 0 && IsSmall(beyond, rules))
        {
            beyond += steps[^1].Counts.Sum();
            steps.RemoveAt(steps.Count - 1);
        }

        if (IsSmall(beyond, rules))
            steps.Clear();
        long[] shaped = [.. Enumerable.Range(0, outcomes).SelectMany(o => steps.Select(s => rules.Round(s.Counts[o]))), rules.Round(beyond)];
        return new ShapedExits([.. steps.Select(s => times[s.Last])], shaped, [.. steps.Select(s => s.Last)]);
    }

    private static bool IsSmall(long count, DisclosureRules rules) => rules.KindOf(count) == AnswerKind.Suppressed;
}
