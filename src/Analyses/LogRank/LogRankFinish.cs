using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Statistics;

namespace Consilience.Analyses.LogRank;

/// <summary>
/// Harrington and Fleming 1982, as R's <c>survdiff</c>: at each time events of group k less their expectation d·n_k/n, weighted with S^ρ of everyone in the stratum just before, with the
/// hypergeometric variance; summed over times and strata. χ² = z′V⁻z over the groups in which events are expected, one of them left out.
/// Under disclosure presets a group with few persons or few events hides the test, and expected events are not shown where presets round.
/// </summary>
internal static class LogRankFinish
{
    internal static MethodResult From(LogRankTotals sums, Grouping by, DisclosureRules rules)
    {
        var rows = new List<ResultRow>();
        foreach (var names in by.Names())
        {
            var k = rows.Count;
            var isHidden = rules.KindOf(sums.Persons[k]) == AnswerKind.Suppressed || rules.KindOf(sums.Events[k]) == AnswerKind.Suppressed;
            rows.Add(isHidden
                ? ResultRow.Hidden(AnswerKind.Suppressed, names.Length + 4, names)
                : ResultRow.Of([.. names, rules.Round(sums.Persons[k]), rules.Round(sums.Events[k]), .. Weighted(sums, k, rules)]));
        }

        var isAnyHidden = rows.Any(r => r.Answer != AnswerKind.Value);
        var (statistic, degrees) = sums.Test();
        var test = isAnyHidden ? ResultRow.Hidden(AnswerKind.Suppressed, 3) : ResultRow.Of(statistic, degrees, Distributions.ChiSquareTail(statistic ?? double.NaN, degrees));
        return new MethodResult([
            new ResultTable("groups", [.. by.Variables, "n", "n.event", "observed", "expected"], isAnyHidden ? [.. rows.Select(r => Less(r, by.Axes.Count))] : rows),
            new ResultTable("test", ["statistic", "df", "p.value"], [test]),
        ]);
    }

    /// <summary>Where one group is hidden, expectations of the others would tell its events.</summary>
    private static ResultRow Less(ResultRow row, int names) =>
        row.Answer == AnswerKind.Value ? row with { Cells = [.. row.Cells.Take(names + 2), ResultCell.Undefined, ResultCell.Undefined] } : row;

    private static ResultCell[] Weighted(LogRankTotals sums, int k, DisclosureRules rules) =>
        rules.Rounding == RoundingMethod.None ? [sums.Observed[k], sums.Expected[k]] : [ResultCell.Undefined, ResultCell.Undefined];
}
