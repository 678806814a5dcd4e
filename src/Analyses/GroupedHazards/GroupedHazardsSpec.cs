using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.GroupedHazards;

/// <summary>
/// Hazard ratios without iteration over sites: proportional hazards for grouped time, fitted to the one exit histogram. Parameters: <c>time</c>, <c>event</c> and <c>grid</c> as in kaplan-meier,
/// <c>by</c> the covariates, each a factor whose first code is the reference, <c>reference</c> ({variable: code}, to choose others), <c>level</c> (0.95).
/// </summary>
internal sealed class GroupedHazardsMethod : Method
{
    public override string Name => "grouped-hazards";

    public override string Summary => "Hazard ratios of categorical covariates from one exit histogram, at noised precision too.";

    public override string Example => """
        time: edrel
        event: rel
        by: [histol, stage]
        reference: {stage: "1"}
        grid: {edges: [182.625, 365.25, 547.875, 730.5, 913.125, 1095.75, 1278.375, 1461, 1643.625, 1826.25]}
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Time,
        Parameter.Event,
        Parameter.Axes("by", "Covariates with codes, or {variable, edges}, each a factor.", least: 1),
        Parameter.Grid,
        Parameter.References,
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var by = Grouping.Read(reader);
        var exits = ExitTable.Read(reader, by, "by");
        var references = ReadReferences(reader, by);
        var confidence = Confidence.Read(reader);
        if (by.Count < 2)
            reader.Add("by", "covariates that make two groups or more", $"{by.Count} group", "name the covariates");
        return exits is null ? null : new GroupedHazardsPlan(exits, by, references, confidence);
    }

    /// <summary>Position of each covariate's reference among its bins.</summary>
    private static int[] ReadReferences(ParameterReader reader, Grouping by)
    {
        var positions = new int[by.Axes.Count];
        if (reader.Object("reference", "{variable: code} of covariates with codes", required: false) is not { } references)
            return positions;
        for (var i = 0; i < positions.Length; i++)
        {
            if (by.Axes[i] is CodeAxis axis && references.Code(axis.Variable, axis, required: false) is { } code)
                positions[i] = axis.IndexOf(code);
        }

        references.Finish();
        return positions;
    }
}

/// <summary>Checked parameters of <see cref="GroupedHazardsMethod"/>.</summary>
internal sealed class GroupedHazardsPlan(ExitTable exits, Grouping by, IReadOnlyList<int> references, Confidence confidence) : MethodPlan(exits)
{
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) =>
        GroupedHazardsFinish.From(total, exits, new Design(by, references), confidence.Z, noise, rules);
}
