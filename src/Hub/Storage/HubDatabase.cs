using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Consilience.Hub.Storage;

/// <summary>
/// The hub's SQLite database: one writer, used by one thread at a time, and readers for streaming beside it. <b>Guarantee:</b> a write is durable, whole, once
/// <see cref="Write"/> returns, whatever kills the process; it throws and changes nothing otherwise.
/// </summary>
/// <remarks>
/// WAL with <c>synchronous=NORMAL</c>: a killed process loses nothing; a power cut may lose the newest transactions, never part of one. The hub can afford that, because
/// parties keep and repeat what they sent until the hub says that the run is over, a researcher repeats the request, and that no roll is opened twice is the key
/// holders' record, written through. The roll alone, after which sites may drop their contributions, is written through here too (<see cref="WriteThrough"/>).
/// </remarks>
public sealed class HubDatabase : IDisposable
{
    private const string Folder = "Consilience.Hub.Storage.Migrations.";

    private readonly SqliteConnection writer;
    private readonly string connectionString;
    private readonly Action<string>? onStep;
    private readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);
    private SqliteTransaction? transaction;

    private HubDatabase(SqliteConnection writer, string connectionString, Action<string>? onStep)
    {
        this.writer = writer;
        this.connectionString = connectionString;
        this.onStep = onStep;
    }

    /// <summary>Opens or creates the database and brings its schema up to date.</summary>
    /// <param name="path">The database file; SQLite keeps <c>-wal</c> and <c>-shm</c> files beside it.</param>
    /// <param name="onStep">Called with a step's name around every write; see <see cref="HubSteps"/>.</param>
    /// <exception cref="InvalidDataException">The file was written by a newer version of the hub.</exception>
    public static HubDatabase Open(string path, Action<string>? onStep = null)
    {
        var connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = true, ForeignKeys = true }.ToString();
        var writer = new SqliteConnection(connectionString);
        try
        {
            writer.Open();
            var database = new HubDatabase(writer, connectionString, onStep);

            // Checkpoints are rare, because each one waits for the disk; the cache holds the vectors of a run of usual size.
            database.Pragmas("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=16384", "cache_size=-65536", "secure_delete=OFF", "temp_store=MEMORY");
            database.Migrate(path);
            return database;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Runs <paramref name="write"/> as one transaction; <paramref name="steps"/> are the things it stores.</summary>
    internal void Write(IReadOnlyList<string> steps, Action<HubDatabase> write)
    {
        Tell(steps, HubSteps.Storing);
        using (transaction = writer.BeginTransaction(deferred: false))
        {
            try
            {
                write(this);
                transaction.Commit();
            }
            finally
            {
                transaction = null;
            }
        }

        Tell(steps, HubSteps.HasStored);
    }

    /// <summary>As <see cref="Write"/>, and a power cut cannot undo it either.</summary>
    internal void WriteThrough(IReadOnlyList<string> steps, Action<HubDatabase> write)
    {
        Pragmas("synchronous=FULL");
        try
        {
            Write(steps, write);
        }
        finally
        {
            Pragmas("synchronous=NORMAL");
        }
    }

    /// <summary>A statement of the writer, compiled once; <paramref name="values"/> are bound to ?1, ?2, … in order.</summary>
    internal SqliteCommand Command(string sql, params ReadOnlySpan<object?> values)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            command = writer.CreateCommand();
            command.CommandText = sql;
            prepared.Add(sql, command);
        }

        Bind(command, values);
        command.Transaction = transaction;
        return command;
    }

    internal int Execute(string sql, params ReadOnlySpan<object?> values) => Command(sql, values).ExecuteNonQuery();

    /// <summary>A connection of its own, for reading beside the writer.</summary>
    internal SqliteConnection OpenReader()
    {
        var reader = new SqliteConnection(connectionString);
        reader.Open();
        return reader;
    }

    internal static void Bind(SqliteCommand command, ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (command.Parameters.Count <= i)
                command.Parameters.Add(new SqliteParameter { ParameterName = string.Create(CultureInfo.InvariantCulture, $"?{i + 1}") });
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }

    public void Dispose()
    {
        foreach (var command in prepared.Values)
            command.Dispose();
        writer.Dispose();
        SqliteConnection.ClearPool(writer);
    }

    private void Tell(IReadOnlyList<string> steps, Func<string, string> moment)
    {
        if (onStep is null)
            return;
        foreach (var step in steps)
            onStep(moment(step));
    }

    private void Pragmas(params ReadOnlySpan<string> pragmas)
    {
        foreach (var pragma in pragmas)
            Command($"PRAGMA {pragma}").ExecuteNonQuery();
    }

    private void Migrate(string path)
    {
        var scripts = typeof(HubDatabase).Assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var version = Convert.ToInt32(Command("PRAGMA user_version").ExecuteScalar(), CultureInfo.InvariantCulture);
        if (version > scripts.Count)
            throw new InvalidDataException($"hub database {path}: written by a newer version (schema {version}, known up to {scripts.Count}); run that version or a newer one");
        for (var next = version; next < scripts.Count; next++)
        {
            using var migration = writer.BeginTransaction(deferred: false);
            using var command = writer.CreateCommand();
            command.Transaction = migration;
            using var script = new StreamReader(typeof(HubDatabase).Assembly.GetManifestResourceStream(scripts[next])!);
            command.CommandText = $"{script.ReadToEnd()}\nPRAGMA user_version = {next + 1};";
            command.ExecuteNonQuery();
            migration.Commit();
        }
    }
}
