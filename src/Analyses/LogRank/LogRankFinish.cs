using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Statistics;
using Consilience.Analyses.Sums;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.LogRank;

/// <summary>
/// Harrington and Fleming 1982, as R's <c>survdiff</c>: at each time events of group k less their expectation d·n_k/n, weighted with S^ρ of everyone in the stratum just before, with the
/// hypergeometric variance; summed over times and strata. χ² = z′V⁻z over the groups in which events are expected, one of them left out.
/// Under disclosure presets a group with few persons or few events hides the test, and expected events are not shown where presets round.
/// </summary>
internal static class LogRankFinish
{
    internal static MethodResult From(ReadOnlySpan<long> total, ExitTable table, Grouping by, int strata, double rho, DisclosureRules rules)
    {
        var sums = new Sums((int)by.Count);
        for (var stratum = 0; stratum < strata; stratum++)
            Add(sums, total, table, stratum, strata, rho);
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

    private static ResultCell[] Weighted(Sums sums, int k, DisclosureRules rules) =>
        rules.Rounding == RoundingMethod.None ? [sums.Observed[k], sums.Expected[k]] : [ResultCell.Undefined, ResultCell.Undefined];

    private static void Add(Sums sums, ReadOnlySpan<long> total, ExitTable table, int stratum, int strata, double rho)
    {
        var groups = sums.Persons.Length;
        var atRisk = new long[groups];
        for (var k = 0; k < groups; k++)
        {
            var exits = new Exits(table.CellsOf(total, (k * strata) + stratum));
            atRisk[k] = exits.Persons;
            sums.Persons[k] += exits.Persons;
            sums.Events[k] += exits.Events;
        }

        double survival = 1;
        var (events, exited) = (new long[groups], new long[groups]);
        for (var j = 0; j < table.Times.Count; j++)
        {
            for (var k = 0; k < groups; k++)
            {
                (events[k], var censored) = new Exits(table.CellsOf(total, (k * strata) + stratum)).At(j);
                exited[k] = events[k] + censored;
            }

            var (n, d) = (atRisk.Sum(), events.Sum());
            if (d > 0)
            {
                sums.Add(events, atRisk, d, n, Math.Pow(survival, rho));
                survival *= (double)(n - d) / n;
            }

            for (var k = 0; k < groups; k++)
                atRisk[k] -= exited[k];
        }
    }

    private sealed class Sums(int groups)
    {
        private readonly double[,] variance = new double[groups, groups];

        internal long[] Persons { get; } = new long[groups];

        internal long[] Events { get; } = new long[groups];

        internal double[] Observed { get; } = new double[groups];

        internal double[] Expected { get; } = new double[groups];

        internal void Add(long[] events, long[] atRisk, long d, long n, double weight)
        {
            var spread = n > 1 ? weight * weight * d * (n - d) / (n - 1) : 0;
            for (var k = 0; k < groups; k++)
            {
                var share = (double)atRisk[k] / n;
                Observed[k] += weight * events[k];
                Expected[k] += weight * d * share;
                for (var l = 0; l < groups; l++)
                    variance[k, l] += spread * share * ((k == l ? 1 : 0) - ((double)atRisk[l] / n));
            }
        }

        /// <summary>Null without two groups in which events are expected.</summary>
        internal (double? Statistic, int Degrees) Test()
        {
            var used = Enumerable.Range(0, groups).Where(k => Expected[k] > 0).Skip(1).ToArray();
            if (used.Length == 0)
                return (null, 0);
            var z = Vector<double>.Build.Dense([.. used.Select(k => Observed[k] - Expected[k])]);
            var v = Matrix<double>.Build.Dense(used.Length, used.Length, (i, j) => variance[used[i], used[j]]);
            var statistic = z.DotProduct(v.Solve(z));
            return (double.IsFinite(statistic) ? statistic : null, used.Length);
        }
    }
}
