using Consilience.Analyses.Disclosure;

namespace Consilience.Analyses.NetSurvival;

/// <summary>
/// Ederer II (Ederer and Heise 1959): S = Π (1 − (D − E)/P)^k over intervals of k days, the hazard of each day in an interval taken to be the same; Var log S = Σ k²·D/P². Pohar Perme (Perme, Stare and Estève 2012): with
/// Σw′ of deaths for D, Σwh for E, and Σw′ and Σw over person-days for their P. On a grid of days these are relsurv's, one factor a day. Under disclosure presets neighbouring intervals are taken together until deaths and persons
/// who come or go are none or enough; where presets round, deaths and persons at risk are rounded and what is summed over them is changed in proportion.
/// </summary>
internal sealed class NetSurvivalFinish(NetSurvivalSums sums, double z, DisclosureRules rules)
{
    private static readonly string[] Columns = ["estimator", "time", "n.risk", "n.event", "n.expected", "cumulative.hazard", "estimate", "std.error", "conf.low", "conf.high"];

    internal MethodResult From(ReadOnlySpan<long> total)
    {
        var (rows, group) = (new List<ResultRow>(), 0);
        foreach (var names in sums.Grouping.Names())
        {
            var intervals = Shape(Intervals(total.Slice(NetSurvivalSums.Heads + (group++ * sums.Stride), sums.Stride)));
            foreach (var estimator in new[] { "ederer-2", "pohar-perme" })
            {
                rows.AddRange(intervals.Count == 0
                    ? [ResultRow.Hidden(AnswerKind.Suppressed, names.Length + Columns.Length, [.. names, estimator])]
                    : Curve([.. names, estimator], intervals, isNet: estimator == "pohar-perme"));
            }
        }

        var isHidden = rules.KindOf(total[0]) == AnswerKind.Suppressed;
        return new MethodResult(
            new ResultTable("survival", [.. sums.Grouping.Variables, .. Columns], rows),
            new ResultTable("persons", ["n", "outside", "beyond"], [isHidden ? ResultRow.Hidden(AnswerKind.Suppressed, 3) : ResultRow.Of(rules.Round(total[0]), Shown(total[1]), Shown(total[2]))]));
    }

    private double? Shown(long persons) => rules.KindOf(persons) == AnswerKind.Suppressed ? null : rules.Round(persons);

    private List<IntervalTotals> Intervals(ReadOnlySpan<long> opened)
    {
        var intervals = new List<IntervalTotals>();
        for (var j = 0; j < sums.Edges.Count; j++)
            intervals.Add(IntervalTotals.Of(sums.Edges[j] - (j == 0 ? 0 : sums.Edges[j - 1]), opened.Slice(j * NetSurvivalSums.Columns, NetSurvivalSums.Columns)));
        return intervals;
    }

    /// <summary>As rules let them be shown; none where the first persons at risk are too few.</summary>
    private List<IntervalTotals> Shape(List<IntervalTotals> intervals)
    {
        if (rules.Presets.Count == 0)
            return intervals;
        var shaped = new List<IntervalTotals>();
        IntervalTotals? open = null;
        for (var j = 0; j < intervals.Count; j++)
        {
            open = open?.Then(intervals[j]) ?? intervals[j];
            if (IsSmall(open.AtRisk))
                break;
            var change = j + 1 < intervals.Count ? Math.Abs(open.AtRisk - intervals[j + 1].AtRisk - open.Deaths) : 0;
            if (IsSmall(open.Deaths) || IsSmall(change))
                continue;
            shaped.Add(Rounded(open));
            open = null;
        }

        return shaped;
    }

    private bool IsSmall(long count) => rules.KindOf(count) == AnswerKind.Suppressed;

    private IntervalTotals Rounded(IntervalTotals totals)
    {
        var (atRisk, deaths) = (rules.Round(totals.AtRisk), rules.Round(totals.Deaths));
        var (ofRisk, ofDeaths) = (totals.AtRisk == 0 ? 1 : atRisk / (double)totals.AtRisk, totals.Deaths == 0 ? 1 : deaths / (double)totals.Deaths);
        return new(
            totals.Width, atRisk, deaths, totals.PersonDays * ofRisk, totals.Expected * ofRisk, totals.WeightAtEnd * ofRisk, totals.Weight * ofRisk, totals.WeightedExpected * ofRisk,
            totals.WeightOfDeaths * ofDeaths, totals.SquaresOfDeaths * ofDeaths);
    }

    private List<ResultRow> Curve(ResultCell[] names, List<IntervalTotals> intervals, bool isNet)
    {
        var rows = new List<ResultRow>();
        double hazard = 0, survival = 1, variance = 0, time = 0;
        foreach (var i in intervals)
        {
            // Without anybody under observation nothing is known from here on: 0/0.
            var step = isNet ? (i.WeightOfDeaths / i.WeightAtEnd) - (i.WeightedExpected / i.Weight) : (i.Deaths - i.Expected) / i.PersonDays;
            hazard += i.Width * step;
            survival *= Math.Pow(1 - step, i.Width);
            variance += (double)i.Width * i.Width * (isNet ? i.SquaresOfDeaths / (i.WeightAtEnd * i.WeightAtEnd) : i.Deaths / (i.PersonDays * i.PersonDays));
            var error = Math.Sqrt(variance);
            rows.Add(ResultRow.Of([.. names, time += i.Width, i.AtRisk, i.Deaths, i.Expected, hazard, survival, survival * error, survival * Math.Exp(-z * error), survival * Math.Exp(z * error)]));
        }

        return rows;
    }
}
