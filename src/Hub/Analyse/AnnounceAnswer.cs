using Consilience.Protocol.Analyse;

namespace Consilience.Hub.Analyse;

/// <summary>
/// A verified statement of a contribution or share arrives, and its bytes are about to follow. <b>Guarantee:</b> a party answers a run once; the same answer may be
/// announced as often as links break, another answer is turned away.
/// </summary>
public static class AnnounceAnswer
{
    /// <param name="Party">Whose link it came on.</param>
    /// <param name="Link">The link's number.</param>
    /// <param name="Announcement">The statement and its transfer; the signature and the binding to this run were checked.</param>
    public sealed record Input(PartyId Party, long Link, Announcement Announcement);

    public static RunOutcome Decide(RunState state, Input input, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(input);
        if (!RecordRefusal.MayStillAnswer(state, input.Party))
            return new RunOutcome(state);

        var party = state.Parties[input.Party];
        if (party.Announced is { } earlier && (earlier.Payload != input.Announcement.Payload || earlier.Transfer != input.Announcement.Transfer))
        {
            return RecordRefusal.Exclude(state, input.Party, new Refusal(RefusalCode.RunAlreadyUsed,
                $"{input.Party}: two different answers to run {state.Run} (first {earlier.Payload.Short}, then {input.Announcement.Payload.Short}); "
                + "its record of what it sent is not the one it sent from: see that only one copy of it runs"), now);
        }

        var announced = party.Announced ?? input.Announcement;
        var next = state.With(party with { Phase = PartyPhase.Receiving, Announced = announced, LastProgress = now, ResumedOnLink = input.Link });
        return new RunOutcome(next)
        {
            Writes = party.Announced is null ? [new RunWrite.Announced(input.Party, announced)] : [],
            Sends = party.ResumedOnLink == input.Link ? [] : [RunFrames.Resume(input.Party, announced, party.Received)],
        };
    }
}
