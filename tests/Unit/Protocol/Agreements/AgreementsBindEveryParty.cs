using System.Text;
using System.Text.Json;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Tests.World;

namespace Consilience.Protocol.Tests.Agreements;

/// <summary>A study is in force when every party signed exactly that text, each in its own role.</summary>
public sealed class AgreementsBindEveryParty
{
    private static readonly Network Made = Network.Shared;

    private static bool IsInForce(Proposal proposal, IEnumerable<byte[]> decisions) => Agreement.TryPutInForce(proposal, decisions, out _) is not null;

    /// <summary>Broken: counts organisations, not roles.</summary>
    private static bool ForgetsRoles(Proposal proposal, IEnumerable<byte[]> decisions) =>
        proposal.Parties.All(p => decisions.Any(d => Signed<DecisionStatement>.TryOpen(d, proposal.Consortium.Find(p.Party)!.SigningKey, out var s) && s.Statement.Agrees));

    /// <summary>Broken: knows a study by its name.</summary>
    private static bool ForgetsTheText(Proposal proposal, IEnumerable<byte[]> decisions, StudyId decidedAbout) =>
        proposal.Study.Id == decidedAbout && decisions.Count() == proposal.Parties.Count();

    /// <summary>Broken: believes the name in a decision.</summary>
    private static bool BelievesTheName(Proposal proposal, IEnumerable<byte[]> decisions) =>
        proposal.Parties.All(p => decisions.Any(d => Signed<DecisionStatement>.PeekUnverified(d) is { } s && s.Party == p.Party && s.Role == (p.Role == NodeRole.Site ? "site" : "key-holder")));

    [Fact]
    public void Sites_and_key_holders_are_parties_each_by_itself() =>
        Assert.Equal(
            [("aster", NodeRole.Site), ("birch", NodeRole.Site), ("cedar", NodeRole.Site), ("aster", NodeRole.KeyHolder), ("birch", NodeRole.KeyHolder)],
            Made.Proposal.Parties.Select(p => (p.Party.ToString(), p.Role)));

    [Fact]
    public void No_party_can_be_left_out()
    {
        var all = Made.Decisions(Made.Proposal);
        Assert.True(IsInForce(Made.Proposal, all));
        for (var absent = 0; absent < all.Count; absent++)
        {
            Assert.Null(Agreement.TryPutInForce(Made.Proposal, all.Where((_, i) => i != absent), out var missing));
            Assert.Equal(Made.Proposal.Parties.Select(p => $"{(p.Role == NodeRole.Site ? "site" : "key-holder")} {p.Party}").ElementAt(absent), Assert.Single(missing));
        }
    }

    [Fact]
    public void A_sites_signature_does_not_stand_for_its_key_holders()
    {
        // Aster the site agreed; aster the key holder was never asked.
        var decisions = Made.Decisions(Made.Proposal).Where((_, i) => i != 3).ToList();
        decisions.Add(decisions[0]);
        Assert.False(IsInForce(Made.Proposal, decisions));
        Assert.True(ForgetsRoles(Made.Proposal, decisions));
    }

    [Theory]
    [InlineData(NodeRole.Hub)]
    [InlineData(NodeRole.Researcher)]
    public void A_decision_in_another_role_counts_for_nothing(NodeRole role)
    {
        var decision = Made.Decision(Made.Proposal, Made.Aster.Id, role);
        Assert.Null(Agreement.ReadDecision(decision, Made.Proposal));
    }

    [Fact]
    public void A_decision_in_anothers_name_counts_for_nothing()
    {
        var forged = Made.Proposal.Parties.Select(p => Made.Decision(Made.Proposal, p.Party, p.Role, signer: Made.Birch)).ToList();
        Assert.False(IsInForce(Made.Proposal, forged));
        Assert.True(BelievesTheName(Made.Proposal, forged));
    }

    [Fact]
    public void A_decision_about_one_text_does_not_bind_to_another()
    {
        var changed = Made.Propose(Network.StudyText.Replace("maximumEpsilon: 1,", "maximumEpsilon: 100,", StringComparison.Ordinal));
        var decisions = Made.Decisions(Made.Proposal);
        Assert.NotEqual(Made.Proposal.Digest, changed.Digest);
        Assert.False(IsInForce(changed, decisions));
        Assert.True(ForgetsTheText(changed, decisions, Made.Proposal.Study.Id));
    }

    [Fact]
    public void A_space_makes_another_agreement()
    {
        var changed = Made.Propose(Network.StudyText + "\n");
        Assert.NotEqual(Made.Proposal.Digest, changed.Digest);
        Assert.False(IsInForce(changed, Made.Decisions(Made.Proposal)));
    }

    [Fact]
    public void A_refusal_keeps_a_study_from_being_in_force()
    {
        var decisions = Made.Decisions(Made.Proposal);
        decisions[2] = Made.Decision(Made.Proposal, Made.Cedar.Id, NodeRole.Site, agrees: false);
        Assert.Null(Agreement.TryPutInForce(Made.Proposal, decisions, out var missing));
        Assert.Equal(["site cedar"], missing);
    }

    [Fact]
    public void An_agreement_is_verified_from_the_consortium_alone()
    {
        Assert.True(Agreement.TryOpen(Made.Agreement.ToBytes(), Made.File, out var opened, out _));
        Assert.Equal(Made.Agreement.Digest, opened.Digest);
        Assert.Equal(Made.Agreement.Study.Text, opened.Study.Text);
        Assert.Equal(5, opened.Decisions.Count);
    }

    [Fact]
    public void An_agreement_of_another_consortium_is_refused()
    {
        var other = ConsortiumFile.Append(null, Network.Sign(null, [(Made.Harbour, ["hub"]), (Made.Aster, ["site"])], [Made.Harbour, Made.Aster]));
        Assert.False(Agreement.TryOpen(Made.Agreement.ToBytes(), other, out _, out var reason));
        Assert.Contains("no version of this one", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"proposal":null,"decisions":[]}""")]
    [InlineData("""{"proposal":"AAAA","decisions":[null]}""")]
    [InlineData("""{"proposal":"AAAA","decisions":["AAAA"]}""")]
    public void Documents_that_are_no_agreement_are_refused_with_a_reason(string text)
    {
        Assert.False(Agreement.TryOpen(Encoding.UTF8.GetBytes(text), Made.File, out _, out var reason));
        Assert.NotEmpty(reason);
    }

    [Fact]
    public void A_proposal_is_signed_by_the_researcher_it_names()
    {
        Assert.True(Opens(Proposal.Sign(Made.Consortium, Network.StudyText, Made.Cards, "bo", Made.Bo.Signing)));
        Assert.False(Opens(Proposal.Sign(Made.Consortium, Network.StudyText, Made.Cards, "ada", Made.Bo.Signing)));
        Assert.False(Opens(Proposal.Sign(Made.Consortium, Network.StudyText, Made.Cards, "eve", Made.Ada.Signing)));
        Assert.False(Opens(Proposal.Sign(Made.Consortium, Network.StudyText, Made.Cards, "ada", Made.Aster.Signing)));
    }

    [Fact]
    public void A_proposal_brings_the_card_of_each_researcher_and_no_other()
    {
        var expires = Network.Now.AddYears(1);
        Assert.False(Opens(WithCards(Made.Cards[0])));
        Assert.False(Opens(WithCards(Made.Cards[1], Made.Cards[0])));
        Assert.False(Opens(WithCards(Made.Cards[0], Made.Stranger.CardFor(Made.Bo, expires, organisation: "birch"))));
        Assert.False(Opens(WithCards(Made.Cards[0], Made.Aster.CardFor(Made.Bo, expires))));
        Assert.False(Opens(WithCards(Made.Cards[0], Made.Cards[1], Made.Aster.CardFor(new Organisation("eve"), expires))));
        Assert.True(Opens(WithCards(Made.Cards[0], Made.Birch.CardFor(Made.Bo, expires))));
    }

    [Theory]
    [InlineData("sites: [aster, birch, cedar]", "sites: [aster, birch, ceder]", "did you mean 'cedar'?")]
    [InlineData("sites: [aster, birch, cedar]", "sites: [aster, birch, harbour]", "role site")]
    [InlineData("keyHolders: [aster, birch]", "keyHolders: [aster, cedar]", "role key-holder")]
    public void A_study_names_members_that_have_the_role(string from, string to, string expected)
    {
        Assert.False(Proposal.TryOpen(Made.ProposalOf(Network.StudyText.Replace(from, to, StringComparison.Ordinal)), Made.File, out _, out var reason));
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void A_payload_that_is_no_proposal_is_refused(string payload) =>
        Assert.False(Opens(DsseEnvelope.Sign(ProposalStatement.PayloadType, Encoding.UTF8.GetBytes(payload), Made.Ada.Signing).ToBytes()));

    [Fact]
    public void A_faulty_study_is_refused_with_its_faults()
    {
        Assert.False(Proposal.TryOpen(Made.ProposalOf(Network.StudyText.Replace("minimumSites: 2", "minimumSites: 9", StringComparison.Ordinal)), Made.File, out _, out var reason));
        Assert.Contains("document.minimumSites", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_agreed_under_keys_that_changed_since_is_not_acted_upon()
    {
        var renewed = new Organisation("birch");
        var next = ConsortiumFile.Append(Made.File, Network.Sign(
            Made.File, [.. Made.Founders.Select(f => f.Who == Made.Birch ? (renewed, f.Roles) : f)], [Made.Harbour, Made.Aster, Made.Birch, Made.Cedar, renewed]));

        // Who found birch's old key signs a proposal and birch's decision under the version that still lists it: every signature verifies.
        Assert.True(Agreement.TryOpen(Made.Agreement.ToBytes(), next, out var opened, out _));
        Assert.Null(opened.Proposal.ObjectionUnder(Made.Consortium));
        Assert.Contains("birch has changed its keys", opened.Proposal.ObjectionUnder(next.Current), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_agreed_with_a_member_that_left_is_not_acted_upon()
    {
        var without = ConsortiumFile.Append(Made.File, Network.Sign(Made.File, [.. Made.Founders.Where(f => f.Who != Made.Cedar)], [Made.Harbour, Made.Aster, Made.Birch]));
        Assert.Contains("cedar is no longer site of test", Made.Proposal.ObjectionUnder(without.Current), StringComparison.Ordinal);
        var joined = ConsortiumFile.Append(Made.File, Network.Sign(
            Made.File, [.. Made.Founders, (Made.Stranger, ["site"])], [Made.Harbour, Made.Aster, Made.Birch, Made.Cedar, Made.Stranger]));
        Assert.Null(Made.Proposal.ObjectionUnder(joined.Current));
    }

    [Fact]
    public void A_decision_says_who_decided_what_when_and_why()
    {
        var decision = Agreement.ReadDecision(Made.Decision(Made.Proposal, Made.Cedar.Id, NodeRole.Site), Made.Proposal)!;
        Assert.Equal((Made.Proposal.Digest, Made.Cedar.Id, "site", true, Network.Now), (decision.Agreement, decision.Party, decision.Role, decision.Agrees, decision.DecidedAt));
        Assert.Equal(["test"], decision.Reasons);
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(Made.Agreement.ToBytes()).RootElement.ValueKind);
    }

    private static bool Opens(byte[] proposal) => Proposal.TryOpen(proposal, Made.File, out _, out _);

    private static byte[] WithCards(params byte[][] cards) => Proposal.Sign(Made.Consortium, Network.StudyText, cards, "ada", Made.Ada.Signing);
}
