using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Protocol.Analyse;

namespace Consilience.Connectors.Rows;

/// <summary>The mapped files as the engine reads them: one table of text (CSV) or typed (Parquet) columns, whose names are known to hold every mapped one.</summary>
internal sealed class DataSource
{
    private readonly DataMapping mapping;
    private readonly string options = "";
    private readonly Dictionary<string, string> types = new(StringComparer.Ordinal);

    /// <exception cref="SiteDataException">A header is not usable, or a mapped column is not there.</exception>
    internal DataSource(DataMapping mapping, Engine engine)
    {
        this.mapping = mapping;
        if (mapping.Format == FileFormat.Csv)
        {
            foreach (var name in CsvHeader.Read(mapping.Files, mapping.Delimiter))
                types.Add(name, "VARCHAR");
            options = $", header = true, all_varchar = true, auto_detect = false, delim = {Sql.Literal(mapping.Delimiter.ToString())}, quote = '\"', escape = '\"', columns = {{{string.Join(", ", types.Keys.Select(h => $"{Sql.Literal(h)}: 'VARCHAR'"))}}}";
        }
        else
        {
            engine.Run(new Sql(), $"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {Read(mapping.Files)})", r => types[r.GetString(0)] = r.GetString(1));
        }

        if (mapping.HasSite)
            AddSite();
        RequireColumns();
    }

    /// <summary>All files.</summary>
    internal string All => Of(mapping.Files);

    internal string Of(IEnumerable<string> files) => mapping.HasSite ? $"(SELECT *, {Sql.Literal(DataMapping.SiteColumn)} AS {DataMapping.SiteColumn} FROM {Read(files)})" : Read(files);

    internal StoredColumn Stored(int index)
    {
        var column = mapping.Columns[index];
        return new StoredColumn(column, index, mapping.Format == FileFormat.Csv ? Storage.Mapped : StoredColumn.StorageOf(types[column.Column]), mapping.MissingTokens);
    }

    private string Read(IEnumerable<string> files)
    {
        var list = $"[{string.Join(", ", files.Select(Sql.Literal))}]";
        return mapping.Format == FileFormat.Csv ? $"read_csv({list}{options})" : $"read_parquet({list})";
    }

    /// <summary>Names are the same to the engine in upper and lower case.</summary>
    private void AddSite()
    {
        if (types.Keys.FirstOrDefault(k => k.Equals(DataMapping.SiteColumn, StringComparison.OrdinalIgnoreCase)) is { } own)
            throw new SiteDataException(RefusalCode.DataUnreadable, $"column {own}: in the file, and this program's own name for the site's (expected another name); rename the column");
        types.Add(DataMapping.SiteColumn, "VARCHAR");
    }

    private void RequireColumns()
    {
        var wanted = mapping.Columns.Select(c => c.Column).Concat(mapping.PersonColumn is { } person ? [person] : []);
        var absent = wanted.Where(c => !types.ContainsKey(c)).Distinct().ToList();
        if (absent.Count > 0)
            throw new SiteDataException(RefusalCode.DataUnreadable, string.Join("; ", absent.Select(c => $"column {c}: not in the file ({Suggestion.For(c, types.Keys)})")));
    }
}
