using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Statistics;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.CumulativeIncidence;

/// <summary>
/// Cumulative incidence of competing causes, and at exact precision Gray's test between groups. Parameters: <c>time</c>, <c>by</c>, <c>grid</c> and <c>confidence</c> as in kaplan-meier (limits on the scale of log F by itself), <c>event</c> (category),
/// <c>censored</c> (the code of those without any event).
/// </summary>
internal sealed class CumulativeIncidenceMethod : Method
{
    public override string Name => "cumulative-incidence";

    public override string Summary => "The probability of each of several causes by each time, where one prevents the others, and Gray's test between groups.";

    public override string Sample => "pbc";

    public override string Example => """
        time: time
        event: status
        censored: "0"
        by: [sex]
        grid: {from: 1, to: 4800, step: 1}
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Time,
        Parameter.Variable("event", "The cause of the event.", VariableType.Category),
        Parameter.Code("censored", "The code of those without any event.").Required(),
        Parameter.By,
        Parameter.Grid,
        Parameter.Confidence,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var exits = ExitTable.ReadCauses(reader, Grouping.Read(reader), "by");
        var confidence = Confidence.ReadForCurves(reader);
        return exits is null ? null : new CumulativeIncidencePlan(exits, confidence);
    }
}

/// <summary>Checked parameters of <see cref="CumulativeIncidenceMethod"/>.</summary>
internal sealed class CumulativeIncidencePlan(ExitTable exits, Confidence confidence) : MethodPlan(exits)
{
    private static readonly string[] Columns = ["time", "n.risk", "n.event", "estimate", "std.error", "conf.low", "conf.high"];

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var (causes, rows, groups, areAllShown) = (exits.Causes.Count, new List<ResultRow>(), new List<List<CauseInterval>>(), true);
        foreach (var names in exits.Grouping.Names())
        {
            var cells = exits.CellsOf(total, groups.Count);
            groups.Add(CauseInterval.Of(cells, causes));
            var shaped = ShapedExits.Of(cells, exits.Times, rules);
            areAllShown &= shaped.Times.Count > 0;
            for (var cause = 0; cause < causes; cause++)
                rows.AddRange(Curve([.. names, exits.Causes[cause]], shaped, cause, NoiseOnIncidence.Variances(noise, (groups.Count - 1) * exits.Stride, cells.ToArray(), groups[^1], cause)));
        }

        var curves = new ResultTable("incidence", [.. exits.Grouping.Variables, "cause", .. Columns], rows);
        return groups.Count < 2 || !noise.IsExact ? new MethodResult(curves) : new MethodResult(curves, new ResultTable("test", ["cause", "statistic", "df", "p.value"], [.. exits.Causes.Select((name, c) => Test(name, c, groups, areAllShown))]));
    }

    private List<ResultRow> Curve(ResultCell[] names, ShapedExits shaped, int cause, double[] ofNoise)
    {
        if (shaped.Times.Count == 0)
            return [ResultRow.Hidden(AnswerKind.Suppressed, names.Length + Columns.Length, names)];
        var (rows, estimate) = (new List<ResultRow>(), new AalenJohansen(cause));
        foreach (var interval in CauseInterval.Of(shaped.Cells, exits.Causes.Count))
        {
            estimate.Next(interval);
            var (f, time, variance) = (estimate.Incidence, shaped.Times[rows.Count], estimate.Variance + ofNoise[shaped.Last[rows.Count]]);
            var limits = Limits.Point(time, interval.AtRisk, interval.Events[cause], interval.Censored, f, variance / (f * f), confidence);
            rows.Add(ResultRow.Of([.. names, (double)time, interval.AtRisk, interval.Events[cause], f, Math.Sqrt(variance), limits.Lower, limits.Upper]));
        }

        return rows;
    }

    private static ResultRow Test(string cause, int index, List<List<CauseInterval>> groups, bool areAllShown)
    {
        if (!areAllShown)
            return ResultRow.Hidden(AnswerKind.Suppressed, 4, cause);
        var (statistic, degrees) = GrayTest.Of(groups, index);
        return ResultRow.Of(cause, statistic, degrees, Distributions.ChiSquareTail(statistic ?? double.NaN, degrees));
    }
}
