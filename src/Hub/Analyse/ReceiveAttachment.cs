using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Hub.Analyse;

/// <summary>
/// The next piece of what travels beside a request. <b>Guarantee:</b> bytes are stored only for a run whose request names them, in order, up to the size that was signed; no site is asked before they are all
/// here and their digest is the one that was signed.
/// </summary>
public static class ReceiveAttachment
{
    /// <summary>What is wrong with a piece's place or size; null when it may be stored. Sites take no pieces of other sizes.</summary>
    public static Refusal? Check(RunState state, ulong offset, int length, HubLimits limits)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(limits);
        if (state is not { Phase: RunPhase.Attaching, Attachment: { } named })
            return Invalid(state, "no attachment is expected", "attach what the request names, and stop when all of it is sent");
        var expected = Math.Min(limits.LargestChunk, named.SizeInBytes - state.Attached);
        return offset == (ulong)state.Attached && length == expected
            ? null
            : Invalid(state, $"a piece of its attachment is out of place (expected {expected} bytes at {state.Attached}, got {length} at {offset})", "send from the offset the hub asks for, in order");
    }

    /// <param name="state">The run.</param>
    /// <param name="data">A piece that passed <see cref="Check"/> for this state.</param>
    /// <param name="whole">The digest of all bytes when this piece is the last, otherwise null.</param>
    /// <param name="now">The time.</param>
    public static RunOutcome Decide(RunState state, ReadOnlyMemory<byte> data, Digest? whole, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (whole is not null && whole != state.Attachment!.Digest)
        {
            return SettleRun.End(state, now, new RunFailure(new Refusal(RefusalCode.TransferInvalid,
                $"run {state.Run}: its attachment is not the one the request names (expected digest {state.Attachment.Digest.Short}, got {whole.Short}); ask again with the bytes that were signed"), MayResume: false));
        }

        var next = state with { Attached = state.Attached + data.Length, LastAttached = now };
        if (whole is not null)
        {
            var sites = state.Sites.Select(p => KeyValuePair.Create(p.Party, p with { LastProgress = now }));
            next = next with { Phase = RunPhase.Collecting, PhaseSince = now, Parties = state.Parties.SetItems(sites) };
        }

        return new RunOutcome(next) { Writes = [new RunWrite.Attached(state.Attached, data)], Sends = AcceptRequest.AskSites(next) };
    }

    private static Refusal Invalid(RunState state, string what, string fix) => new(RefusalCode.TransferInvalid, $"run {state.Run}: {what}; {fix}");
}
