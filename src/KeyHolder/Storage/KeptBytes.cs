namespace Consilience.KeyHolder.Storage;

/// <summary>
/// Long byte strings that a party keeps for repeating, in pieces of 1 MiB, so that none is ever whole in memory. A string is named by whoever keeps it; one that no record names is a draft that its process did not
/// live to finish.
/// </summary>
public static class KeptBytes
{
    /// <summary>Bytes of a piece; the last may be shorter.</summary>
    public const int PieceSize = 1 << 20;

    /// <summary>Makes the table.</summary>
    public const string Tables = """
        CREATE TABLE IF NOT EXISTS kept_bytes (
            name  TEXT NOT NULL,
            start INTEGER NOT NULL,      -- offset of the first byte, a multiple of 2^20
            data  BLOB NOT NULL,         -- 2^20 bytes; fewer in the last piece
            PRIMARY KEY (name, start)
        ) STRICT;
        """;

    /// <summary>What lies from an offset on, to the end of its piece; empty at the end.</summary>
    public static ReadOnlyMemory<byte> Read(PartyTransaction transaction, string name, long offset)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        var start = offset / PieceSize * PieceSize;
        var piece = transaction.First("SELECT data FROM kept_bytes WHERE name = @p0 AND start = @p1", r => r.GetFieldValue<byte[]>(0), name, start);
        return piece is null || offset - start >= piece.Length ? ReadOnlyMemory<byte>.Empty : piece.AsMemory((int)(offset - start));
    }

    public static void Append(PartyTransaction transaction, string name, long start, byte[] piece)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        transaction.Execute("INSERT INTO kept_bytes (name, start, data) VALUES (@p0, @p1, @p2)", name, start, piece);
    }

    public static void Drop(PartyTransaction transaction, string name)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        transaction.Execute("DELETE FROM kept_bytes WHERE name = @p0", name);
    }

    /// <summary>Every name under which bytes are kept.</summary>
    public static IReadOnlyList<string> Names(PartyTransaction transaction)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return transaction.Query("SELECT DISTINCT name FROM kept_bytes", r => r.GetString(0));
    }
}
