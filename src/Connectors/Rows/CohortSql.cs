using Consilience.Analyses.Cohorts;

namespace Consilience.Connectors.Rows;

/// <summary>A cohort expression as a condition over stored columns. Constants are parameters; names come from the schema and the mapping.</summary>
internal static class CohortSql
{
    internal static string Compile(CohortExpression cohort, Func<string, StoredColumn> columnOf, Sql sql) =>
        cohort.Root is null ? "TRUE" : Compile(cohort.Root, columnOf, sql);

    private static string Compile(CohortNode node, Func<string, StoredColumn> columnOf, Sql sql) => node switch
    {
        AndNode and => Join(and.Operands, " AND ", columnOf, sql),
        OrNode or => Join(or.Operands, " OR ", columnOf, sql),
        MissingNode missing => Value(columnOf(missing.Variable), sql) + (missing.IsMissing ? " IS NULL" : " IS NOT NULL"),
        CodesNode codes => columnOf(codes.Variable).IsIn(codes.Codes.ToHashSet(StringComparer.Ordinal), sql),
        CompareNode compare => $"{Value(columnOf(compare.Variable), sql)} {Symbol(compare.Comparison)} {columnOf(compare.Variable).Constant(compare.Constant, sql)}",
        SetNode set => $"{Value(columnOf(set.Variable), sql)} {(set.IsIn ? "IN" : "NOT IN")} ({string.Join(", ", set.Constants.Select(c => columnOf(set.Variable).Constant(c, sql)))})",
        _ => throw new System.Diagnostics.UnreachableException("a cohort has six kinds of node"),
    };

    private static string Value(StoredColumn column, Sql sql) => column.Value(column.Cell, sql);

    private static string Join(IReadOnlyList<CohortNode> operands, string word, Func<string, StoredColumn> columnOf, Sql sql) =>
        $"({string.Join(word, operands.Select(o => Compile(o, columnOf, sql)))})";

    private static string Symbol(Comparison comparison) => comparison switch
    {
        Comparison.Equal => "=",
        Comparison.NotEqual => "<>",
        Comparison.Less => "<",
        Comparison.AtMost => "<=",
        Comparison.Greater => ">",
        Comparison.AtLeast => ">=",
        _ => throw new System.Diagnostics.UnreachableException("a comparison is specified"),
    };
}
