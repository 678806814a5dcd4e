using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;

namespace Consilience.Connectors.Rows;

/// <summary>A cohort expression as a condition over the projected variables. Constants are parameters; names come from the schema.</summary>
internal static class CohortSql
{
    internal static string Compile(CohortExpression cohort, StudySchema schema, Sql sql) =>
        cohort.Root is null ? "TRUE" : Compile(cohort.Root, schema, sql);

    private static string Compile(CohortNode node, StudySchema schema, Sql sql) => node switch
    {
        AndNode and => Join(and.Operands, " AND ", schema, sql),
        OrNode or => Join(or.Operands, " OR ", schema, sql),
        MissingNode missing => $"{Sql.Name(missing.Variable)} IS {(missing.IsMissing ? "" : "NOT ")}NULL",
        CodesNode codes => Codes(codes, schema.Find(codes.Variable)!, sql),
        CompareNode compare => $"{Sql.Name(compare.Variable)} {Symbol(compare.Comparison)} {sql.Parameter(compare.Constant)}",
        SetNode set => $"{Sql.Name(set.Variable)} {(set.IsIn ? "IN" : "NOT IN")} ({string.Join(", ", set.Constants.Select(c => sql.Parameter(c)))})",
        _ => throw new System.Diagnostics.UnreachableException("a cohort has six kinds of node"),
    };

    private static string Join(IReadOnlyList<CohortNode> operands, string word, StudySchema schema, Sql sql) =>
        $"({string.Join(word, operands.Select(o => Compile(o, schema, sql)))})";

    /// <summary>No code of a set: false for a known value, unknown for a missing one.</summary>
    private static string Codes(CodesNode node, Variable variable, Sql sql)
    {
        var all = VariableSql.CodesOf(variable).ToList();
        return node.Codes.Count == 0
            ? $"({Sql.Name(node.Variable)} IS NULL AND NULL)"
            : $"{Sql.Name(node.Variable)} IN ({string.Join(", ", node.Codes.Select(c => sql.Parameter((long)all.IndexOf(c))))})";
    }

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
