using Consilience.Connectors.Mapping;

namespace Consilience.Connectors.Rows;

/// <summary>
/// Text rows with every mapped column brought to its variable's value, in selections that lie in one another: each names the result of the one within, so that the engine
/// computes no step twice however often the next one needs it.
/// </summary>
internal static class MappedRows
{
    /// <summary>The column as its file has it, for naming persons.</summary>
    internal const string Person = "consilience_person";

    /// <summary>The value of a column: NULL where it is missing or does not fit.</summary>
    internal static string Value(int column) => $"v{column}";

    /// <summary>Whether a column's cell is neither missing nor fitting.</summary>
    internal static string IsUnfit(int column) => $"u{column}";

    /// <summary>A selection with the columns above for every row of <paramref name="table"/>, and its columns <paramref name="further"/> as they are.</summary>
    internal static string Of(DataMapping mapping, string table, Sql sql, params string[] further)
    {
        var variables = mapping.Columns.Select((c, i) => (Sql: new VariableSql(c, mapping.MissingTokens), Cell: Sql.Name(c.Column), Index: i)).ToList();
        string[] person = mapping.PersonColumn is { } name ? [$"{Sql.Name(name)} AS {Person}", .. further] : further;
        string[] kept = mapping.PersonColumn is null ? further : [Person, .. further];
        string Level(string within, IEnumerable<string> columns) => $"(SELECT {string.Join(", ", columns.Append("1 AS present"))} FROM {within})";

        var texts = Level(table, [.. person, .. variables.Select(v => $"{VariableSql.Text(v.Cell)} AS t{v.Index}")]);
        var raw = Level(texts, [.. kept, .. variables.Select(v => $"{v.Sql.Known($"t{v.Index}", sql)} AS r{v.Index}")]);
        var numbers = Level(raw, [.. kept, .. variables.SelectMany(v => new[] { $"r{v.Index}", $"{v.Sql.Number($"r{v.Index}", sql)} AS n{v.Index}" })]);
        var whole = Level(numbers, [.. kept, .. variables.SelectMany(v => new[] { $"r{v.Index}", $"{v.Sql.Rounded($"n{v.Index}")} AS w{v.Index}" })]);
        var bounded = Level(whole, [.. kept, .. variables.SelectMany(v => new[] { $"r{v.Index}", $"{v.Sql.Bounded($"w{v.Index}", sql)} AS {Value(v.Index)}" })]);
        return Level(bounded, [.. kept, .. variables.SelectMany(v => new[] { Value(v.Index), $"r{v.Index} IS NOT NULL AND {Value(v.Index)} IS NULL AS {IsUnfit(v.Index)}" })]);
    }
}
