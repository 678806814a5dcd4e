using System.Diagnostics.CodeAnalysis;
using Consilience.Analyses.Schema;
using Consilience.Protocol.Identity;

namespace Consilience.Protocol.Agreements;

/// <summary>
/// A proposal whose signature, researchers' cards and study were all checked against one consortium. <see cref="Digest"/> is the agreement digest.
/// </summary>
public sealed class Proposal
{
    private const int MostFaultsSaid = 20;

    private Proposal(byte[] envelope, Digest digest, Consortium consortium, Study study, IReadOnlyList<Researcher> researchers, string proposedBy)
    {
        Envelope = envelope;
        Digest = digest;
        Consortium = consortium;
        Study = study;
        Researchers = researchers;
        ProposedBy = proposedBy;
    }

    public byte[] Envelope { get; }

    public Digest Digest { get; }

    public Consortium Consortium { get; }

    public Study Study { get; }

    public IReadOnlyList<Researcher> Researchers { get; }

    public string ProposedBy { get; }

    /// <summary>
    /// What keeps the proposal from being acted upon under <paramref name="current"/>, or null: the hub, a party or a researcher's organisation has left, lost its role or changed
    /// a key since. Keys are changed when they are feared lost, so nothing new is done in the name of old ones; results of before stay verifiable.
    /// </summary>
    public string? ObjectionUnder(Consortium current)
    {
        ArgumentNullException.ThrowIfNull(current);
        var needed = Parties.Append((Consortium.Hub.Id, NodeRole.Hub)).Concat(Researchers.Select(r => (r.Organisation, NodeRole.Researcher)));
        foreach (var (organisation, role) in needed)
        {
            var then = Consortium.Find(organisation)!;
            if (current.Find(organisation) is not { } now || (role != NodeRole.Researcher && !now.Roles.Contains(role)))
                return $"study {Study.Id}: {organisation} is no longer {(role == NodeRole.Researcher ? "a member" : NodeIdentity.RoleText(role))} of {current.Name}; propose the study again";
            if (!now.SigningKey.Equals(then.SigningKey) || !now.SealingKey.Equals(then.SealingKey))
                return $"study {Study.Id}: {organisation} has changed its keys since version {Consortium.Version} of the consortium; propose the study again";
        }

        return null;
    }

    public Researcher? FindResearcher(string name) => Researchers.FirstOrDefault(r => r.Name == name);

    /// <summary>Every party that has to decide, each role by itself.</summary>
    public IEnumerable<(OrganisationId Party, NodeRole Role)> Parties =>
        Study.Sites.Select(s => (s, NodeRole.Site)).Concat(Study.KeyHolders.Select(k => (k, NodeRole.KeyHolder)));

    /// <summary>A proposal signed by a researcher.</summary>
    public static byte[] Sign(Consortium consortium, string studyText, IReadOnlyList<byte[]> researcherCards, string proposedBy, SigningKey researcher)
    {
        ArgumentNullException.ThrowIfNull(consortium);
        return Signed<ProposalStatement>.By(researcher, new ProposalStatement
        {
            Consortium = consortium.Digest, Study = studyText, Researchers = researcherCards, ProposedBy = proposedBy,
        }).Envelope;
    }

    /// <summary>Opens a proposal made under any version of <paramref name="consortia"/>; says what is wrong with it otherwise.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> envelope, ConsortiumFile consortia, [NotNullWhen(true)] out Proposal? proposal, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(consortia);
        proposal = null;
        var peeked = Signed<ProposalStatement>.PeekUnverified(envelope);
        if (peeked is null)
        {
            reason = "proposal: not a signed study";
            return false;
        }

        if (consortia.Find(peeked.Consortium) is not { } consortium)
        {
            reason = $"proposal: made for consortium {peeked.Consortium.Short}, which is no version of this one; fetch the newest consortium file";
            return false;
        }

        var researchers = peeked.Researchers.Select(card => Researcher.FromCard(card, consortium)).ToList();
        var proposer = researchers.FirstOrDefault(r => r?.Name == peeked.ProposedBy);
        if (researchers.Any(r => r is null) || proposer is null || !Signed<ProposalStatement>.TryOpen(envelope, proposer.SigningKey, out var signed))
        {
            reason = "proposal: a researcher's card or the proposer's signature does not verify";
            return false;
        }

        var faults = new List<Fault>();
        var study = StudyReader.Read(signed.Statement.Study, today: null, faults);
        if (study is not null)
            CheckReferences(study, researchers!, consortium, faults);
        reason = faults.Count == 0 ? null : $"proposal: {string.Join("; ", faults.Take(MostFaultsSaid))}";
        if (study is null || reason is not null)
        {
            reason ??= "proposal: not a study";
            return false;
        }

        proposal = new Proposal(envelope.ToArray(), signed.Digest, consortium, study, researchers!, peeked.ProposedBy);
        return true;
    }

    /// <summary>Adds a fault for every organisation or researcher the study names that is not what it has to be.</summary>
    public static void CheckReferences(Study study, IReadOnlyList<Researcher> researchers, Consortium consortium, ICollection<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(researchers);
        ArgumentNullException.ThrowIfNull(consortium);
        ArgumentNullException.ThrowIfNull(faults);
        CheckMembers(study.Sites, "sites", NodeRole.Site, consortium, faults);
        CheckMembers(study.KeyHolders, "keyHolders", NodeRole.KeyHolder, consortium, faults);
        var named = study.Researchers.Select(r => (r.Name, r.Organisation));
        if (!named.SequenceEqual(researchers.Select(r => (r.Name, r.Organisation))))
            faults.Add(new Fault("researchers", "a card for each researcher the study names, in order", "other cards", "add the cards their organisations signed"));
    }

    private static void CheckMembers(IEnumerable<OrganisationId> ids, string subject, NodeRole role, Consortium consortium, ICollection<Fault> faults)
    {
        var able = consortium.Members.Where(m => m.Roles.Contains(role)).Select(m => m.Id.ToString()).ToList();
        foreach (var id in ids.Where(id => !able.Contains(id.ToString())))
            faults.Add(new Fault(subject, $"members of {consortium.Name} with the role {NodeIdentity.RoleText(role)}", $"'{id}'", Suggestion.For(id.ToString(), able)));
    }
}
