using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Refusal = Consilience.Protocol.Analyse.Refusal;

namespace Consilience.Site.Analyse;

/// <summary>
/// What travels beside requests that this site is about to answer. <b>Guarantee:</b> nothing is stored but what such a request names, in order, up to the size its researcher signed, of a few runs at once;
/// and nothing is handed to an encoding but bytes whose digest the researcher signed. A hub that gives sites different models, or another run's, gets no answer; nothing was charged then.
/// </summary>
public sealed class Attachments(PartyDatabase database)
{
    /// <summary>Makes the table.</summary>
    internal const string Tables = """
        CREATE TABLE IF NOT EXISTS attachment (
            run  TEXT NOT NULL PRIMARY KEY,   -- the run it belongs to, also the name of its kept bytes
            size INTEGER NOT NULL,            -- bytes in all
            held INTEGER NOT NULL             -- bytes held, from the first on
        ) STRICT;
        """;

    /// <summary>Runs whose attachments may be here at once.</summary>
    private const int AtOnce = 8;

    /// <summary>Bytes that are asked for at once: so much is on its way at a time.</summary>
    private const long Part = 4 * KeptBytes.PieceSize;

    /// <summary>The whole attachment of a planned run, empty when it has none; otherwise what to answer now: what is still wanted, or a refusal.</summary>
    public (ReadOnlyMemory<byte> Bytes, SiteAnswer? Incomplete) Of(RunPlan plan, OrganisationId site)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Attachment is not { } named)
            return (ReadOnlyMemory<byte>.Empty, null);
        var run = plan.Request.Statement.Run.ToString();
        if (Begin(run, named, site) is { } crowded)
            return (default, new(null, crowded, null));
        var held = Held(run);
        if (held < named.SizeInBytes)
            return (default, new(null, null, new AttachmentWanted { Run = run, Offset = (ulong)held, SizeInBytes = (ulong)Math.Min(Part - (held % Part), named.SizeInBytes - held) }));

        var bytes = Read(run, named.SizeInBytes);
        if (Digest.Of(bytes) == named.Digest)
            return (bytes, null);
        database.Write(t => Drop(t, plan.Request.Statement.Run));
        return (default, new(null, new Refusal(RefusalCode.TransferInvalid,
            $"site {site}: the attachment that came is not the one the request names (expected digest {named.Digest.Short}, got {Digest.Of(bytes).Short}); the hub, or who sends in its name, changed it"), null));
    }

    /// <summary>Stores the next piece; whether all that was asked for is here. A piece out of place or of a wrong size is dropped: its run is answered only when the rest comes.</summary>
    public bool Take(AttachmentChunk chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        return database.Write(t =>
        {
            var (size, held) = Row(t, chunk.Run);
            if (chunk.Offset != (ulong)held || chunk.Data.Length != Math.Min(KeptBytes.PieceSize, size - held) || chunk.Data.IsEmpty)
                return false;
            KeptBytes.Append(t, chunk.Run, held, chunk.Data.ToByteArray());
            held += chunk.Data.Length;
            t.Execute("UPDATE attachment SET held = @p1 WHERE run = @p0", chunk.Run, held);
            return held == size || held % Part == 0;
        });
    }

    /// <summary>Drops what belongs to a run that is over.</summary>
    internal static void Drop(PartyTransaction transaction, RunId run)
    {
        KeptBytes.Drop(transaction, run.ToString());
        transaction.Execute("DELETE FROM attachment WHERE run = @p0", run.ToString());
    }

    /// <summary>Names of kept bytes that are attachments.</summary>
    internal static IReadOnlyList<string> Names(PartyTransaction transaction) => transaction.Query("SELECT run FROM attachment", r => r.GetString(0));

    private Refusal? Begin(string run, AttachmentBinding named, OrganisationId site) => database.Write(t =>
    {
        if (Row(t, run).Size == named.SizeInBytes)
            return null;
        if (Names(t).Count >= AtOnce)
            return new Refusal(RefusalCode.PolicyForbids, $"site {site}: holds the attachments of {AtOnce} runs that have not ended; ask again when they have");
        KeptBytes.Drop(t, run);
        t.Execute("INSERT OR REPLACE INTO attachment (run, size, held) VALUES (@p0, @p1, 0)", run, named.SizeInBytes);
        return null;
    });

    private long Held(string run) => database.Read(t => Row(t, run).Held);

    /// <summary>Zeros where there is none.</summary>
    private static (long Size, long Held) Row(PartyTransaction transaction, string run) =>
        transaction.Query("SELECT size, held FROM attachment WHERE run = @p0", r => (r.GetInt64(0), r.GetInt64(1)), run) is [var row] ? row : default;

    private byte[] Read(string run, long size)
    {
        var bytes = new byte[size];
        for (var offset = 0; offset < bytes.Length;)
        {
            var piece = database.Read(t => KeptBytes.Read(t, run, offset));
            piece.CopyTo(bytes.AsMemory(offset));
            offset += piece.Length;
        }

        return bytes;
    }
}
