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

/// <summary>Checked parameters of <see cref="NelsonAalenMethod"/>.</summary>
internal sealed class NelsonAalenPlan(ExitTable exits, bool areSplit, Confidence confidence) : MethodPlan(exits)
{
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => new NelsonAalenFinish(exits, areSplit, confidence.Z, noise, rules).From(total);
}
