namespace Consilience.Connectors.Check;

/// <summary>
/// Counts under a site's own rule. Counts from 1 to threshold − 1 read <c>&lt;n</c>; where hiding one count alone would leave it to be had as the difference to the total, the next
/// smallest is hidden too and reads <c>hidden</c>. Zero is shown.
/// </summary>
internal static class HiddenCounts
{
    internal static string One(long count, int threshold) => count > 0 && count < threshold ? $"<{threshold}" : $"{count}";

    /// <summary>Counts that add up to a total which is known.</summary>
    internal static IReadOnlyList<string> Of(IReadOnlyList<long> counts, int threshold)
    {
        var shown = counts.Select(c => One(c, threshold)).ToArray();
        var small = Enumerable.Range(0, counts.Count).Where(i => counts[i] > 0 && counts[i] < threshold).ToList();
        if (small.Count == 0 || small.Sum(i => counts[i]) >= threshold && small.Count > 1)
            return shown;
        var next = Enumerable.Range(0, counts.Count).Where(i => counts[i] >= threshold).OrderBy(i => counts[i]).FirstOrDefault(-1);
        if (next >= 0)
            shown[next] = "hidden";
        return shown;
    }
}
