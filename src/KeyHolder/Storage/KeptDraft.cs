using System.Security.Cryptography;
using Consilience.Arithmetic;
using Consilience.Protocol.Identity;

namespace Consilience.KeyHolder.Storage;

/// <summary>
/// A byte string while it is made: pieces go to disk as they fill, the last ones together with the record that names the string. <b>Guarantee:</b> the string is kept exactly when that record is; at most
/// 8 MiB of it are in memory.
/// </summary>
public sealed class KeptDraft : IDisposable
{
    private const int PiecesAtOnce = 8;

    private readonly PartyDatabase database;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<byte[]> pieces = [];
    private readonly byte[] filling = new byte[KeptBytes.PieceSize];
    private int filled;
    private long stored;
    private bool isRecorded;

    public KeptDraft(PartyDatabase database, RandomBytes random)
    {
        ArgumentNullException.ThrowIfNull(random);
        this.database = database;
        var name = new byte[16];
        random.Fill(name);
        Name = Convert.ToHexStringLower(name);
    }

    /// <summary>What a record names the string by.</summary>
    public string Name { get; }

    /// <summary>Bytes so far.</summary>
    public long Size { get; private set; }

    /// <summary>The digest of the whole string; it takes no more bytes.</summary>
    public Digest Digest => field ??= Digest.FromHash(hash.GetHashAndReset());

    public void Append(ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        Size += bytes.Length;
        while (!bytes.IsEmpty)
        {
            var taken = Math.Min(bytes.Length, filling.Length - filled);
            bytes[..taken].CopyTo(filling.AsSpan(filled));
            filled += taken;
            bytes = bytes[taken..];
            if (filled == filling.Length)
                EndPiece();
        }
    }

    /// <summary>Stores what is not stored yet, in the transaction of the record.</summary>
    public void Record(PartyTransaction transaction)
    {
        if (filled > 0)
            pieces.Add(filling[..filled]);
        filled = 0;
        Store(transaction);
        isRecorded = true;
    }

    /// <summary>Drops a draft that no record names.</summary>
    public void Dispose()
    {
        hash.Dispose();
        if (!isRecorded && stored > 0)
            database.Write(t => KeptBytes.Drop(t, Name));
    }

    private void EndPiece()
    {
        pieces.Add([.. filling]);
        filled = 0;
        if (pieces.Count == PiecesAtOnce)
            database.Write(Store);
    }

    private void Store(PartyTransaction transaction)
    {
        foreach (var piece in pieces)
        {
            KeptBytes.Append(transaction, Name, stored, piece);
            stored += piece.Length;
        }

        pieces.Clear();
    }
}
