using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Hub.Analyse;

/// <summary>
/// The next piece of a contribution or share. <b>Guarantee:</b> bytes are stored only in order, only up to the announced size, and count as an answer only when
/// their digest is the one the party signed.
/// </summary>
public static class ReceiveChunk
{
    /// <param name="Party">Whose link it came on.</param>
    /// <param name="Offset">As claimed.</param>
    /// <param name="Data">The bytes.</param>
    public sealed record Input(PartyId Party, ulong Offset, ReadOnlyMemory<byte> Data);

    /// <summary>What is wrong with a chunk's place or size; null when it may be stored.</summary>
    public static Refusal? Check(PartyState party, Input chunk, HubLimits limits)
    {
        ArgumentNullException.ThrowIfNull(party);
        ArgumentNullException.ThrowIfNull(chunk);
        ArgumentNullException.ThrowIfNull(limits);
        if (party is not { Phase: PartyPhase.Receiving, Announced: { } announced })
            return Invalid(party, "no bytes are expected", "announce the transfer first, and stop when all of it is sent");
        if (chunk.Data.Length == 0 || chunk.Data.Length > limits.LargestChunk)
            return Invalid(party, $"a chunk has a wrong size (expected 1 to {limits.LargestChunk} bytes, got {chunk.Data.Length})", "send smaller chunks");
        if (chunk.Offset != (ulong)party.Received)
            return Invalid(party, $"a chunk has a wrong offset (expected {party.Received}, got {chunk.Offset})", "send from the offset the hub asks for, in order");
        return party.Received + chunk.Data.Length > announced.Size
            ? Invalid(party, $"too many bytes (announced {announced.Size}, got at least {party.Received + chunk.Data.Length})", "send what was announced")
            : null;
    }

    /// <param name="state">The run.</param>
    /// <param name="chunk">A chunk that passed <see cref="Check"/> for this state.</param>
    /// <param name="whole">The digest of all bytes when this chunk is the last, otherwise null.</param>
    /// <param name="now">The time.</param>
    public static RunOutcome Decide(RunState state, Input chunk, Digest? whole, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(chunk);
        var party = state.Parties[chunk.Party];
        if (whole is not null && whole != party.Announced!.Transfer)
        {
            return RecordRefusal.Exclude(state, chunk.Party, Invalid(party,
                $"the bytes are not those that were signed (expected digest {party.Announced.Transfer.Short}, got {whole.Short})", "send the bytes that were signed"), now);
        }

        var received = party with { Received = party.Received + chunk.Data.Length, LastProgress = now, Phase = whole is null ? PartyPhase.Receiving : PartyPhase.Answered };
        var bytes = new RunWrite.Bytes(chunk.Party, party.Received, chunk.Data);
        return new RunOutcome(state.With(received)) { Writes = whole is null ? [bytes] : [bytes, new RunWrite.Answered(chunk.Party)] };
    }

    private static Refusal Invalid(PartyState party, string what, string fix) => new(RefusalCode.TransferInvalid, $"{party.Party}: {what}; {fix}");
}
