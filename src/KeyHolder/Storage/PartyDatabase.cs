using Microsoft.Data.Sqlite;

namespace Consilience.KeyHolder.Storage;

/// <summary>What a database file belongs to; written into the file, so that one party's file is never opened as another's.</summary>
public enum PartyDatabaseKind
{
    Unspecified = 0,
    Site = 0x43_53_54_31,
    KeyHolder = 0x43_4b_48_31,
}

/// <summary>
/// The durable state of a site or key holder: one SQLite file. <b>Guarantee:</b> when <see cref="Write{T}"/> has returned, its changes survive the death of process and
/// machine (write-ahead log, <c>synchronous=FULL</c>); when it throws, nothing of them happened. Safe to share between threads; another process, such as an
/// operator's command, may have the same file open.
/// </summary>
public sealed class PartyDatabase : IDisposable
{
    private const int Version = 1;

    private readonly SqliteConnection connection;
    private readonly PartyTransaction statements;
    private readonly Lock gate = new();

    private PartyDatabase(SqliteConnection connection)
    {
        this.connection = connection;
        statements = new PartyTransaction(connection);
    }

    /// <param name="path">The file; made with owner-only rights when it is missing.</param>
    /// <param name="kind">Whose it is.</param>
    /// <param name="tables">Statements that make the tables, each repeatable (<c>IF NOT EXISTS</c>).</param>
    /// <exception cref="InvalidDataException">The file is another program's, or a newer version wrote it.</exception>
    public static PartyDatabase Open(string path, PartyDatabaseKind kind, params ReadOnlySpan<string> tables)
    {
        CreateOwnerOnly(path);
        var database = new PartyDatabase(new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString()));
        try
        {
            database.connection.Open();
            database.Claim(path, kind, tables);
            return database;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SQLitePCL.raw.SQLITE_NOTADB)
        {
            database.Dispose();
            throw new InvalidDataException($"{path}: not a database (expected a {kind} database of this program); choose another data folder", e);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public T Read<T>(Func<PartyTransaction, T> read) => Run(read, deferred: true);

    /// <summary>Runs <paramref name="write"/> in one transaction that no other writer overlaps, and makes it durable.</summary>
    public T Write<T>(Func<PartyTransaction, T> write) => Run(write, deferred: false);

    public void Write(Action<PartyTransaction> write) =>
        Write(transaction =>
        {
            write(transaction);
            return true;
        });

    public void Dispose()
    {
        statements.Dispose();
        connection.Dispose();
    }

    private T Run<T>(Func<PartyTransaction, T> body, bool deferred)
    {
        ArgumentNullException.ThrowIfNull(body);
        lock (gate)
        {
            statements.Execute(deferred ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE");
            try
            {
                var result = body(statements);
                statements.Execute("COMMIT");
                return result;
            }
            catch
            {
                RollBack();
                throw;
            }
        }
    }

    private void RollBack()
    {
        try
        {
            statements.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // A commit that failed for want of space may have ended the transaction itself.
        }
    }

    private void Claim(string path, PartyDatabaseKind kind, ReadOnlySpan<string> tables)
    {
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("PRAGMA foreign_keys=ON");
        var owner = Scalar("PRAGMA application_id");
        var version = Scalar("PRAGMA user_version");
        if (owner != 0 && owner != (long)kind)
            throw new InvalidDataException($"{path}: another kind of database (expected {kind}); give every party a data folder of its own");
        if (version > Version)
            throw new InvalidDataException($"{path}: written by a newer version (expected {Version}, got {version}); run the newer version");
        Execute("BEGIN IMMEDIATE");
        foreach (var table in tables)
            Execute(table);
        Execute($"PRAGMA application_id={(int)kind}");
        Execute($"PRAGMA user_version={Version}");
        Execute("COMMIT");
    }

    private void Execute(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private long Scalar(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static void CreateOwnerOnly(string path)
    {
        if (File.Exists(path))
            return;
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
    }
}
