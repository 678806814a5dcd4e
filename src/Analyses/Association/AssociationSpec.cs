using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Sums;

namespace Consilience.Analyses.Association;

/// <summary>Whether two groupings of persons are independent. Parameters: <c>rows</c> and <c>columns</c>, each a variable of type category or boolean, or {variable, edges}.</summary>
internal sealed class AssociationMethod : Method
{
    public override string Name => "association";

    public override string Summary => "Whether two groupings are independent: chi-square with and without correction, and Fisher's exact test.";

    public override string Example => """
        rows: histol
        columns: {variable: age, edges: [24, 48]}
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Axis("rows", "A variable with codes, or {variable, edges}: the rows of the table."),
        Parameter.Axis("columns", "Another one: the columns."),
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var (rows, columns) = (Grouping.ReadOne(reader, "rows"), Grouping.ReadOne(reader, "columns"));
        if (rows is null || columns is null)
            return null;
        return new AssociationPlan(PersonTable.Of(rows.Then(columns, reader, "columns"), reader, "rows"));
    }
}

/// <summary>Checked parameters of <see cref="AssociationMethod"/>. The table's axes: rows, columns.</summary>
internal sealed class AssociationPlan(PersonTable table) : MethodPlan(table)
{
    public override string ObjectionToNoise =>
        "tests of independence have no known distribution on noised counts; ask risk, whose intervals include the noise, or count";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => AssociationFinish.From(total, table, rules);
}
