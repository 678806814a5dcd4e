using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Statistics;

namespace Consilience.Analyses.Count;

/// <summary>
/// The counts, under the study's disclosure rules. At noised precision a count is shown as 0 when noise made it negative, the counter as opened is kept beside it, and the
/// interval is where the true count lies nineteen times in twenty, from the exact distribution of the noise and widened by what rounding moves.
/// </summary>
internal static class CountFinish
{
    private const double Level = 0.95;
    private static readonly double Z = Normal.Quantile((1 + Level) / 2);

    internal static MethodResult From(ReadOnlySpan<long> total, Grouping grouping, NoiseModel noise, DisclosureRules rules)
    {
        var width = noise.HalfWidth(Level);
        var groups = new List<ResultGroup>(total.Length);
        long sum = 0;
        foreach (var cell in total)
            sum = checked(sum + cell);
        foreach (var key in grouping.Keys())
        {
            var raw = total[groups.Count];
            var group = Group(key, raw, width, noise, rules);
            groups.Add(rules.Presets.Count > 0 ? group : group with
            {
                Expected = NoisyIntervals.Count(raw, noise.Variance, Z), Share = NoisyIntervals.Share(raw, sum, total.Length, noise.Variance, Z),
            });
        }

        return new MethodResult(groups);
    }

    private static ResultGroup Group(IReadOnlyDictionary<string, string> key, long raw, long width, NoiseModel noise, DisclosureRules rules)
    {
        var kind = rules.KindOf(raw);
        if (kind == AnswerKind.Suppressed)
            return new ResultGroup { Key = key, Answer = kind };
        var shown = rules.Round(Math.Max(0, raw));
        if (noise.IsExact)
            return new ResultGroup { Key = key, Answer = kind, Count = shown };
        var isRounded = rules.Rounding != RoundingMethod.None;
        var (centre, reach) = isRounded ? (shown, width + rules.RoundingError) : (raw, width);
        return new ResultGroup
        {
            // A noised count of 0 is a value too: it has an interval.
            Key = key, Answer = AnswerKind.Value, Count = shown, RawCount = isRounded ? null : raw, Interval = new Interval(Math.Max(0, centre - reach), Math.Max(0, centre + reach)),
        };
    }
}
