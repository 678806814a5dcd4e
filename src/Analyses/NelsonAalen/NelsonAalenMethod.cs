using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.NelsonAalen;

/// <summary>
/// The cumulative hazard. Parameters: <c>time</c>, <c>event</c>, <c>by</c> and <c>grid</c> as in kaplan-meier, <c>ties</c> (nelson-aalen: tied events at once; fleming-harrington: one after the other),
/// <c>level</c> (0.95).
/// </summary>
internal sealed class NelsonAalenMethod : Method
{
    public override string Name => "nelson-aalen";

    public override string Summary => "The cumulative hazard at each time: Nelson and Aalen's estimate, or Fleming and Harrington's for ties.";

    public override string Example => """
        time: edrel
        event: rel
        by: [histol]
        grid: {edges: [180, 365, 730, 1095, 1825, 3650]}
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Time,
        Parameter.Event,
        Parameter.By,
        Parameter.Grid,
        Parameter.Choice("ties", "Tied events at once, or one after the other; nelson-aalen without.", "nelson-aalen", "fleming-harrington"),
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var exits = ExitTable.Read(reader, Grouping.Read(reader), "by");
        var areSplit = reader.Choice("ties", "nelson-aalen", "fleming-harrington") == "fleming-harrington";
        var confidence = Confidence.Read(reader);
        return exits is null ? null : new NelsonAalenPlan(exits, areSplit, confidence);
    }
}

/// <summary>
/// Checked parameters of <see cref="NelsonAalenMethod"/>. H = Σ d/n with variance Σ d/n²; with split ties Σ 1/(n − i) and Σ 1/(n − i)² over i &lt; d, as R's <c>survfit</c> with <c>ctype</c> 1 and 2. Limits are
/// symmetric for log H.
/// </summary>
internal sealed class NelsonAalenPlan(ExitTable exits, bool areSplit, Confidence confidence) : MethodPlan(exits)
{
    private static readonly string[] Columns = ["time", "n.risk", "n.event", "estimate", "std.error", "conf.low", "conf.high"];

    public override string ObjectionToNoise => "its variance on noised counts is not worked out; ask kaplan-meier, whose curve is exp(−H) nearly and whose limits include the noise";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var (rows, group) = (new List<ResultRow>(), 0);
        foreach (var names in exits.Grouping.Names())
        {
            var shaped = ShapedExits.Of(exits.CellsOf(total, group++), exits.Times, rules);
            rows.AddRange(shaped.Times.Count == 0 ? [ResultRow.Hidden(AnswerKind.Suppressed, names.Length + Columns.Length, names)] : Curve(names, shaped));
        }

        return new MethodResult(new ResultTable("hazard", [.. exits.Grouping.Variables, .. Columns], rows));
    }

    private List<ResultRow> Curve(ResultCell[] names, ShapedExits shaped)
    {
        var rows = new List<ResultRow>();
        var counts = new Exits(shaped.Cells);
        double hazard = 0, variance = 0;
        var atRisk = counts.Persons;
        for (var j = 0; j < shaped.Times.Count; j++)
        {
            var (events, censored) = counts.At(j);
            for (long i = 0; i < (areSplit ? events : Math.Min(1, events)); i++)
            {
                var step = (areSplit ? 1.0 : events) / (atRisk - i);
                hazard += step;
                variance += step * step / (areSplit ? 1 : events);
            }

            var reach = confidence.Z * Math.Sqrt(variance) / hazard;
            ResultCell[] limits = hazard > 0 ? [hazard * Math.Exp(-reach), hazard * Math.Exp(reach)] : [ResultCell.Undefined, ResultCell.Undefined];
            rows.Add(ResultRow.Of([.. names, (double)shaped.Times[j], atRisk, events, hazard, Math.Sqrt(variance), .. limits]));
            atRisk -= events + censored;
        }

        return rows;
    }
}
