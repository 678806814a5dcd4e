using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Sums;

namespace Consilience.Analyses.Count;

/// <summary>How many persons are in each cell of a declared grouping. Parameters: <c>by</c>, a list of variables or of {variable, edges}; none for one total.</summary>
internal sealed class CountMethod : Method
{
    public override string Name => "count";

    public override string Summary => "How many persons are in each cell of a declared grouping.";

    public override string Example => """
        by: [stage, histol, {variable: age, edges: [12, 24, 48]}]
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.By.As("Variables with codes, or {variable, edges}: a cell for each combination; without, one total."),
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        return new CountPlan(PersonTable.Of(Grouping.Read(reader), reader, "by"));
    }
}

/// <summary>Checked parameters of <see cref="CountMethod"/>.</summary>
internal sealed class CountPlan(PersonTable table) : MethodPlan(table)
{
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => CountFinish.From(total, table.Grouping, noise, rules);
}
