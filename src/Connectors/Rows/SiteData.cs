using System.Security.Cryptography;
using System.Text;
using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using DuckDB.NET.Data;

namespace Consilience.Connectors.Rows;

/// <summary>
/// The site's data cannot be used. <see cref="Code"/> is all that may leave the site; the message and inner exception are for its own operator and log.
/// </summary>
public sealed class SiteDataException(RefusalCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public RefusalCode Code { get; } = code;
}

/// <summary>
/// A site's rows, read where they lie and seen through a mapping as a study's variables. CSV is parsed once into memory and again when a file changes; Parquet is read in
/// place by every question, and only the columns it needs. <b>Guarantee:</b> the engine may read the mapped files and nothing else; a cell that is neither missing nor fitting
/// its variable makes every question about that variable fail, rather than dropping a person unseen.
/// </summary>
public sealed class SiteData : IDisposable
{
    private readonly Lock gate = new();
    private readonly DuckDBConnection connection;
    private string stamp = "";

    private SiteData(DataMapping mapping, StudySchema schema, DuckDBConnection connection)
    {
        Mapping = mapping;
        Schema = schema;
        this.connection = connection;
    }

    public DataMapping Mapping { get; }

    public StudySchema Schema { get; }

    /// <summary>SHA-256 over the files as they were last read: another digest, other data.</summary>
    public Digest Snapshot { get; private set; } = Digest.Of([]);

    /// <summary>Number of cells of each variable that are neither missing nor fitting, and the first row that has one.</summary>
    internal IReadOnlyDictionary<string, UnfitCells> Unfit { get; private set; } = new Dictionary<string, UnfitCells>(StringComparer.Ordinal);

    internal PersonCheck Persons { get; private set; } = new(0, 0, 0);

    /// <exception cref="SiteDataException">The files cannot be read, or a mapped column is not in them.</exception>
    public static SiteData Open(DataMapping mapping, StudySchema schema)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        ArgumentNullException.ThrowIfNull(schema);
        var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        var data = new SiteData(mapping, schema, connection);
        try
        {
            data.Confine();
            data.Refresh();
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>The rows of a cohort.</summary>
    public ITabulator Select(CohortExpression cohort) => new CohortRows(this, cohort);

    /// <summary>Number of persons in a cohort. Exact: it must not leave the site.</summary>
    public long CountPersons(CohortExpression cohort)
    {
        ArgumentNullException.ThrowIfNull(cohort);
        var count = new long[1];
        Select(cohort).Tabulate([], count);
        return count[0];
    }

    public void Dispose() => connection.Dispose();

    /// <summary>Runs a query over the current rows; <paramref name="write"/> gives its text from a source that has <paramref name="variables"/> as columns.</summary>
    internal void Query(IReadOnlyCollection<string> variables, Func<string, Sql, string> write, Action<DuckDBDataReader> row)
    {
        lock (gate)
        {
            Refresh();
            foreach (var variable in variables)
                RequireFit(variable);
            var sql = new Sql();
            var source = Mapping.Format == FileFormat.Csv ? "rows" : $"({Projection(Mapping.Columns.Where(c => variables.Contains(c.Variable.Name)), sql)})";
            Run(sql, write(source, sql), row);
        }
    }

    /// <summary>The files as one table of text (CSV) or typed (Parquet) columns.</summary>
    internal string Source
    {
        get
        {
            var files = $"[{string.Join(", ", Mapping.Files.Select(Sql.Literal))}]";
            return Mapping.Format == FileFormat.Csv
                ? $"read_csv({files}, header = true, all_varchar = true, auto_detect = false, delim = {Sql.Literal(Mapping.Delimiter.ToString())}, quote = '\"', escape = '\"', columns = {HeaderColumns()})"
                : $"read_parquet({files})";
        }
    }

    internal void Run(Sql sql, string text, Action<DuckDBDataReader>? row = null)
    {
        try
        {
            using var command = sql.On(connection, text);
            using var reader = command.ExecuteReader();
            while (reader.Read())
                row?.Invoke(reader);
        }
        catch (DuckDBException e)
        {
            // The engine's message may quote a cell: it goes to the local log as the inner exception, never further.
            throw new SiteDataException(RefusalCode.DataUnreadable, "data: the files could not be read; run 'consilience site check' on this machine", e);
        }
    }

    private void RequireFit(string variable)
    {
        if (Unfit.TryGetValue(variable, out var unfit) && unfit.Count > 0)
        {
            var column = Mapping.Columns.First(c => c.Variable.Name == variable).Column;
            throw new SiteDataException(
                RefusalCode.DataUnreadable,
                $"column {column}: {unfit.Count} cells do not fit {variable} (first in row {unfit.FirstRow}); correct them, or map them in the mapping file ('missing:' or 'codes:')");
        }

        if (Persons.Repeated > 0 || Persons.Unidentified > 0)
        {
            throw new SiteDataException(
                RefusalCode.NotOneRowPerPerson,
                $"person column {Mapping.PersonColumn}: {Persons.Repeated} persons have several rows and {Persons.Unidentified} rows name nobody (expected one row a person); make a table with one row a person");
        }
    }

    /// <summary>No extensions, no network, no file but the mapped ones, and no way to change that by a later statement.</summary>
    private void Confine()
    {
        var paths = string.Join(", ", Mapping.Files.Select(Sql.Literal));
        string[] settings =
        [
            "SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false", "SET allow_community_extensions = false",
            "SET preserve_insertion_order = true", $"SET allowed_paths = [{paths}]", "SET enable_external_access = false", "SET lock_configuration = true",
        ];
        foreach (var setting in settings)
            Run(new Sql(), setting);
    }

    /// <summary>Reads the files again when one has changed since.</summary>
    private void Refresh()
    {
        var now = string.Join('|', Mapping.Files.Select(f => new FileInfo(f)).Select(f => f.Exists ? $"{f.FullName}:{f.Length}:{f.LastWriteTimeUtc.Ticks}" : "-"));
        if (now == stamp)
            return;
        try
        {
            Snapshot = ContentDigest();
        }
        catch (IOException e)
        {
            throw new SiteDataException(RefusalCode.DataUnreadable, "data: a mapped file is not there or not readable", e);
        }

        RequireColumns();
        if (Mapping.Format == FileFormat.Csv)
        {
            var sql = new Sql();
            Run(sql, $"CREATE OR REPLACE TEMP TABLE rows AS {Projection(Mapping.Columns, sql)}");
        }

        var inspection = new Inspection(this);
        Unfit = inspection.UnfitCells();
        Persons = inspection.Persons();
        stamp = now;
    }

    private string Projection(IEnumerable<ColumnMapping> columns, Sql sql)
    {
        var list = columns.Select(c => $"{VariableSql.Value(c, Mapping, sql)} AS {Sql.Name(c.Variable.Name)}").ToList();
        return $"SELECT {(list.Count == 0 ? "1" : string.Join(", ", list))} FROM {Source}";
    }

    private void RequireColumns()
    {
        var present = new List<string>();
        Run(new Sql(), $"SELECT column_name FROM (DESCRIBE SELECT * FROM {Source})", r => present.Add(r.GetString(0)));
        var wanted = Mapping.Columns.Select(c => c.Column).Concat(Mapping.PersonColumn is { } person ? [person] : []);
        var absent = wanted.Where(c => !present.Contains(c)).Distinct().ToList();
        if (absent.Count > 0)
            throw new SiteDataException(RefusalCode.DataUnreadable, string.Join("; ", absent.Select(c => $"column {c}: not in the file ({Suggestion.For(c, present)})")));
    }

    private string HeaderColumns()
    {
        using var reader = new StreamReader(Mapping.Files[0], Encoding.UTF8);
        var header = CsvHeader.Split(reader.ReadLine() ?? "", Mapping.Delimiter);
        return $"{{{string.Join(", ", header.Select(h => $"{Sql.Literal(h)}: 'VARCHAR'"))}}}";
    }

    private Digest ContentDigest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        foreach (var file in Mapping.Files)
        {
            using var stream = File.OpenRead(file);
            hash.AppendData(BitConverter.GetBytes(stream.Length));
            for (int read; (read = stream.Read(buffer)) > 0;)
                hash.AppendData(buffer, 0, read);
        }

        return Digest.FromHash(hash.GetHashAndReset());
    }
}
