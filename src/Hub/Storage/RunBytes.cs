using System.Runtime.InteropServices;
using Consilience.Hub.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Microsoft.Data.Sqlite;

namespace Consilience.Hub.Storage;

/// <summary>The bytes of masked vectors, sealed shares, masked sums and attachments, kept in the pieces they arrived in.</summary>
internal static class RunBytes
{
    /// <summary>Nobody's: the masked sum, and the attachment.</summary>
    private const string Nobody = "";
    private const long AttachmentRole = -1;

    internal static void Append(HubDatabase database, RunId run, PartyId owner, long offset, ReadOnlyMemory<byte> data) =>
        Insert(database, run, owner.Organisation.ToString(), (long)owner.Role, offset, data);

    internal static void AppendSum(HubDatabase database, RunId run, long offset, ReadOnlyMemory<byte> data) =>
        Insert(database, run, Nobody, (long)Role.Unspecified, offset, data);

    internal static void AppendAttachment(HubDatabase database, RunId run, long offset, ReadOnlyMemory<byte> data) =>
        Insert(database, run, Nobody, AttachmentRole, offset, data);

    internal static StoredBytes ReadAttachment(HubDatabase database, RunId run, long from = 0) => new(database.OpenReader(), run, Nobody, AttachmentRole, from);

    internal static void Drop(HubDatabase database, RunId run, PartyId owner) =>
        database.Execute("DELETE FROM run_bytes WHERE run = ?1 AND organisation = ?2 AND role = ?3", run.ToString(), owner.Organisation.ToString(), (long)owner.Role);

    /// <summary>What no site is asked for any more: their vectors, and the attachment.</summary>
    internal static void DropContributions(HubDatabase database, RunId run) =>
        database.Execute("DELETE FROM run_bytes WHERE run = ?1 AND role IN (?2, ?3)", run.ToString(), (long)Role.Site, AttachmentRole);

    /// <summary>A masked sum is begun again after a restart.</summary>
    internal static void DropSum(HubDatabase database, RunId run) =>
        database.Execute("DELETE FROM run_bytes WHERE run = ?1 AND role = ?2", run.ToString(), (long)Role.Unspecified);

    internal static void DropAll(HubDatabase database, RunId run) => database.Execute("DELETE FROM run_bytes WHERE run = ?1", run.ToString());

    /// <summary>A party's bytes in order. The reader must be disposed, its connection is its own.</summary>
    internal static StoredBytes Read(HubDatabase database, RunId run, PartyId owner, long from = 0) =>
        new(database.OpenReader(), run, owner.Organisation.ToString(), (long)owner.Role, from);

    internal static StoredBytes ReadSum(HubDatabase database, RunId run, long from = 0) =>
        new(database.OpenReader(), run, Nobody, (long)Role.Unspecified, from);

    private static void Insert(HubDatabase database, RunId run, string owner, long role, long offset, ReadOnlyMemory<byte> data)
    {
        // SQLite binds arrays; a frame's bytes are one already, unless they are part of a larger buffer.
        var whole = MemoryMarshal.TryGetArray(data, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length;
        database.Execute("INSERT INTO run_bytes (run, organisation, role, start, data) VALUES (?1, ?2, ?3, ?4, ?5)",
            run.ToString(), owner, role, offset, whole ? segment.Array : data.ToArray());
    }
}

/// <summary>Reads one owner's stored bytes from first to last, one piece in memory at a time.</summary>
internal sealed class StoredBytes : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand command;
    private readonly SqliteDataReader rows;
    private long position;
    private byte[] piece = [];
    private int used;

    internal StoredBytes(SqliteConnection connection, RunId run, string owner, long role, long from)
    {
        this.connection = connection;
        position = from;
        command = connection.CreateCommand();
        command.CommandText = "SELECT start, data FROM run_bytes WHERE run = ?1 AND organisation = ?2 AND role = ?3 AND start + length(data) > ?4 ORDER BY start";
        HubDatabase.Bind(command, [run.ToString(), owner, role, from]);
        rows = command.ExecuteReader();
    }

    /// <summary>The next bytes, at most <paramref name="count"/>; empty at the end. Valid until the next call.</summary>
    internal ReadOnlyMemory<byte> Next(int count)
    {
        if (used == piece.Length)
        {
            if (!rows.Read())
                return ReadOnlyMemory<byte>.Empty;
            var start = rows.GetInt64(0);
            piece = rows.GetFieldValue<byte[]>(1);
            used = (int)(position - start);
            if (used < 0 || used >= piece.Length)
                throw new InvalidDataException($"stored bytes: a gap (expected offset {position}, got {start}); the database was changed by another program");
        }

        var next = piece.AsMemory(used, Math.Min(count, piece.Length - used));
        used += next.Length;
        position += next.Length;
        return next;
    }

    /// <summary>Fills <paramref name="destination"/>, across pieces.</summary>
    /// <exception cref="InvalidDataException">Fewer bytes are stored.</exception>
    internal void Fill(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var next = Next(destination.Length);
            if (next.IsEmpty)
                throw new InvalidDataException("stored bytes: fewer than were announced; the database was changed by another program");
            next.Span.CopyTo(destination);
            destination = destination[next.Length..];
        }
    }

    public void Dispose()
    {
        rows.Dispose();
        command.Dispose();
        connection.Dispose();
    }
}
