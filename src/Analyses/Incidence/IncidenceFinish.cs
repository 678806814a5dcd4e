using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Incidence;

/// <summary>
/// Rates of each group: crude, standardised, and observed over expected cases. Age bands without person-years are left out of all of them. Under disclosure presets a small band hides its group, since the
/// sum over bands would tell it; where presets round, rates are computed from rounded bands.
/// </summary>
internal static class IncidenceFinish
{
    private static readonly string[] Columns = ["measure", "cases", "person.years", "estimate", "std.error", "conf.low", "conf.high"];

    internal static MethodResult From(
        ReadOnlySpan<long> total, PersonTable table, Grouping by, Denominators denominators, Confidence confidence, NoiseModel noise, DisclosureRules rules)
    {
        var bands = table.Grouping.Axes[^1].Length;
        var rows = new List<ResultRow>();
        var group = 0;
        foreach (var names in by.Names())
        {
            var opened = total.Slice(group * bands, bands).ToArray();
            var years = denominators.PersonYears[group++];
            var used = Enumerable.Range(0, bands).Where(b => years[b] > 0).ToArray();
            var isHidden = used.Any(b => rules.KindOf(opened[b]) == AnswerKind.Suppressed);
            var cases = used.ToDictionary(b => b, b => (double)(noise.IsExact || rules.Presets.Count > 0 ? rules.Round(Math.Max(0, opened[b])) : opened[b]));
            foreach (var (measure, weights) in Measures(denominators, years, used))
            {
                rows.Add(isHidden
                    ? ResultRow.Hidden(AnswerKind.Suppressed, names.Length + Columns.Length, [.. names, measure])
                    : Row([.. names, measure], cases, weights, used.Sum(b => years[b]), confidence, noise.Variance + rules.RoundingVariance));
            }
        }

        return new MethodResult([new ResultTable("rates", [.. by.Variables, .. Columns], rows)]);
    }

    /// <summary>Each measure as weights of the bands' cases.</summary>
    private static IEnumerable<(string Measure, Dictionary<int, double> Weights)> Measures(Denominators denominators, double[] years, int[] used)
    {
        var all = used.Sum(b => years[b]);
        yield return ("crude rate", used.ToDictionary(b => b, _ => denominators.Per / all));
        if (denominators.Weights is { } standard)
        {
            var sum = used.Sum(b => standard[b]);
            yield return ("standardised rate", used.ToDictionary(b => b, b => denominators.Per * standard[b] / (sum * years[b])));
        }

        if (denominators.Reference is { } rates)
        {
            var expected = used.Sum(b => rates[b] * years[b] / denominators.Per);
            yield return ("incidence ratio", used.ToDictionary(b => b, _ => 1 / expected));
        }
    }

    private static ResultRow Row(ResultCell[] names, Dictionary<int, double> cases, Dictionary<int, double> weights, double years, Confidence confidence, double noise)
    {
        var estimate = weights.Sum(w => w.Value * cases[w.Key]);
        var variance = weights.Sum(w => w.Value * w.Value * (Math.Max(0, cases[w.Key]) + noise));
        var (lower, upper) = RateLimits.Of(estimate, variance, weights.Values.Max(), (double)confidence.Level);
        return ResultRow.Of([.. names, Math.Max(0, cases.Values.Sum()), years, Math.Max(0, estimate), Math.Sqrt(variance), lower, upper]);
    }
}
