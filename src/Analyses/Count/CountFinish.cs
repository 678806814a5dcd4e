namespace Consilience.Analyses.Count;

/// <summary>
/// The counts. At noised precision a count is shown as 0 when noise made it negative, the counter as opened is kept beside it, and the interval is where the true count
/// lies nineteen times in twenty, from the exact distribution of the noise.
/// </summary>
internal static class CountFinish
{
    private const double Level = 0.95;

    internal static MethodResult From(ReadOnlySpan<long> total, Grouping grouping, NoiseModel noise)
    {
        var width = noise.HalfWidth(Level);
        var groups = new List<ResultGroup>(total.Length);
        foreach (var key in grouping.Keys())
        {
            var raw = total[groups.Count];
            groups.Add(new ResultGroup
            {
                Key = key,
                Count = noise.IsExact ? raw : Math.Max(0, raw),
                RawCount = noise.IsExact ? null : raw,
                Interval = noise.IsExact ? null : new Interval(Math.Max(0, raw - width), Math.Max(0, raw + width)),
            });
        }

        return new MethodResult(groups);
    }
}
