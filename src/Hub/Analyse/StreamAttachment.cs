using Consilience.Hub.Storage;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Google.Protobuf;

namespace Consilience.Hub.Analyse;

/// <summary>A part of a run's attachment, for a site that was asked and has not answered. Sites ask for the next part when they have stored one, so that little is on its way.</summary>
internal static class StreamAttachment
{
    private const int ChunkSize = 1 << 20;
    private const int MostChunks = 8;

    /// <summary>The chunks wanted, each read when its turn comes; none when the run has no such bytes for this party.</summary>
    internal static IEnumerable<Func<HubFrame?>> Chunks(HubDatabase database, RunState run, PartyId party, AttachmentWanted wanted)
    {
        if (run is not { Phase: RunPhase.Collecting, Attachment: { } named } || run.Parties.GetValueOrDefault(party) is not { Phase: PartyPhase.Asked, Party.Role: Role.Site })
            return [];
        if (wanted.Offset % ChunkSize != 0 || wanted.Offset >= (ulong)named.SizeInBytes)
            return [];
        var chunks = Math.Min((Math.Min(wanted.SizeInBytes, (ulong)named.SizeInBytes - wanted.Offset) + ChunkSize - 1) / ChunkSize, MostChunks);
        return Enumerable.Range(0, (int)chunks).Select(i => (Func<HubFrame?>)(() => Read(database, run.Run, (long)wanted.Offset + ((long)i * ChunkSize))));
    }

    private static HubFrame? Read(HubDatabase database, RunId run, long offset)
    {
        using var stored = RunBytes.ReadAttachment(database, run, offset);
        var piece = stored.Next(ChunkSize);
        return piece.IsEmpty ? null : new HubFrame { Attachment = new AttachmentChunk { Run = run.ToString(), Offset = (ulong)offset, Data = UnsafeByteOperations.UnsafeWrap(piece) } };
    }
}
