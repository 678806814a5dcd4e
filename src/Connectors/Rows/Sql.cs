using Consilience.Protocol.Analyse;
using DuckDB.NET.Data;

namespace Consilience.Connectors.Rows;

/// <summary>A statement being written: values go in as parameters only, names as quoted identifiers.</summary>
internal sealed class Sql
{
    private readonly List<object> parameters = [];

    /// <summary>A quoted identifier.</summary>
    internal static string Name(string name) => $"\"{Printable(name).Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A quoted literal: for the few places that take no parameter, with text of the site's own operator only.</summary>
    internal static string Literal(string text) => $"'{Printable(text).Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>The placeholder of a value.</summary>
    internal string Parameter(object value)
    {
        parameters.Add(value);
        return $"${parameters.Count}";
    }

    internal DuckDBCommand On(DuckDBConnection connection, string text)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        for (var i = 0; i < parameters.Count; i++)
            command.Parameters.Add(new DuckDBParameter($"{i + 1}", parameters[i]));
        return command;
    }

    /// <summary>A statement ends at a NUL, so one in a name would cut it short. A tab may be a delimiter.</summary>
    private static string Printable(string text) =>
        text.Any(c => char.IsControl(c) && c != '\t')
            ? throw new SiteDataException(RefusalCode.DataUnreadable, "data: a file or column name holds a control character (expected printable text); rename it")
            : text;
}
