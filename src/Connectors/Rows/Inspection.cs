using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;

namespace Consilience.Connectors.Rows;

/// <summary>Cells that are neither missing nor fitting, and the first row (counted from 1, below the header) that has one, with its file.</summary>
internal sealed record UnfitCells(long Count, string? File, long FirstRow);

/// <summary>Rows, persons with several rows, and rows that name nobody.</summary>
internal sealed record PersonCheck(long Rows, long Repeated, long Unidentified);

/// <summary>Looks once through a new snapshot for what would make answers wrong.</summary>
/// <param name="mapping">What the files should hold.</param>
/// <param name="source">The files.</param>
/// <param name="engine">Holds <paramref name="mapped"/>.</param>
/// <param name="mapped">The table of all rows of CSV files, mapped already; null where only a choice of them is.</param>
internal sealed class Inspection(DataMapping mapping, DataSource source, Engine engine, string? mapped)
{
    internal IReadOnlyDictionary<string, UnfitCells> UnfitCells()
    {
        var counts = mapping.Format == FileFormat.Csv ? CountInOnePass() : mapping.Columns.Select(CountByGroup).ToArray();
        return mapping.Columns.Select((column, i) => (column, count: counts[i])).ToDictionary(
            c => c.column.Variable.Name,
            c => c.count == 0 ? new UnfitCells(0, null, 0) : Located(c.column, c.count),
            StringComparer.Ordinal);
    }

    internal PersonCheck Persons()
    {
        var rows = mapped ?? source.All;
        if (mapping.PersonColumn is not { } column)
            return new PersonCheck(engine.Numbers(new Sql(), $"SELECT count(*) FROM {rows}")[0], 0, 0);
        var sql = new Sql();
        var person = VariableSql.Known(VariableSql.Text(mapped is not null ? MappedRows.Person : Sql.Name(column)), mapping.MissingTokens, sql);
        var numbers = engine.Numbers(
            sql,
            $"SELECT sum(n), count(*) FILTER (WHERE p IS NOT NULL AND n > 1), sum(n) FILTER (WHERE p IS NULL) FROM (SELECT {person} AS p, count(*) AS n FROM {rows} GROUP BY 1)");
        return new PersonCheck(numbers[0], numbers[1], numbers[2]);
    }

    /// <summary>What a cell of the variable should be, in words.</summary>
    internal static string Expected(ColumnMapping column) => column.Variable switch
    {
        { Type: VariableType.Integer or VariableType.Real } v => (v.Type == VariableType.Integer ? "a whole number" : "a number")
            + (v.Minimum is { } least ? $" from {least}" : "") + (v.Maximum is { } most ? $" to {most}" : "") + (column.Factor == 1 ? "" : $" after multiplying by {column.Factor}"),
        { Type: VariableType.Date } => $"a day written as {column.DateFormat}",
        _ => "a code of the study or of the mapping",
    };

    private static string IsUnfit(VariableSql variable, string cell, Sql sql) => $"({variable.Raw(cell, sql)} IS NOT NULL AND {variable.Value(cell, sql)} IS NULL)";

    /// <summary>Mapping costs most, so it is done once for all columns.</summary>
    private long[] CountInOnePass()
    {
        if (mapping.Columns.Count == 0)
            return [];
        var sql = new Sql();
        var rows = mapped ?? MappedRows.Of(mapping, source.All, sql);
        return engine.Numbers(sql, $"SELECT {string.Join(", ", mapping.Columns.Select((_, i) => $"count(*) FILTER (WHERE {MappedRows.IsUnfit(i)})"))} FROM {rows}");
    }

    /// <summary>Mapping cells costs most, so equal ones are mapped once.</summary>
    private long CountByGroup(ColumnMapping column)
    {
        var sql = new Sql();
        return engine.Numbers(
            sql,
            $"SELECT sum(n) FROM (SELECT {Sql.Name(column.Column)} AS g, count(*) AS n FROM {source.All} GROUP BY 1) WHERE {IsUnfit(VariableOf(column), "g", sql)}")[0];
    }

    private UnfitCells Located(ColumnMapping column, long count)
    {
        foreach (var file in mapping.Files)
        {
            var sql = new Sql();
            var first = engine.Numbers(
                sql,
                $"SELECT min(r) FROM (SELECT row_number() OVER () AS r, {IsUnfit(VariableOf(column), Sql.Name(column.Column), sql)} AS f FROM {source.Of([file])}) WHERE f")[0];
            if (first > 0)
                return new UnfitCells(count, Path.GetFileName(file), first);
        }

        return new UnfitCells(count, null, 0);
    }

    private VariableSql VariableOf(ColumnMapping column) => new(column, mapping.MissingTokens);
}
