using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Incidence;

/// <summary>
/// Rates of each group: crude, standardised, and observed over expected cases. Under disclosure presets a small band hides its group, since the sum over bands would tell it; where presets round, rates are computed from
/// rounded bands.
/// </summary>
/// <param name="denominators">What cases are related to.</param>
/// <param name="confidence">Of limits.</param>
/// <param name="isTiwari">Whether limits are Tiwari's; Fay and Feuer's otherwise.</param>
internal sealed class IncidenceFinish(Denominators denominators, Confidence confidence, bool isTiwari)
{
    private static readonly string[] Columns = ["measure", "cases", "person.years", "estimate", "std.error", "conf.low", "conf.high"];

    internal ResultTable Rates(Grouping by, IReadOnlyList<GroupRates> groups) =>
        new("rates", [.. by.Variables, .. Columns], [.. by.Names().Zip(groups).SelectMany(g => g.Second.Measures(denominators).Select(m => Row([.. g.First, m.Name], g.Second, m.Rate)))]);

    /// <summary>Rates of each group over those of the group numbered <paramref name="baseline"/>, with limits that are symmetric on the scale of logarithms.</summary>
    internal ResultTable Ratios(Grouping by, IReadOnlyList<GroupRates> groups, int baseline)
    {
        var rows = new List<ResultRow>();
        foreach (var (names, group) in by.Names().Zip(groups).Where((_, g) => g != baseline))
        {
            foreach (var ((name, rate), (_, other)) in group.Measures(denominators).Zip(groups[baseline].Measures(denominators)))
            {
                ResultCell[] named = [.. names, name];
                rows.Add(group.IsHidden || groups[baseline].IsHidden
                    ? ResultRow.Hidden(AnswerKind.Suppressed, named.Length + ResultTable.EstimateColumns.Count, named)
                    : Ratio(named, rate, other));
            }
        }

        return new ResultTable("ratios", [.. by.Variables, "measure", .. ResultTable.EstimateColumns], rows);
    }

    private ResultRow Ratio(ResultCell[] names, Rate? rate, Rate? other)
    {
        if (rate is null || other is null || rate.Sum <= 0 || other.Sum <= 0)
            return ResultRow.Estimate(names, double.NaN, double.NaN, confidence.Z);
        var variance = (rate.Variance / (rate.Sum * rate.Sum)) + (other.Variance / (other.Sum * other.Sum));
        return ResultRow.Estimate(names, Math.Log(rate.Sum / other.Sum), variance, confidence.Z, isLog: true);
    }

    private ResultRow Row(ResultCell[] names, GroupRates group, Rate? rate)
    {
        if (group.IsHidden)
            return ResultRow.Hidden(AnswerKind.Suppressed, names.Length + Columns.Length - 1, names);
        ResultCell[] counted = [.. names, Math.Max(0, group.AllCases), Math.Max(0, group.AllYears)];
        if (rate is null)
            return ResultRow.Of([.. counted, .. Enumerable.Repeat(ResultCell.Undefined, 4)]);
        var (lower, upper) = rate.Limits(isTiwari, (double)confidence.Level);
        return ResultRow.Of([.. counted, rate.Estimate, Math.Sqrt(rate.Variance), lower, upper]);
    }
}
