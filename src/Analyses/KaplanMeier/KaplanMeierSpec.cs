using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.KaplanMeier;

/// <summary>
/// The Kaplan–Meier curve on a public grid. Parameters: <c>time</c> (integer or real), <c>event</c> (boolean), <c>by</c> (as in count), <c>grid</c> ({from, to, step} or {edges}),
/// <c>confidence</c> ({level, type: log-log | log | plain}; 0.95 and log-log).
/// </summary>
internal sealed class KaplanMeierMethod : Method
{
    public override string Name => "kaplan-meier";

    public override string Summary => "The proportion without the event at each time, with numbers at risk, limits and quartiles.";

    public override string Example => """
        time: edrel
        event: rel
        by: [histol]
        grid: {edges: [180, 365, 730, 1095, 1825, 3650]}
        confidence: {level: 0.95, type: log-log}
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Time,
        Parameter.Event,
        Parameter.By,
        Parameter.Grid,
        Parameter.Confidence,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var exits = ExitTable.Read(reader, Grouping.Read(reader), "by");
        var confidence = Confidence.ReadForCurves(reader);
        return exits is null ? null : new KaplanMeierPlan(exits, confidence);
    }
}

/// <summary>Checked parameters of <see cref="KaplanMeierMethod"/>.</summary>
internal sealed class KaplanMeierPlan(ExitTable exits, Confidence confidence) : MethodPlan(exits)
{
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => KaplanMeierFinish.From(total, exits, confidence, noise, rules);
}
