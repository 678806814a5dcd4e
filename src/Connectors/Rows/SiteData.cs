using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Connectors.Rows;

/// <summary>
/// A site's rows, read where they lie and seen through a mapping as a study's variables. CSV is parsed once into memory and again when a file changes; Parquet is read in
/// place by every question, and only the columns it needs. <b>Guarantees:</b> the engine may read the mapped files and nothing else; no question is answered unless every row is
/// a person of its own; a cell that is neither missing nor fitting its variable makes every question about that variable fail, rather than dropping a person unseen; an answer is
/// of the files as <see cref="Snapshot"/> names them, never of two states mixed.
/// </summary>
public sealed class SiteData : IDisposable
{
    private const int Attempts = 3;

    /// <summary>Persons whose identities are kept: 32 MiB, and the set that passes it.</summary>
    private const long MostKept = 4 << 20;

    /// <summary>Names in the engine: rows numbered, mapped (CSV), and chosen among a person's several (Parquet).</summary>
    private const string RowNumber = "consilience_row_number";
    private const string Mapped = "consilience_rows";
    private const string Chosen = "consilience_chosen";

    /// <summary>Of <see cref="AllRows"/>: whom a row is of, and the row's number among the person's, the chosen one's 1.</summary>
    internal const string Whom = "consilience_whom";
    internal const string Rank = "consilience_rank";

    private readonly Lock gate = new();
    private readonly Engine engine;
    private readonly TimeProvider clock;
    private DataSource? source;
    private Dictionary<string, StoredColumn> columns = new(StringComparer.Ordinal);
    private FileState? state;
    private bool isSettled;

    /// <summary>Whom exact answers were about, of the snapshot: rounds of a fit, and questions of a programme, are about the same.</summary>
    private readonly Dictionary<string, PersonSet> keptPersons = new(StringComparer.Ordinal);

    private SiteData(DataMapping mapping, StudySchema schema, Engine engine, TimeProvider clock)
    {
        Mapping = mapping;
        Schema = schema;
        this.engine = engine;
        this.clock = clock;
    }

    public DataMapping Mapping { get; }

    public StudySchema Schema { get; }

    /// <summary>SHA-256 over the mapping and the files as they were last read: another digest, other data.</summary>
    public Digest Snapshot { get; private set; } = Digest.Of([]);

    internal IReadOnlyDictionary<string, UnfitCells> Unfit { get; private set; } = new Dictionary<string, UnfitCells>(StringComparer.Ordinal);

    internal PersonCheck Persons { get; private set; } = new(0, 0, 0);

    /// <param name="mapping">A checked mapping.</param>
    /// <param name="schema">The schema it maps to.</param>
    /// <param name="limits">Null for <see cref="EngineLimits.Default"/>.</param>
    /// <param name="clock">Tells whether a file was written just now; null for the system's.</param>
    /// <exception cref="SiteDataException">The files cannot be read, or a mapped column is not in them.</exception>
    public static SiteData Open(DataMapping mapping, StudySchema schema, EngineLimits? limits = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        ArgumentNullException.ThrowIfNull(schema);
        var data = new SiteData(mapping, schema, new Engine(mapping, limits ?? EngineLimits.Default), clock ?? TimeProvider.System);
        try
        {
            data.Refresh();
            return data;
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>What the last fit read.</summary>
    internal KeptRows Kept { get; } = new();

    /// <summary>The rows of a cohort.</summary>
    public IRows Select(CohortExpression cohort) => new CohortRows(this, cohort);

    /// <summary>Number of persons in a cohort. Exact: it must not leave the site.</summary>
    /// <exception cref="SiteDataException">The data cannot answer this.</exception>
    public long CountPersons(CohortExpression cohort)
    {
        ArgumentNullException.ThrowIfNull(cohort);
        var count = new long[1];
        Select(cohort).Tabulate([], count);
        return count[0];
    }

    /// <summary>The digest of the files as they are now.</summary>
    /// <exception cref="SiteDataException">They cannot be read.</exception>
    public Digest ReadSnapshot()
    {
        lock (gate)
        {
            Refresh();
            return Snapshot;
        }
    }

    /// <summary>Who of a cohort is counted in a table over these variables: everyone whose values are known. Exact: it must not leave the site.</summary>
    /// <exception cref="SiteDataException">The data cannot answer this.</exception>
    public PersonSet PersonsIn(CohortExpression cohort, IReadOnlyCollection<string> known)
    {
        ArgumentNullException.ThrowIfNull(cohort);
        ArgumentNullException.ThrowIfNull(known);
        var key = KeptRows.Key(cohort, [.. known.Order(StringComparer.Ordinal)], known.Count);
        lock (gate)
        {
            Refresh();
            if (keptPersons.TryGetValue(key, out var kept) && kept.Snapshot == Snapshot)
                return kept;
            var persons = ReadPersons(cohort, known);
            if (keptPersons.Values.Sum(p => (long)p.Identities.Count) > MostKept)
                keptPersons.Clear();
            return keptPersons[key] = persons;
        }
    }

    public void Dispose() => engine.Dispose();

    /// <summary>
    /// Asks the current rows, once they are known to be usable for <paramref name="variables"/>. <paramref name="ask"/> gets the columns and the table, and is called again when
    /// a file changed meanwhile.
    /// </summary>
    /// <param name="variables">What the question is about.</param>
    /// <param name="ask">Asks the engine.</param>
    /// <param name="readsFiles">Whether <paramref name="ask"/> reads mapped files itself.</param>
    internal void Query(IReadOnlyCollection<string> variables, Action<Func<string, StoredColumn>, string, Engine> ask, bool readsFiles = false)
    {
        lock (gate)
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                Kept.Abandon();
                Refresh();
                RequireFit(variables);
                ask(name => columns[name], Mapping.Format == FileFormat.Csv ? Mapped : Mapping.ChoiceKey is null ? source!.All : Chosen, engine);
                if ((Mapping.Format == FileFormat.Csv && !readsFiles) || FileState.Of(Mapping.AllFiles).Stamp == state!.Stamp)
                {
                    Kept.Settle(Snapshot);
                    return;
                }
            }

            throw Changing();
        }
    }

    /// <summary>The column of the table that names persons.</summary>
    internal string PersonCell(string column) => Mapping.Format == FileFormat.Csv ? MappedRows.Person : Sql.Name(column);

    /// <summary>A selection of every row of the files, where persons may have several: to be read from them by whoever asks, and not kept.</summary>
    internal string AllRows(Sql sql) => Mapping.Format == FileFormat.Csv ? MappedRows.Of(Mapping, RankedRows(sql), sql, Whom, Rank) : RankedRows(sql);

    /// <summary>Asks the files themselves, fitting or not: for reports to the site's own operator.</summary>
    internal void Inspect(Action<DataSource, Engine> ask)
    {
        lock (gate)
        {
            Refresh();
            ask(source!, engine);
        }
    }

    private PersonSet ReadPersons(CohortExpression cohort, IReadOnlyCollection<string> known)
    {
        var identities = new List<ulong>();
        var snapshot = Snapshot;
        Query([.. known.Union(cohort.Variables)], (columnOf, table, _) =>
        {
            identities.Clear();
            snapshot = Snapshot;
            var sql = new Sql();
            var conditions = known.Select(v => $"{columnOf(v).Value(columnOf(v).Cell, sql)} IS NOT NULL").Prepend(CohortSql.Compile(cohort, columnOf, sql));
            var person = Mapping.PersonColumn is not { } column ? RowNumber : $"md5_number_lower(CAST({PersonCell(column)} AS VARCHAR))";
            engine.Run(
                sql, $"SELECT CAST({person} AS UBIGINT) FROM (SELECT *, row_number() OVER () AS {RowNumber} FROM {table}) WHERE {string.Join(" AND ", conditions)}", r => identities.Add(r.GetFieldValue<ulong>(0)));
        });
        identities.Sort();
        return new PersonSet(identities, Mapping.PersonColumn is not null, snapshot);
    }

    private static SiteDataException Changing() =>
        new(RefusalCode.DataChanged, $"data: a mapped file changed while it was read, {Attempts} times; write it elsewhere and move it into place when it is whole");

    private void RequireFit(IReadOnlyCollection<string> variables)
    {
        if ((Persons.Repeated > 0 && Mapping.ChoiceKey is null) || Persons.Unidentified > 0)
        {
            throw new SiteDataException(
                RefusalCode.NotOneRowPerPerson,
                $"person column {Mapping.PersonColumn}: {Persons.Repeated} persons have several rows and {Persons.Unidentified} rows name nobody (expected one row a person); make a table with one row a person, or choose one with 'oneRowPerPerson'");
        }

        var problems = Mapping.Columns.Where(c => variables.Contains(c.Variable.Name) && Unfit[c.Variable.Name].Count > 0).Select(c => Problem(c, Unfit[c.Variable.Name])).ToList();
        if (problems.Count > 0)
            throw new SiteDataException(RefusalCode.DataUnreadable, string.Join("; ", problems) + "; correct the cells, or map them in the mapping file ('missing:' or 'codes:')");
    }

    private static string Problem(ColumnMapping column, UnfitCells unfit) =>
        $"file {unfit.File}, row {unfit.FirstRow}, column {column.Column}: does not fit {column.Variable.Name} (expected {Inspection.Expected(column)}; {unfit.Count} such cells, this is the first)";

    /// <summary>Reads the files again when one has changed since.</summary>
    private void Refresh()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var before = FileState.Of(Mapping.AllFiles);
            if (isSettled && before.Stamp == state?.Stamp)
                return;
            var settled = before.IsSettled(clock.GetUtcNow());
            var digest = FileState.Digest(Mapping);
            if (digest != Snapshot || state is null)
            {
                state = null;
                Load();
            }

            if (FileState.Of(Mapping.AllFiles).Stamp == before.Stamp)
            {
                (state, isSettled, Snapshot) = (before, settled, digest);
                return;
            }
        }

        throw Changing();
    }

    private void Load()
    {
        source = new DataSource(Mapping, engine);
        columns = Mapping.Columns.Select((c, i) => (c.Variable.Name, Stored: source.Stored(i))).ToDictionary(c => c.Name, c => c.Stored, StringComparer.Ordinal);
        if (Mapping.Format == FileFormat.Csv)
        {
            var sql = new Sql();
            engine.Run(sql, $"CREATE OR REPLACE TEMP TABLE {Mapped} AS SELECT * FROM {MappedRows.Of(Mapping, OneRowEach(sql), sql)}");
        }
        else if (Mapping.ChoiceKey is not null)
        {
            var sql = new Sql();
            engine.Run(sql, $"CREATE OR REPLACE TEMP TABLE {Chosen} AS SELECT * FROM {OneRowEach(sql)}");
        }

        var inspection = new Inspection(Mapping, source, engine, Mapping is { Format: FileFormat.Csv, ChoiceKey: null } ? Mapped : null);
        Unfit = inspection.UnfitCells();
        Persons = inspection.Persons();
    }

    private string OneRowEach(Sql sql) => Mapping.ChoiceKey is null ? source!.All : $"(SELECT * EXCLUDE ({Whom}, {Rank}) FROM {RankedRows(sql)} WHERE {Rank} = 1)";

    /// <summary>
    /// The rows, and of a person's several their order by the SHA-256 of mapped columns with the person's name under the mapping's key: the first is the chosen one. An order for each person by itself: one person more or less changes
    /// nobody else's. Rows alike in every mapped column are one as good as the other.
    /// </summary>
    private string RankedRows(Sql sql)
    {
        var person = VariableSql.Known(VariableSql.Text(Sql.Name(Mapping.PersonColumn!)), Mapping.MissingTokens, sql);
        var cells = Mapping.Columns.Select(c => $"coalesce(CAST({Sql.Name(c.Column)} AS VARCHAR), '')").Prepend($"coalesce({person}, '')").Prepend(sql.Parameter(Mapping.ChoiceKey!));
        return $"(SELECT *, {person} AS {Whom}, row_number() OVER (PARTITION BY {person} ORDER BY sha256(concat_ws(chr(31), {string.Join(", ", cells)}))) AS {Rank} FROM {source!.All})";
    }
}
