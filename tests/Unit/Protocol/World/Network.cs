using System.Text.Json;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Protocol.Tests.World;

/// <summary>A hub, three sites of which two are key holders, a stranger, and two researchers, ada of aster and bo of birch. Made once: nothing in it changes.</summary>
internal sealed class Network
{
    internal const string StudyText = """
        study: tumours
        title: Tumours by stage
        purpose: {code: "DUO:0000007", text: Research on tumours.}
        researchers:
          - {name: ada, organisation: aster}
          - {name: bo, organisation: birch}
        sites: [aster, birch, cedar]
        keyHolders: [aster, birch]
        minimumSites: 2
        schema:
          variables:
            stage:
              type: category
              label: Stage
              codes: {"1": early, "2": late}
            age: {type: integer, unit: years, minimum: 0, maximum: 200}
            weight: {type: real, unit: kg}
            relapse: {type: boolean}
            seen: {type: date}
        cohort: age < 15
        methods: [count, kaplan-meier]
        precision:
          exact: {minimumSites: 3, minimumPersons: 5}
          noised: {maximumEpsilon: 1, budget: 2}
        expires: 2030-12-31
        """;

    internal static readonly DateTimeOffset Now = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Lazy<Network> Made = new(() => new Network());

    private Network()
    {
        Founders = [(Harbour, ["hub"]), (Aster, ["site", "key-holder"]), (Birch, ["site", "key-holder"]), (Cedar, ["site"])];
        File = ConsortiumFile.Append(null, Sign(null, Founders, [Harbour, Aster, Birch, Cedar]));
        Cards = [Aster.CardFor(Ada, Now.AddYears(1)), Birch.CardFor(Bo, Now.AddYears(1))];
        Proposal = Propose(StudyText);
        Agreement = Agree(Proposal);
    }

    internal static Network Shared => Made.Value;

    internal Organisation Harbour { get; } = new("harbour");

    internal Organisation Aster { get; } = new("aster");

    internal Organisation Birch { get; } = new("birch");

    internal Organisation Cedar { get; } = new("cedar");

    internal Organisation Stranger { get; } = new("stranger");

    internal Organisation Ada { get; } = new("ada");

    internal Organisation Bo { get; } = new("bo");

    internal (Organisation Who, string[] Roles)[] Founders { get; }

    internal ConsortiumFile File { get; }

    internal Consortium Consortium => File.Current;

    internal byte[][] Cards { get; }

    internal Proposal Proposal { get; }

    internal Agreement Agreement { get; }

    internal IEnumerable<Organisation> Everyone => [Harbour, Aster, Birch, Cedar, Stranger];

    /// <summary>A version after <paramref name="current"/>, signed by whoever is named.</summary>
    internal static DsseEnvelope Sign(ConsortiumFile? current, (Organisation Who, string[] Roles)[] members, Organisation[] signers, string name = "test") =>
        signers.Aggregate(
            ConsortiumFile.Draft(current, name, [.. members.Select(m => m.Who.As(m.Roles))], signers[0].Signing),
            (draft, signer) => draft.WithSignature(signer.Signing));

    internal byte[] ProposalOf(string text, string by = "ada") => Proposal.Sign(Consortium, text, Cards, by, (by == "ada" ? Ada : Bo).Signing);

    internal Proposal Propose(string text) =>
        Proposal.TryOpen(ProposalOf(text), File, out var proposal, out var reason) ? proposal : throw new InvalidOperationException(reason);

    internal Organisation KeysOf(OrganisationId id) => Everyone.Single(o => o.Id == id);

    internal byte[] Decision(Proposal proposal, OrganisationId party, NodeRole role, bool agrees = true, Organisation? signer = null) =>
        Agreement.Decide(proposal, party, role, agrees, ["test"], Now, (signer ?? KeysOf(party)).Signing);

    internal List<byte[]> Decisions(Proposal proposal) => [.. proposal.Parties.Select(p => Decision(proposal, p.Party, p.Role))];

    internal Agreement Agree(Proposal proposal) =>
        Agreement.TryPutInForce(proposal, Decisions(proposal), out var missing) ?? throw new InvalidOperationException(string.Join(", ", missing));

    /// <summary>A request that is in order.</summary>
    internal RequestStatement Request(Agreement? agreement = null)
    {
        agreement ??= Agreement;
        return new RequestStatement
        {
            Run = RunId.Parse("000102030405060708090a0b0c0d0e0f"),
            Round = 0,
            Consortium = agreement.Consortium.Digest,
            Agreement = agreement.Digest,
            Researcher = "ada",
            Method = "count",
            Parameters = JsonDocument.Parse("""{"by":["stage"]}""").RootElement,
            Cohort = "stage = '2'",
            Precision = Precision.Noised,
            Epsilon = "1/2",
            Rho = null,
            Noise = "discrete-laplace",
            Again = false,
            VectorLength = 2,
            WordBits = 64,
            Attachment = null,
            Sites = null,
            KeyHolders = [.. agreement.Study.KeyHolders.Select(k => new KeyHolderBinding(k, RunPlan.Fingerprint(agreement.Consortium.Find(k)!.SealingKey)))],
            Recipients = [new RecipientBinding("ada", RunPlan.Fingerprint(Ada.Sealing.PublicKey))],
            IssuedAt = Now,
            ExpiresAt = Now.AddHours(1),
        };
    }
}
