using System.Collections.Immutable;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Wire;

namespace Consilience.Hub.Analyse;

/// <summary>
/// Decides, after every event and on every tick of the clock, whether a run has what it needs to go on, or can no longer get it.
/// <list type="number">
/// <item>Attaching: failed when the researcher has not sent of it for as long as a party may be silent.</item>
/// <item>Collecting: once no site is worth waiting for, combine when the agreement's minimum answered, otherwise fail.</item>
/// <item>Opening: opened when every key holder answered; failed when one refused, or one is overdue.</item>
/// <item>Over for a party: tell it, once, so that it may drop what it keeps for repeating.</item>
/// </list>
/// </summary>
public static class SettleRun
{
    public static RunOutcome Decide(RunState state, DateTimeOffset now, HubLimits limits)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(limits);
        return state.Phase switch
        {
            RunPhase.Attaching => Attaching(state, now, limits),
            RunPhase.Collecting => Collecting(state, now, limits),
            RunPhase.Opening => Opening(state, now, limits),
            _ => new RunOutcome(state),
        };
    }

    /// <summary>Tells every connected party for which the run is over; follows after the decision of the event and <see cref="Decide"/>.</summary>
    public static RunOutcome TellEnd(RunState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var told = state.Parties.Values.Where(p => p.Connected && !p.ToldEnd && IsOverFor(state, p.Party)).Select(p => p.Party).ToImmutableArray();
        if (told.IsEmpty)
            return new RunOutcome(state);
        var parties = state.Parties.SetItems(told.Select(p => KeyValuePair.Create(p, state.Parties[p] with { ToldEnd = true })));
        return new RunOutcome(state with { Parties = parties })
        {
            Writes = [new RunWrite.ToldEnd(told)],
            Sends = [.. told.Select(p => RunFrames.Ended(state.Run.ToString(), (uint)state.Round, p))],
        };
    }

    /// <summary>A site is done once the roll is stored; a key holder once the run can never be opened again, or is.</summary>
    public static bool IsOverFor(RunState state, PartyId party)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(party);
        return party.Role == Role.Site
            ? state.Roll is not null || state.IsOver
            : state.IsOver && state.Failure is not { MayResume: true };
    }

    /// <summary>Whether a run stops waiting for a party.</summary>
    public static bool IsOverdue(RunState state, PartyState party, DateTimeOffset now, HubLimits limits)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(party);
        ArgumentNullException.ThrowIfNull(limits);
        return now - party.LastProgress >= (party.Connected ? limits.SilentAllowance : limits.AwayAllowance) || IsPastOverall(state, now, limits);
    }

    private static bool IsPastOverall(RunState state, DateTimeOffset now, HubLimits limits) => now - state.PhaseSince >= limits.OverallLimit;

    private static RunOutcome Attaching(RunState state, DateTimeOffset now, HubLimits limits) =>
        now - state.LastAttached < limits.SilentAllowance && !IsPastOverall(state, now, limits)
            ? new RunOutcome(state)
            : End(state, now, new RunFailure(new Refusal(RefusalCode.DeadlinePassed,
                $"run {state.Run}: its attachment did not come ({state.Attached} of {state.Attachment!.SizeInBytes} bytes); ask again under a new run id"), MayResume: false));

    private static RunOutcome Collecting(RunState state, DateTimeOffset now, HubLimits limits)
    {
        var answered = state.Sites.Count(p => p.Phase == PartyPhase.Answered);
        var waiting = state.Sites.Where(p => p.IsPending && !IsOverdue(state, p, now, limits)).ToList();

        // A run that cannot reach its minimum still hears the connected sites, whose refusals explain why, but waits for nobody who is away.
        var canReachMinimum = answered + waiting.Count >= state.MinimumSites;
        if (waiting.Exists(p => canReachMinimum || p.Connected))
            return new RunOutcome(state);

        var absent = state.Sites.Where(p => p.IsPending).Select(p => p.Party).ToList();
        if (answered >= state.MinimumSites)
        {
            var accepted = state.Sites.Where(p => p.Phase == PartyPhase.Answered).Select(p => p.Party.Organisation).Order().ToImmutableArray();
            return new RunOutcome(MarkAbsent(state, absent) with { Phase = RunPhase.Combining }) { Combine = accepted };
        }

        var refused = state.Sites.Count(p => p.Phase == PartyPhase.Refused);
        var code = IsPastOverall(state, now, limits) ? RefusalCode.DeadlinePassed : RefusalCode.TooFewSites;
        return End(MarkAbsent(state, absent), now, new RunFailure(new Refusal(code,
            $"run {state.Run}: too few sites answered (minimum {state.MinimumSites}, answered {answered}, refused {refused}, absent {absent.Count}); "
            + "see each site's refusal, and ask again under a new run id when enough sites can answer"), MayResume: false));
    }

    private static RunOutcome Opening(RunState state, DateTimeOffset now, HubLimits limits)
    {
        if (state.KeyHolders.FirstOrDefault(p => p.Phase == PartyPhase.Refused) is { Refusal: { } refusal } refuser)
            return End(state, now, new RunFailure(new Refusal(refusal.Code, $"run {state.Run}: {refuser.Party} did not open the roll: {refusal.Message}"), MayResume: false));
        if (state.KeyHolders.All(p => p.Phase == PartyPhase.Answered))
            return End(state, now, null);

        var overdue = state.KeyHolders.Where(p => p.IsPending && IsOverdue(state, p, now, limits)).Select(p => p.Party.Organisation).ToList();
        return overdue.Count == 0
            ? new RunOutcome(state)
            : End(state, now, new RunFailure(new Refusal(RefusalCode.PartyAbsent,
                $"run {state.Run}: no share came from key holder {string.Join(", ", overdue)}; the roll stands: submit the same request again when it is back"), MayResume: true));
    }

    internal static RunOutcome End(RunState state, DateTimeOffset now, RunFailure? failure) =>
        new(state with { Phase = failure is null ? RunPhase.Opened : RunPhase.Failed, PhaseSince = now, Failure = failure }) { Writes = [new RunWrite.Phase()] };

    private static RunState MarkAbsent(RunState state, IEnumerable<PartyId> absent) =>
        state with { Parties = state.Parties.SetItems(absent.Select(p => KeyValuePair.Create(p, state.Parties[p] with { Phase = PartyPhase.Absent }))) };
}
