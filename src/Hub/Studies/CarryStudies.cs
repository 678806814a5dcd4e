using Consilience.Hub.Analyse;
using Consilience.Hub.Sites;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Google.Protobuf;

namespace Consilience.Hub.Studies;

/// <summary>Carries proposals to the parties, their decisions back, and tells everyone when an agreement is in force. The hub decides nothing about a study.</summary>
internal sealed class CarryStudies(StudyStore store, Connections connections, HubLimits limits, TimeProvider clock)
{
    /// <summary>Takes a proposal in; what is wrong with it, otherwise.</summary>
    internal (StoredStudy? Study, string? Problem) Propose(NodeIdentity caller, ReadOnlySpan<byte> envelope, ConsortiumFile consortia)
    {
        if (!Proposal.TryOpen(envelope, consortia, out var proposal, out var problem))
            return (null, problem);
        var proposer = proposal.FindResearcher(proposal.ProposedBy)!;
        if (caller.Role != NodeRole.Researcher || caller.Name != proposer.Name || caller.Organisation != proposer.Organisation)
            return (null, $"proposal: signed by {proposer.Name} of {proposer.Organisation}, sent by {caller} (expected its own proposer)");
        if (proposal.Study.Expires < DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime))
            return (null, $"proposal: the study expired on {proposal.Study.Expires:yyyy-MM-dd}; choose a day to come");
        if (proposal.ObjectionUnder(consortia.Current) is { } objection)
            return (null, objection);
        if (store.Find(proposal.Digest) is { } known)
            return (known, null);
        if (store.All.Count(s => s.InForce is null) >= limits.StudiesPending)
            return (null, $"proposal: {limits.StudiesPending} studies wait for decisions; try again later");
        var study = store.Add(proposal, clock.GetUtcNow());
        foreach (var (party, role) in proposal.Parties)
            connections.Send(new PartyId(party, Wire(role)), HubSteps.Sent.Proposal, Frame(proposal));
        return (study, null);
    }

    /// <summary>Takes a party's decision in; anything but its own decision about a study it is asked to sign is passed over.</summary>
    internal void Decide(PartyId party, ReadOnlySpan<byte> envelope)
    {
        var named = Signed<DecisionStatement>.PeekUnverified(envelope)?.Agreement;
        if (named is null || store.Find(named) is not { } study || Agreement.ReadDecision(envelope, study.Proposal) is not { } decision)
            return;
        if (decision.Party != party.Organisation || decision.Role != (party.Role == Role.Site ? "site" : "key-holder") || HasDecided(study, party))
            return;
        var wasInForce = study.InForce is not null;
        study = store.Add(study, party, decision.Agrees, envelope.ToArray(), clock.GetUtcNow());
        if (study.InForce is null || wasInForce)
            return;
        foreach (var (member, role) in study.Proposal.Parties)
            connections.Send(new PartyId(member, Wire(role)), HubSteps.Sent.Agreement, Frame(study.InForce));
    }

    /// <summary>What a party that just came needs to know.</summary>
    internal void Repeat(PartyId party)
    {
        foreach (var study in store.All.Where(s => s.Proposal.Parties.Contains((party.Organisation, party.Role == Role.Site ? NodeRole.Site : NodeRole.KeyHolder))))
        {
            if (!HasDecided(study, party))
                connections.Send(party, HubSteps.Sent.Proposal, Frame(study.Proposal));
            if (study.InForce is not null)
                connections.Send(party, HubSteps.Sent.Agreement, Frame(study.InForce));
        }
    }

    /// <summary>The studies a caller takes part in.</summary>
    internal ListStudiesReply List(NodeIdentity caller)
    {
        var reply = new ListStudiesReply();
        reply.Studies.AddRange(store.All.Where(s => TakesPart(s.Proposal, caller)).Select(store.Describe));
        return reply;
    }

    private static bool TakesPart(Proposal proposal, NodeIdentity caller) =>
        caller.Role == NodeRole.Researcher
            ? proposal.Researchers.Any(r => r.Name == caller.Name && r.Organisation == caller.Organisation)
            : proposal.Parties.Any(p => p.Party == caller.Organisation);

    private static bool HasDecided(StoredStudy study, PartyId party) =>
        study.Decisions.Any(d => Agreement.ReadDecision(d, study.Proposal) is { } decision
            && decision.Party == party.Organisation && decision.Role == (party.Role == Role.Site ? "site" : "key-holder"));

    private static Role Wire(NodeRole role) => role == NodeRole.Site ? Role.Site : Role.KeyHolder;

    private static HubFrame Frame(Proposal proposal) => new() { Proposal = new StudyProposal { Proposal = UnsafeByteOperations.UnsafeWrap(proposal.Envelope) } };

    private static HubFrame Frame(Agreement agreement) => new() { Agreement = UnsafeByteOperations.UnsafeWrap(agreement.ToBytes()) };
}
