using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Rmst;

/// <summary>
/// The restricted mean survival time. Parameters: <c>time</c>, <c>event</c>, <c>grid</c> and <c>by</c> as in kaplan-meier, <c>horizon</c> (a time after 0, not beyond the
/// grid), <c>level</c> (0.95).
/// </summary>
internal sealed class RmstMethod : Method
{
    public override string Name => "restricted-mean";

    public override string Summary => "The mean time without the event up to a horizon, and how far groups differ in it.";

    public override string Example => """
        time: edrel
        event: rel
        by: [histol]
        grid: {from: 91, to: 1820, step: 91}
        horizon: 1820
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Time,
        Parameter.Event,
        Parameter.By,
        Parameter.Grid,
        Parameter.Number("horizon", "A time after 0, not beyond the grid.").Required(),
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var exits = ExitTable.Read(reader, Grouping.Read(reader), "by");
        var horizon = reader.Number("horizon", "a time after 0, not beyond the grid", required: true);
        var confidence = Confidence.Read(reader);
        if (exits is not null && exits.Times[0] < 0)
            reader.Add("grid", "times from 0 on", $"{exits.Times[0]}", "begin the grid at 0 or later");
        if (exits is not null && (horizon <= 0 || horizon > exits.Times[^1]))
            reader.Add("horizon", $"a time after 0 and at most {exits.Times[^1]}, the end of the grid", $"{horizon}", "extend the grid or choose an earlier horizon");
        return exits is null || horizon is null ? null : new RmstPlan(exits, horizon.Value, confidence);
    }
}

/// <summary>Checked parameters of <see cref="RmstMethod"/>.</summary>
internal sealed class RmstPlan(ExitTable exits, decimal horizon, Confidence confidence) : MethodPlan(exits)
{
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => RmstFinish.From(total, exits, horizon, confidence.Z, noise, rules);
}
