using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Risk;

/// <summary>
/// Odds ratio, risk ratio and risk difference of each level of an exposure against a reference, and their Mantel–Haenszel summaries over strata. Parameters:
/// <c>outcome</c> (boolean, or category with <c>event</c>, the code that counts as having it), <c>exposure</c> (category or boolean), <c>reference</c> (its code; the first without),
/// <c>strata</c> (as <c>by</c> in count), <c>level</c> (0.95).
/// </summary>
internal sealed class RiskMethod : Method
{
    public override string Name => "risk";

    public override string Summary => "Odds ratios, risk ratios and risk differences of an exposure, summed up over strata after Mantel and Haenszel.";

    public override string Example => """
        outcome: rel
        exposure: histol
        reference: "1"
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Variable("outcome", "What may have happened.", VariableType.Boolean, VariableType.Category),
        Parameter.Code("event", "The code of a category that counts as having the outcome."),
        Parameter.Variable("exposure", "What divides persons into levels.", VariableType.Category, VariableType.Boolean),
        Parameter.Code("reference", "The level to compare with; the first code without."),
        Parameter.Strata,
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var outcome = reader.Variable("outcome", VariableType.Boolean, VariableType.Category);
        var occurred = outcome is null ? null : reader.Code("event", Grouping.Coded(outcome), required: outcome.Type == VariableType.Category) ?? "true";
        var exposure = reader.Variable("exposure", VariableType.Category, VariableType.Boolean);
        var reference = exposure is null ? null : reader.Code("reference", Grouping.Coded(exposure), required: false);
        var strata = Grouping.Read(reader, "strata");
        var confidence = Confidence.Read(reader);
        if (outcome is null || exposure is null)
            return null;
        var axis = Grouping.Coded(exposure);
        var all = strata.Then(new Grouping([axis, Grouping.Coded(outcome)]), reader, "strata");
        if (outcome.Name == exposure.Name)
            reader.Add("exposure", "another variable than the outcome", $"'{exposure.Name}'", "name another variable");
        return occurred is null ? null : new RiskPlan(PersonTable.Of(all, reader, "strata"), strata, axis, reference ?? axis.Codes[0], occurred, confidence);
    }
}

/// <summary>Checked parameters of <see cref="RiskMethod"/>. The table's axes: strata, exposure, outcome.</summary>
internal sealed class RiskPlan(PersonTable table, Grouping strata, CodeAxis exposure, string reference, string occurred, Confidence confidence) : MethodPlan(table)
{
    internal Grouping Strata => strata;

    internal CodeAxis Exposure => exposure;

    internal int Reference => exposure.IndexOf(reference);

    internal double Z => confidence.Z;

    private CodeAxis Outcome => (CodeAxis)table.Grouping.Axes[^1];

    /// <summary>Sampling variances of the summaries rest on many strata at once; what noise does to them is not known well enough to promise a coverage.</summary>
    public override string? ObjectionToNoise => strata.Axes.Count == 0 ? null : "summaries over strata have no proven interval under noise; ask without 'strata' within cohorts, or ask grouped-hazards";

    /// <summary>How many counters make up the persons without the outcome.</summary>
    internal int CellsWithout => Outcome.Length - 1;

    /// <summary>Persons with and without the outcome, of one stratum and level, as opened.</summary>
    internal (long With, long Without) At(ReadOnlySpan<long> total, int stratum, int level)
    {
        var cells = total.Slice(((stratum * exposure.Length) + level) * Outcome.Length, Outcome.Length);
        long all = 0;
        foreach (var cell in cells)
            all += cell;
        var with = cells[Outcome.IndexOf(occurred)];
        return (with, all - with);
    }

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => RiskFinish.From(total, this, noise, rules);
}
