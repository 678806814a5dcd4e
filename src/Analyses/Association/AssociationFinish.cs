using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Statistics;
using Consilience.Analyses.Sums;

namespace Consilience.Analyses.Association;

/// <summary>
/// The table and its tests, as R's <c>chisq.test</c> and <c>fisher.test</c> have them. Under disclosure presets a small cell hides the tests; where presets round, they are
/// computed from rounded cells.
/// </summary>
internal static class AssociationFinish
{
    private static readonly string[] Tests = ["test", "statistic", "parameter", "p.value", "estimate", "conf.low", "conf.high"];

    internal static MethodResult From(ReadOnlySpan<long> total, PersonTable table, DisclosureRules rules)
    {
        var axes = table.Grouping.Axes;
        var counts = new long[axes[0].Length, axes[1].Length];
        var (rows, isHidden, cell) = (new List<ResultRow>(), false, 0);
        foreach (var names in table.Grouping.Names())
        {
            var kind = rules.KindOf(total[cell]);
            isHidden |= kind == AnswerKind.Suppressed;
            var shown = counts[cell / axes[1].Length, cell % axes[1].Length] = rules.Round(total[cell]);
            rows.Add(kind == AnswerKind.Suppressed ? ResultRow.Hidden(kind, 3, names) : ResultRow.Of([.. names, (double)shown]));
            cell++;
        }

        return new MethodResult([
            new ResultTable("table", [axes[0].Variable, axes[1].Variable, "n"], rows),
            new ResultTable("tests", Tests, [.. TestsOf(counts).Select(r => isHidden ? ResultRow.Hidden(AnswerKind.Suppressed, Tests.Length, r.Cells[0]) : r)]),
        ]);
    }

    private static IEnumerable<ResultRow> TestsOf(long[,] counts)
    {
        foreach (var correct in counts.Length == 4 ? [false, true] : new[] { false })
        {
            var (statistic, degrees, p) = ChiSquare(counts, correct);
            yield return ResultRow.Of(correct ? "chi-square, continuity corrected" : "chi-square", statistic, (double)degrees, p, ResultCell.Undefined, ResultCell.Undefined, ResultCell.Undefined);
        }

        var fisher = FisherExact.Of(counts);
        yield return ResultRow.Of("Fisher exact", ResultCell.Undefined, ResultCell.Undefined, fisher.P, fisher.OddsRatio, fisher.Lower, fisher.Upper);
    }

    private static (double Statistic, int Degrees, double? P) ChiSquare(long[,] counts, bool correct)
    {
        var (rows, columns, n) = Margins.Of(counts);
        var correction = 0.5;
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
                correction = Math.Min(correction, Math.Abs(counts[i, j] - ((double)rows[i] * columns[j] / n)));
        }

        double statistic = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                var expected = (double)rows[i] * columns[j] / n;
                var distance = Math.Abs(counts[i, j] - expected) - (correct ? correction : 0);
                statistic += distance * distance / expected;
            }
        }

        var degrees = (rows.Length - 1) * (columns.Length - 1);
        return (statistic, degrees, Distributions.ChiSquareTail(statistic, degrees));
    }
}
