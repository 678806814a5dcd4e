using System.Collections.Immutable;
using System.Security.Cryptography;
using Consilience.Hub.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.SecureAggregation.Masking;

namespace Consilience.Hub.Analyse;

/// <summary>
/// Adds the accepted sites' masked vectors block by block, so that memory does not grow with their number, and signs the roll. The hub adds what it cannot read.
/// </summary>
internal static class CombineContributions
{
    private const int BlockSize = 1 << 20;

    /// <summary>Stores all blocks of the sum but the last, which goes into the transaction that stores the roll.</summary>
    internal static RunOutcome Combine(HubDatabase database, Lock gate, RunState state, ImmutableArray<OrganisationId> sites, SigningKey hub, DateTimeOffset now)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var readers = sites.Select(s => RunBytes.Read(database, state.Run, new PartyId(s, Protocol.Wire.Role.Site))).ToList();
        try
        {
            lock (gate)
                database.Write([HubSteps.Stored.SumBlock], d => RunBytes.DropSum(d, state.Run));
            var size = state.VectorSize;
            var block = Array.Empty<byte>();
            long offset = 0;
            for (long next = 0; next < size; next += block.Length)
            {
                offset = next;
                block = Sum(readers, state.Ring, (int)Math.Min(BlockSize, size - next));
                hash.AppendData(block);
                if (next + block.Length < size)
                {
                    lock (gate)
                        database.Write([HubSteps.Stored.SumBlock], d => RunBytes.AppendSum(d, state.Run, offset, block));
                }
            }

            return WithRoll(state, Sign(state, sites, Digest.FromHash(hash.GetHashAndReset()), hub), block, offset, now);
        }
        finally
        {
            readers.ForEach(r => r.Dispose());
        }
    }

    private static byte[] Sum(List<StoredBytes> readers, Ring ring, int length)
    {
        var total = new byte[length];
        var block = new byte[length];
        foreach (var reader in readers)
        {
            reader.Fill(block);
            ring.Add(total, block);
        }

        return total;
    }

    private static SignedRoll Sign(RunState state, ImmutableArray<OrganisationId> sites, Digest maskedSum, SigningKey hub)
    {
        var roll = Signed<RollStatement>.By(hub, new RollStatement
        {
            Run = state.Run,
            Round = state.Round,
            Request = state.Request,
            Sites = [.. sites.Select(s => new RollEntry(s, state.Parties[new PartyId(s, Protocol.Wire.Role.Site)].Announced!.Payload))],
            MaskedSum = maskedSum,
        });
        return new SignedRoll(roll.Envelope, roll.Digest, maskedSum, sites);
    }

    private static RunOutcome WithRoll(RunState state, SignedRoll roll, byte[] lastBlock, long offset, DateTimeOffset now)
    {
        var keyHolders = state.KeyHolders.Select(k => KeyValuePair.Create(k.Party, k with { Phase = PartyPhase.Asked, LastProgress = now }));
        var next = state with { Roll = roll, Phase = RunPhase.Opening, PhaseSince = now, Parties = state.Parties.SetItems(keyHolders) };
        return new RunOutcome(next)
        {
            Writes = [new RunWrite.Roll(roll, lastBlock, offset)],
            Sends = [.. next.KeyHolders.Where(k => k.Connected).Select(k => RunFrames.Roll(next, k.Party))],
        };
    }
}
