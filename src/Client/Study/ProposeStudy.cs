using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Google.Protobuf;

namespace Consilience.Client.Study;

/// <summary>Where a study stands: what was proposed, who has decided how, and whether it is in force.</summary>
/// <param name="Charged">What runs that the hub knows of charged each site; sites that were charged nothing are left out.</param>
public sealed record StudyStanding(Proposal Proposal, IReadOnlyList<DecisionStatement> Decisions, Agreement? InForce, IReadOnlyDictionary<OrganisationId, NanoRho> Charged)
{
    /// <summary>Parties that have not decided, in words.</summary>
    public IReadOnlyList<string> Waiting =>
        [.. Proposal.Parties.Where(p => !Decisions.Any(d => d.Party == p.Party && d.Role == RoleOf(p.Role))).Select(p => $"{RoleOf(p.Role)} {p.Party}")];

    private static string RoleOf(NodeRole role) => role == NodeRole.Site ? "site" : "key-holder";
}

/// <summary>Proposes studies and follows them, checking every signature the hub hands over.</summary>
public sealed class ProposeStudy(HubConnection hub, ConsortiumFile consortia, TimeProvider clock)
{
    /// <summary>Checks a study completely, signs it as a researcher of it, and proposes it.</summary>
    /// <exception cref="FaultyInputException">The study has faults; all are listed, and nothing was sent.</exception>
    public async Task<StudyStanding> ProposeAsync(string studyText, IReadOnlyList<byte[]> cards, string researcher, SigningKey key, CancellationToken cancellation)
    {
        var envelope = Check(studyText, cards, researcher, key);
        var state = await hub.ProposeAsync(new ProposeRequest { Proposal = ByteString.CopyFrom(envelope) }, cancellation);
        return Read(state) ?? throw new AskFailedException(RefusalCode.SignatureInvalid, "hub: answered with another study than was proposed; tell its operator", [], []);
    }

    public async Task<IReadOnlyList<StudyStanding>> ListAsync(CancellationToken cancellation)
    {
        var reply = await hub.ListStudiesAsync(cancellation);
        return [.. reply.Studies.Select(Read).OfType<StudyStanding>()];
    }

    /// <summary>Waits until every party has agreed.</summary>
    /// <exception cref="StudyRefusedException">A party refused.</exception>
    public async Task<Agreement> WaitUntilInForceAsync(Digest agreement, IProgress<StudyStanding>? progress, CancellationToken cancellation)
    {
        while (true)
        {
            var standing = (await ListAsync(cancellation)).FirstOrDefault(s => s.Proposal.Digest == agreement);
            if (standing is not null)
                progress?.Report(standing);
            if (standing?.InForce is { } inForce)
                return inForce;
            if (standing?.Decisions.FirstOrDefault(d => !d.Agrees) is { } refusal)
                throw new StudyRefusedException(refusal);
            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancellation);
        }
    }

    private byte[] Check(string studyText, IReadOnlyList<byte[]> cards, string researcher, SigningKey key)
    {
        var faults = new List<Fault>();
        var study = StudyReader.Read(studyText, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), faults);
        var researchers = cards.Select(c => Researcher.FromCard(c, consortia.Current)).ToList();
        if (researchers.Any(r => r is null))
            faults.Add(new Fault("cards", "researcher cards signed by members of the consortium", "another file, or a card of another consortium", "make one with 'consilience key card'"));
        else if (study is not null)
            Proposal.CheckReferences(study, researchers!, consortia.Current, faults);
        if (faults.Count > 0)
            throw new FaultyInputException("study", faults);
        return Proposal.Sign(consortia.Current, studyText, cards, researcher, key);
    }

    private StudyStanding? Read(StudyState state)
    {
        if (!Proposal.TryOpen(state.Proposal.Span, consortia, out var proposal, out _))
            return null;
        var decisions = state.Decisions.Select(d => Agreement.ReadDecision(d.Span, proposal)).OfType<DecisionStatement>().ToList();
        var inForce = Agreement.TryPutInForce(proposal, state.Decisions.Select(d => d.ToByteArray()), out _);
        var charged = state.Charges
            .Where(c => c.NanoRho <= long.MaxValue && OrganisationId.TryParse(c.Site, null, out var site) && proposal.Study.Sites.Contains(site))
            .GroupBy(c => OrganisationId.Parse(c.Site)).ToDictionary(c => c.Key, c => new NanoRho((long)c.First().NanoRho));
        return new StudyStanding(proposal, decisions, inForce, charged);
    }
}

/// <summary>A party refused a study; says who and why.</summary>
public sealed class StudyRefusedException(DecisionStatement decision)
    : Exception($"{decision.Role} {decision.Party} refused the study: {string.Join("; ", decision.Reasons)}")
{
    public DecisionStatement Decision { get; } = decision;
}
