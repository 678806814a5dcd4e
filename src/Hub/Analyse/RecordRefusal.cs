using Consilience.Protocol.Analyse;

namespace Consilience.Hub.Analyse;

/// <summary>A party refuses, or the hub refuses what a party sent. Either way the party is out of the run, and the run says why.</summary>
public static class RecordRefusal
{
    /// <param name="Party">Whose link it came on.</param>
    /// <param name="Statement">The envelope, its signature verified under that party's key.</param>
    /// <param name="Refusal">What the envelope says.</param>
    public sealed record Input(PartyId Party, byte[] Statement, RefusalStatement Refusal);

    public static RunOutcome Decide(RunState state, Input input, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(input);
        if (!MayStillAnswer(state, input.Party))
            return new RunOutcome(state);
        if (Mismatch(state, input) is { } mismatch)
            return Exclude(state, input.Party, mismatch, now);
        return Out(state, input.Party, new Refusal(input.Refusal.Code, input.Refusal.Message), input.Statement, now);
    }

    /// <summary>The hub refuses what the party sent, under the hub's own signature. Without effect once the party has answered or the run went on.</summary>
    public static RunOutcome Exclude(RunState state, PartyId party, Refusal refusal, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(party);
        ArgumentNullException.ThrowIfNull(refusal);
        return MayStillAnswer(state, party) ? Out(state, party, refusal, null, now) : new RunOutcome(state);
    }

    private static RunOutcome Out(RunState state, PartyId party, Refusal refusal, byte[]? statement, DateTimeOffset now) =>
        new(state.With(state.Parties[party] with { Phase = PartyPhase.Refused, Refusal = refusal, Announced = null, Received = 0, LastProgress = now }))
        {
            Writes = [new RunWrite.Refused(party, refusal, statement)],
        };

    internal static bool MayStillAnswer(RunState state, PartyId party) =>
        state.Parties.TryGetValue(party, out var known) && known.IsPending && MeetParty.IsTimeFor(state, party.Role);

    private static Refusal? Mismatch(RunState state, Input input)
    {
        var statement = input.Refusal;
        if (statement.Run != state.Run || statement.Round != state.Round || statement.Request != state.Request)
            return new Refusal(RefusalCode.RequestInvalid, $"{input.Party}: its refusal is for another request (expected {state.Request.Short}, got {statement.Request.Short}); answer this one");
        return statement.Party != input.Party.Organisation
            ? new Refusal(RefusalCode.SignatureInvalid, $"{input.Party}: its refusal is in the name of {statement.Party}; speak for yourself")
            : null;
    }
}
