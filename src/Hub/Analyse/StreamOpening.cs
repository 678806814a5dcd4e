using Consilience.Hub.Storage;
using Consilience.Protocol.Wire;
using Google.Protobuf;

namespace Consilience.Hub.Analyse;

/// <summary>An opened run for its researcher: first every statement, then masked sum and sealed shares in chunks, from where the researcher already is.</summary>
internal static class StreamOpening
{
    private const int ChunkSize = 1 << 20;

    internal static IEnumerable<RunFrame> Frames(HubDatabase database, RunState run, IReadOnlyList<byte[]> refusals, IReadOnlyDictionary<string, ulong> held)
    {
        var roll = run.Roll!;
        var opening = new RunOpening
        {
            Request = ByteString.CopyFrom(run.RequestStatement),
            Roll = ByteString.CopyFrom(roll.Statement),
            MaskedSumTransfer = roll.MaskedSum.ToString(),
            MaskedSumSize = (ulong)run.VectorSize,
        };
        opening.Contributions.AddRange(roll.Sites.Select(s => ByteString.CopyFrom(run.Parties[new PartyId(s, Role.Site)].Announced!.Statement)));
        opening.Refusals.AddRange(refusals.Select(r => ByteString.CopyFrom(r)));
        opening.Absent.AddRange(run.Sites.Where(s => s.Phase == PartyPhase.Absent).Select(s => s.Party.Organisation.ToString()));
        opening.Shares.AddRange(run.KeyHolders.Select(k => new OpenedShare
        {
            Statement = ByteString.CopyFrom(k.Announced!.Statement), Transfer = k.Announced.Transfer.ToString(), SizeInBytes = (ulong)k.Announced.Size,
        }));
        yield return new RunFrame { Opening = opening };

        var start = held.GetValueOrDefault(opening.MaskedSumTransfer);
        foreach (var chunk in Chunks(opening.MaskedSumTransfer, start, RunBytes.ReadSum(database, run.Run, (long)start)))
            yield return chunk;
        foreach (var keyHolder in run.KeyHolders)
        {
            var transfer = keyHolder.Announced!.Transfer.ToString();
            start = held.GetValueOrDefault(transfer);
            foreach (var chunk in Chunks(transfer, start, RunBytes.Read(database, run.Run, keyHolder.Party, (long)start)))
                yield return chunk;
        }

        yield return new RunFrame { Complete = new RunComplete() };
    }

    private static IEnumerable<RunFrame> Chunks(string transfer, ulong offset, StoredBytes bytes)
    {
        using (bytes)
        {
            for (var piece = bytes.Next(ChunkSize); !piece.IsEmpty; piece = bytes.Next(ChunkSize))
            {
                yield return new RunFrame { Chunk = new Chunk { Transfer = transfer, Offset = offset, Data = ByteString.CopyFrom(piece.Span) } };
                offset += (ulong)piece.Length;
            }
        }
    }
}
