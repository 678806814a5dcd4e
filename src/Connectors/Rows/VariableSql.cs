using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;

namespace Consilience.Connectors.Rows;

/// <summary>
/// A variable as a number: a code's position in the schema, false and true as 0 and 1, a date as days since 0001-01-01, a whole number as itself, a decimal number
/// rounded to nine decimals. NULL where the value is missing or does not fit; <see cref="Raw"/> tells the two apart.
/// </summary>
/// <param name="column">Where the variable comes from.</param>
/// <param name="missingTokens">Texts that stand for a missing value in every column.</param>
internal sealed class VariableSql(ColumnMapping column, IReadOnlyList<string> missingTokens)
{
    internal static IReadOnlyList<string> CodesOf(Variable variable) =>
        variable.Type == VariableType.Boolean ? ["false", "true"] : [.. variable.Codes.Select(c => c.Code)];

    /// <summary>Texts that stand for a missing value in this column.</summary>
    internal IReadOnlyList<string> Missing { get; } = [.. missingTokens, .. column.Codes.Where(c => c.Value is null).Select(c => c.Key)];

    /// <summary>Local texts and the positions of their codes.</summary>
    internal IReadOnlyList<(string Local, int Position)> Codes { get; } = CodesIn(column);

    /// <summary>The trimmed text of the cell <paramref name="cell"/>; NULL when missing.</summary>
    internal string Raw(string cell, Sql sql) => Known(Text(cell), sql);

    /// <summary>The trimmed text of a cell; NULL when it is empty.</summary>
    internal static string Text(string cell) => $"nullif(trim(CAST({cell} AS VARCHAR)), '')";

    /// <summary>A trimmed text; NULL when it stands for a missing value.</summary>
    internal static string Known(string text, IReadOnlyList<string> missing, Sql sql) =>
        missing.Count == 0 ? text : $"CASE WHEN {text} IN ({string.Join(", ", missing.Select(sql.Parameter))}) THEN NULL ELSE {text} END";

    internal string Known(string text, Sql sql) => Known(text, Missing, sql);

    /// <summary>The value of the cell, NULL also when it is outside the variable's bounds.</summary>
    internal string Value(string cell, Sql sql) => Bounded(Unbounded(cell, sql), sql);

    /// <summary>The value of the cell, within bounds or not.</summary>
    internal string Unbounded(string cell, Sql sql) => Rounded(Number(Raw(cell, sql), sql));

    /// <summary>The number a known text stands for.</summary>
    internal string Number(string raw, Sql sql) => column.Variable.Type switch
    {
        VariableType.Category or VariableType.Boolean => Code(raw, sql),
        VariableType.Integer or VariableType.Real => Decimal(raw, sql),
        VariableType.Date => $"CAST(date_diff('day', DATE '0001-01-01', CAST(try_strptime({raw}, {sql.Parameter(column.DateFormat)}) AS DATE)) AS BIGINT)",
        _ => throw new System.Diagnostics.UnreachableException("a checked schema has typed variables"),
    };

    /// <summary>A number in the type its variable has: a fraction does not fit a whole-numbered one.</summary>
    internal string Rounded(string number) =>
        column.Variable.Type == VariableType.Integer ? $"CASE WHEN {number} = floor({number}) THEN TRY_CAST({number} AS BIGINT) END" : number;

    internal string Bounded(string number, Sql sql)
    {
        var conditions = new List<string>();
        if (column.Variable.Minimum is { } minimum)
            conditions.Add($"{number} >= {Constant(minimum, sql)}");
        if (column.Variable.Maximum is { } maximum)
            conditions.Add($"{number} <= {Constant(maximum, sql)}");
        return conditions.Count == 0 ? number : $"CASE WHEN {string.Join(" AND ", conditions)} THEN {number} END";
    }

    /// <summary>A constant in the type the variable's values have, so that neither side is converted.</summary>
    internal string Constant(decimal constant, Sql sql) =>
        column.Variable.Type == VariableType.Real || !decimal.IsInteger(constant) || Math.Abs(constant) > long.MaxValue / 2 ? sql.Parameter(constant) : sql.Parameter((long)constant);

    private static List<(string, int)> CodesIn(ColumnMapping column)
    {
        var positions = CodesOf(column.Variable).Select((code, i) => (code, i)).ToDictionary(c => c.code, c => c.i, StringComparer.Ordinal);
        return column.Codes.Count == 0
            ? [.. positions.Select(p => (p.Key, p.Value))]
            : [.. column.Codes.Where(c => c.Value is not null).Select(c => (c.Key, positions[c.Value!]))];
    }

    private string Code(string raw, Sql sql)
    {
        var isBoolean = column.Variable.Type == VariableType.Boolean;
        var branches = Codes.Select(c => $"WHEN {sql.Parameter(isBoolean ? c.Local.ToLowerInvariant() : c.Local)} THEN {c.Position}").ToList();
        return branches.Count == 0 ? "CAST(NULL AS BIGINT)" : $"CAST(CASE {(isBoolean ? $"lower({raw})" : raw)} {string.Join(' ', branches)} END AS BIGINT)";
    }

    /// <summary>Local number × factor in exact decimals; a number too large for them does not fit.</summary>
    private string Decimal(string raw, Sql sql) => column.Factor == 1
        ? $"TRY_CAST({raw} AS DECIMAL(28, 9))"
        : $"TRY_CAST(TRY_CAST({raw} AS DECIMAL(19, 9)) * CAST({sql.Parameter(column.Factor)} AS DECIMAL(18, 9)) AS DECIMAL(28, 9))";
}
