using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;

namespace Consilience.Connectors.Rows;

/// <summary>
/// A variable as a number: a code's position in the schema, false and true as 0 and 1, a date as days since 0001-01-01, a whole number as itself, a decimal number
/// rounded to nine decimals. NULL where the value is missing or does not fit; <see cref="Raw"/> tells the two apart.
/// </summary>
internal static class VariableSql
{
    /// <summary>The trimmed text of the cell; NULL when missing.</summary>
    internal static string Raw(ColumnMapping column, DataMapping mapping, Sql sql)
    {
        var text = $"nullif(trim(CAST({Sql.Name(column.Column)} AS VARCHAR)), '')";
        string[] missing = [.. mapping.MissingTokens, .. column.Codes.Where(c => c.Value is null).Select(c => c.Key)];
        return missing.Length == 0 ? text : $"CASE WHEN {text} IN ({string.Join(", ", missing.Select(sql.Parameter))}) THEN NULL ELSE {text} END";
    }

    internal static string Value(ColumnMapping column, DataMapping mapping, Sql sql)
    {
        var raw = Raw(column, mapping, sql);
        return column.Variable.Type switch
        {
            VariableType.Category or VariableType.Boolean => Code(column, raw, sql),
            VariableType.Integer => Bounded(column.Variable, Whole($"TRY_CAST({raw} AS DECIMAL(28, 9))", column.Factor, sql), sql),
            VariableType.Real => Bounded(column.Variable, $"CAST({Scaled($"TRY_CAST({raw} AS DECIMAL(28, 9))", column.Factor, sql)} AS DECIMAL(28, 9))", sql),
            VariableType.Date => $"CAST(date_diff('day', DATE '0001-01-01', CAST(try_strptime({raw}, {sql.Parameter(column.DateFormat)}) AS DATE)) AS BIGINT)",
            _ => throw new System.Diagnostics.UnreachableException("a checked schema has typed variables"),
        };
    }

    internal static IReadOnlyList<string> CodesOf(Variable variable) =>
        variable.Type == VariableType.Boolean ? ["false", "true"] : [.. variable.Codes.Select(c => c.Code)];

    private static string Code(ColumnMapping column, string raw, Sql sql)
    {
        var codes = CodesOf(column.Variable);
        var text = column.Variable.Type == VariableType.Boolean ? $"lower({raw})" : raw;
        var pairs = column.Codes.Count == 0
            ? codes.Select((code, i) => (Local: code, Index: i))
            : column.Codes.Where(c => c.Value is not null).Select(c => (Local: c.Key, Index: codes.ToList().IndexOf(c.Value!)));
        var branches = pairs.Select(p => $"WHEN {sql.Parameter(column.Variable.Type == VariableType.Boolean ? p.Local.ToLowerInvariant() : p.Local)} THEN {p.Index}");
        return $"CAST(CASE {text} {string.Join(' ', branches)} END AS BIGINT)";
    }

    private static string Scaled(string number, decimal factor, Sql sql) =>
        factor == 1 ? number : $"TRY_CAST(CAST({number} AS DECIMAL(18, 6)) * CAST({sql.Parameter(factor)} AS DECIMAL(18, 9)) AS DECIMAL(28, 9))";

    private static string Whole(string number, decimal factor, Sql sql)
    {
        var scaled = Scaled(number, factor, sql);
        return $"CASE WHEN {scaled} = floor({scaled}) THEN CAST({scaled} AS BIGINT) END";
    }

    private static string Bounded(Variable variable, string number, Sql sql)
    {
        var conditions = new List<string>();
        if (variable.Minimum is { } minimum)
            conditions.Add($"{number} >= {sql.Parameter(minimum)}");
        if (variable.Maximum is { } maximum)
            conditions.Add($"{number} <= {sql.Parameter(maximum)}");
        return conditions.Count == 0 ? number : $"CASE WHEN {string.Join(" AND ", conditions)} THEN {number} END";
    }
}
