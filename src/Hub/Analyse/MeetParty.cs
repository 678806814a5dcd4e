using System.Collections.Immutable;
using Consilience.Protocol.Wire;

namespace Consilience.Hub.Analyse;

/// <summary>A party comes or goes. Coming back it gets what is outstanding again, because nothing that was on its way when a link broke counts as sent.</summary>
public static class MeetParty
{
    public static RunOutcome Came(RunState state, PartyId party, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(party);
        if (!state.Parties.TryGetValue(party, out var known))
            return new RunOutcome(state);
        var next = state.With(known with { Connected = true, LastProgress = now });
        return new RunOutcome(next) { Sends = known.IsPending ? Ask(next, party) : [] };
    }

    public static RunOutcome Left(RunState state, PartyId party, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(party);
        return state.Parties.TryGetValue(party, out var known)
            ? new RunOutcome(state.With(known with { Connected = false, LastProgress = now }))
            : new RunOutcome(state);
    }

    /// <summary>A sign of life that changes nothing else.</summary>
    public static RunOutcome Heard(RunState state, PartyId party, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(party);
        return new RunOutcome(state.With(state.Parties[party] with { LastProgress = now }));
    }

    /// <summary>Whether this is the time for a party in that role to answer.</summary>
    internal static bool IsTimeFor(RunState state, Role role) => role == Role.Site ? state.Phase == RunPhase.Collecting : state.Phase == RunPhase.Opening;

    /// <summary>The request, to a site that has not answered; the roll, to a key holder that has not opened it.</summary>
    internal static ImmutableArray<RunSend> Ask(RunState state, PartyId party) => (party.Role, state.Phase) switch
    {
        (Role.Site, RunPhase.Collecting) => [RunFrames.Request(state, party)],
        (Role.KeyHolder, RunPhase.Opening) => [RunFrames.Roll(state, party)],
        _ => [],
    };
}
