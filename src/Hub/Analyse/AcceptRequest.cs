using System.Collections.Immutable;
using Consilience.Hub.Sites;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;

namespace Consilience.Hub.Analyse;

/// <summary>
/// A researcher's request becomes a run. <b>Guarantee:</b> the request is signed by a researcher of an agreement in force, sent by that researcher, within the agreement, and
/// its run id was never used for another request.
/// </summary>
internal static class AcceptRequest
{
    internal static (RunState? State, Refusal? Refusal) Decide(NodeIdentity caller, ReadOnlySpan<byte> envelope, Agreement? agreement, HubLimits limits, DateTimeOffset now)
    {
        if (agreement is null)
            return (null, new(RefusalCode.AgreementUnknown, "request: its agreement is not in force at this hub; see 'consilience study list'"));
        var (plan, refusal) = RunPlan.Decide(agreement, envelope, now);
        if (plan is null)
            return (null, refusal);
        var terms = plan.Request.Statement;
        if (Foreign(caller, agreement, terms.Researcher) is { } foreign)
            return (null, foreign);
        if (plan.Ring.SizeOf(plan.VectorLength) > limits.LargestVector)
            return (null, new(RefusalCode.RequestInvalid, $"request: {plan.VectorLength} counters of {plan.Ring.WordBits} bits (at most {limits.LargestVector} bytes at this hub); use a coarser grid, fewer groups or a smaller model"));
        if (plan.Attachment is { } attachment && attachment.SizeInBytes > limits.LargestAttachment)
            return (null, new(RefusalCode.RequestInvalid, $"request: an attachment of {attachment.SizeInBytes} bytes (at most {limits.LargestAttachment} at this hub); use a smaller model"));
        return (new RunState
        {
            Run = terms.Run,
            Round = terms.Round,
            Request = plan.Request.Digest,
            RequestStatement = plan.Request.Envelope,
            Release = terms.Again ? null : plan.Release,
            Charge = plan.ChargeInNanoRho,
            Agreement = agreement.Digest,
            Consortium = agreement.Consortium.Digest,
            VectorLength = plan.VectorLength,
            Ring = plan.Ring,
            Attachment = plan.Attachment,
            LastAttached = now,
            Recipients = plan.Recipients.Count,
            MinimumSites = plan.MinimumSites,
            RequestExpiresAt = terms.ExpiresAt,
            AcceptedAt = now,
            Phase = plan.Attachment is null ? RunPhase.Collecting : RunPhase.Attaching,
            PhaseSince = now,
            Parties = ImmutableSortedDictionary.CreateRange(Parties(plan, now).Select(p => KeyValuePair.Create(p.Party, p))),
        }, null);
    }

    /// <summary>One of the agreement's researchers; null when it is.</summary>
    internal static Refusal? Stranger(NodeIdentity caller, Agreement agreement) =>
        Is(caller, agreement, caller.Name)
            ? null
            : new(RefusalCode.ResearcherUnknown, $"{caller}: not a researcher of the run's agreement");

    /// <summary>Not the researcher who signed: null when it is.</summary>
    internal static Refusal? Foreign(NodeIdentity caller, Agreement agreement, string researcher) =>
        Is(caller, agreement, researcher)
            ? null
            : new(RefusalCode.ResearcherUnknown, $"request: signed by researcher {researcher}, sent by {caller} (expected its own researcher)");

    private static bool Is(NodeIdentity caller, Agreement agreement, string researcher) =>
        caller.Role == NodeRole.Researcher && agreement.Proposal.FindResearcher(researcher) is { } named && caller.Name == named.Name && caller.Organisation == named.Organisation;

    /// <summary>The run as it begins: stored, and the connected sites asked, unless an attachment has to come first.</summary>
    internal static RunOutcome Begin(RunState state, Connections connections, DateTimeOffset now)
    {
        var parties = state.Parties.Values.Select(p => KeyValuePair.Create(p.Party, p with { Connected = connections.IsConnected(p.Party), LastProgress = now }));
        var next = state with { Parties = state.Parties.SetItems(parties) };
        return new RunOutcome(next)
        {
            Writes = [new RunWrite.NewRun(next)],
            Sends = AskSites(next),
        };
    }

    /// <summary>The request, to every connected site of a run that collects.</summary>
    internal static ImmutableArray<RunSend> AskSites(RunState state) =>
        state.Phase == RunPhase.Collecting ? [.. state.Sites.Where(s => s.Connected).Select(s => RunFrames.Request(state, s.Party))] : [];

    /// <summary>A run that failed only for want of a key holder goes on with the roll it has.</summary>
    internal static RunOutcome Resume(RunState state, Connections connections, DateTimeOffset now)
    {
        var parties = state.Parties.Values.Select(p => KeyValuePair.Create(p.Party, p with { Connected = connections.IsConnected(p.Party), LastProgress = now }));
        var next = state with { Phase = RunPhase.Opening, PhaseSince = now, Failure = null, Parties = state.Parties.SetItems(parties) };
        return new RunOutcome(next)
        {
            Writes = [new RunWrite.Phase()],
            Sends = [.. next.KeyHolders.Where(k => k.Connected && k.IsPending).Select(k => RunFrames.Roll(next, k.Party))],
        };
    }

    private static IEnumerable<PartyState> Parties(RunPlan plan, DateTimeOffset now) =>
        plan.Sites.Select(s => new PartyState { Party = new PartyId(s, Role.Site), Phase = PartyPhase.Asked, LastProgress = now })
            .Concat(plan.Agreement.Study.KeyHolders.Select(k => new PartyState { Party = new PartyId(k, Role.KeyHolder), Phase = PartyPhase.NotAsked, LastProgress = now }));
}
