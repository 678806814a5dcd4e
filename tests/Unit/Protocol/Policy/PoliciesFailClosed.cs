using Consilience.Analyses.Schema;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Policy;
using Consilience.Protocol.Tests.World;

namespace Consilience.Protocol.Tests.Policy;

/// <summary>A policy grants what it says and nothing else, and says rule by rule why.</summary>
public sealed class PoliciesFailClosed
{
    internal const string Text = """
        decide: automatic
        purposes: ["DUO:0000007"]
        researchersFrom: [aster, birch]
        methods: [count, kaplan-meier]
        exact: {minimumSites: 3, minimumPersons: 5}
        noised: {maximumEpsilon: 1, budget: 2}
        keyHolders: {minimum: 2, mustInclude: [self]}
        latestExpiry: 2030-12-31
        """;

    private static readonly Network Made = Network.Shared;

    private static Study Study(string from = "", string to = "") =>
        StudyReader.Read(from.Length == 0 ? Network.StudyText : Network.StudyText.Replace(from, to, StringComparison.Ordinal), today: null);

    private static SitePolicy Policy(string from = "", string to = "") => SitePolicy.Read(from.Length == 0 ? Text : Text.Replace(from, to, StringComparison.Ordinal));

    private static List<string> Refusing(PolicyDecision decision) => [.. decision.Outcomes.Where(o => !o.Allows).Select(o => o.Rule)];

    [Fact]
    public void A_study_within_every_rule_is_allowed_and_every_rule_is_said()
    {
        var decision = Policy().Decide(Study(), Made.Aster.Id);
        Assert.True(decision.IsAllowed);
        Assert.Equal(
            ["purposes", "researchersFrom", "methods", "exact", "noised", "noised.colluding", "disclosure", "siteFigures", "keyHolders.minimum", "keyHolders.mustInclude", "latestExpiry"],
            decision.Outcomes.Select(o => o.Rule));
        Assert.All(decision.Outcomes, o => Assert.NotEmpty(o.Why));
        Assert.Equal(11, decision.Reasons.Count);
    }

    /// <summary>The study goes beyond the policy in one thing.</summary>
    [Theory]
    [InlineData("DUO:0000007", "DUO:0000042", "purposes")]
    [InlineData("organisation: birch", "organisation: cedar", "researchersFrom")]
    [InlineData("minimumSites: 3, minimumPersons: 5", "minimumSites: 2, minimumPersons: 5", "exact")]
    [InlineData("minimumSites: 3, minimumPersons: 5", "minimumSites: 3, minimumPersons: 4", "exact")]
    [InlineData("maximumEpsilon: 1, budget: 2", "maximumEpsilon: 1.01, budget: 2", "noised")]
    [InlineData("maximumEpsilon: 1, budget: 2", "maximumEpsilon: 1, budget: 2.000000001", "noised")]
    [InlineData("keyHolders: [aster, birch]", "keyHolders: [aster]", "keyHolders.minimum")]
    [InlineData("keyHolders: [aster, birch]", "keyHolders: [birch, cedar]", "keyHolders.mustInclude")]
    [InlineData("2030-12-31", "2031-01-01", "latestExpiry")]
    [InlineData("relapse: {type: boolean}", "hospital: {type: site}", "siteFigures")]
    public void A_study_beyond_one_rule_is_refused_by_that_rule(string from, string to, string rule)
    {
        var decision = Policy().Decide(Study(from, to), Made.Aster.Id);
        Assert.False(decision.IsAllowed);
        Assert.Equal([rule], Refusing(decision));
        Assert.StartsWith($"refuses: {rule}: ", Assert.Single(decision.Reasons), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void Sites_are_told_apart_where_it_is_granted(string granted, bool allowed) =>
        Assert.Equal(allowed, Policy("latestExpiry", $"siteFigures: {granted}\nlatestExpiry").Decide(Study("relapse: {type: boolean}", "hospital: {type: site}"), Made.Aster.Id).IsAllowed);

    /// <summary>The policy grants one thing less; left out is not granted.</summary>
    [Theory]
    [InlineData("purposes: [\"DUO:0000007\"]", "purposes: []", "purposes")]
    [InlineData("researchersFrom: [aster, birch]", "researchersFrom: [aster]", "researchersFrom")]
    [InlineData("methods: [count, kaplan-meier]", "methods: [count]", "methods")]
    [InlineData("exact: {minimumSites: 3, minimumPersons: 5}\n", "", "exact")]
    [InlineData("noised: {maximumEpsilon: 1, budget: 2}\n", "", "noised")]
    [InlineData("minimum: 2", "minimum: 3", "keyHolders.minimum")]
    [InlineData("mustInclude: [self]", "mustInclude: [self, cedar]", "keyHolders.mustInclude")]
    [InlineData("latestExpiry: 2030-12-31", "latestExpiry: 2030-12-30", "latestExpiry")]
    public void What_a_policy_does_not_grant_is_refused(string from, string to, string rule)
    {
        Assert.Contains(from, Text, StringComparison.Ordinal);
        Assert.Equal([rule], Refusing(Policy(from, to).Decide(Study(), Made.Aster.Id)));
    }

    [Fact]
    public void Every_refusing_rule_is_named_at_once()
    {
        var policy = Policy("purposes: [\"DUO:0000007\"]", "purposes: []");
        Assert.Equal(["purposes", "keyHolders.mustInclude", "latestExpiry"], Refusing(policy.Decide(
            StudyReader.Read(Network.StudyText.Replace("2030-12-31", "2040-01-01", StringComparison.Ordinal).Replace("keyHolders: [aster, birch]", "keyHolders: [birch, cedar]", StringComparison.Ordinal), null),
            Made.Aster.Id)));
    }

    [Fact]
    public void Self_is_the_party_whose_policy_it_is()
    {
        Assert.True(Policy().Decide(Study(), Made.Birch.Id).IsAllowed);
        Assert.Equal(["keyHolders.mustInclude"], Refusing(Policy().Decide(Study(), Made.Cedar.Id)));
    }

    [Fact]
    public void A_study_that_does_not_ask_for_a_precision_needs_no_grant_of_it()
    {
        var noisedOnly = Study("  exact: {minimumSites: 3, minimumPersons: 5}\n", "");
        Assert.True(Policy("exact: {minimumSites: 3, minimumPersons: 5}\n", "").Decide(noisedOnly, Made.Aster.Id).IsAllowed);
    }

    [Fact]
    public void The_rules_hold_again_for_every_request_as_they_stand_today()
    {
        RunPlan Plan(RequestStatement request) => RunPlan.Decide(Made.Agreement, Signed<RequestStatement>.By(Made.Ada.Signing, request).Envelope, Network.Now).Plan!;
        var noised = Plan(Made.Request());
        var exact = Plan(Made.Request() with { Precision = Precision.Exact, Epsilon = null, Noise = null });
        Assert.True(Policy().Decide(noised, Made.Aster.Id).IsAllowed);
        Assert.True(Policy().Decide(exact, Made.Aster.Id).IsAllowed);
        Assert.Contains("exact", Refusing(Policy("exact: {minimumSites: 3, minimumPersons: 5}\n", "").Decide(exact, Made.Aster.Id)));
        Assert.Contains("noised", Refusing(Policy("noised: {maximumEpsilon: 1, budget: 2}\n", "").Decide(noised, Made.Aster.Id)));
        Assert.Contains("noised.maximumEpsilon", Refusing(Policy("maximumEpsilon: 1", "maximumEpsilon: 0.4").Decide(noised, Made.Aster.Id)));
        Assert.Contains("researchersFrom", Refusing(Policy("[aster, birch]", "[birch]").Decide(noised, Made.Aster.Id)));
    }

    [Theory]
    [InlineData("decide: automatic", "decide: sometimes", "document.decide")]
    [InlineData("decide: automatic\n", "", "document.decide")]
    [InlineData("purposes: [\"DUO:0000007\"]\n", "", "document.purposes")]
    [InlineData("DUO:0000007", "DUO:7", "document.purposes")]
    [InlineData("researchersFrom: [aster, birch]", "researchersFrom: [Aster]", "document.researchersFrom")]
    [InlineData("researchersFrom: [aster, birch]", "researchersFrom: aster", "document.researchersFrom")]
    [InlineData("methods: [count, kaplan-meier]", "methods: [counts]", "document.methods")]
    [InlineData("minimumSites: 3, minimumPersons: 5", "minimumSites: 3", "document.exact.minimumPersons")]
    [InlineData("minimumSites: 3, minimumPersons: 5", "minimumSites: 0, minimumPersons: 5", "document.exact.minimumSites")]
    [InlineData("budget: 2", "budget: lots", "document.noised.budget")]
    [InlineData("maximumEpsilon: 1", "maximumEpsilon: 1000", "document.noised.maximumEpsilon")]
    [InlineData("minimum: 2", "minimum: 0", "document.keyHolders.minimum")]
    [InlineData("keyHolders: {minimum: 2, mustInclude: [self]}\n", "", "document.keyHolders")]
    [InlineData("[self]", "[Self]", "document.keyHolders.mustInclude")]
    [InlineData("latestExpiry: 2030-12-31", "latestExpiry: never", "document.latestExpiry")]
    [InlineData("latestExpiry: 2030-12-31", "latestExpiry: 2030-12-31\nallow: everything", "document.allow")]
    public void A_faulty_policy_is_no_policy(string from, string to, string subject)
    {
        var fault = Assert.Single(Assert.Throws<FaultyInputException>(() => Policy(from, to)).Faults);
        Assert.Equal(subject, fault.Subject);
        Assert.NotNull(fault.At);
    }

    [Fact]
    public void By_hand_leaves_the_decision_to_a_person()
    {
        Assert.False(Policy("decide: automatic", "decide: by-hand").DecidesAutomatically);
        Assert.True(Policy().DecidesAutomatically);
    }

    [Fact]
    public void The_sample_is_a_policy_that_allows_the_sample_study()
    {
        var policy = SitePolicy.Read(File.ReadAllText(Repository.Path("samples/wilms/policy.yaml")));
        var study = StudyReader.Read(File.ReadAllText(Repository.Path("samples/wilms/study.yaml")), today: null);
        Assert.True(policy.Decide(study, Made.Aster.Id).IsAllowed);
    }

    /// <summary>What a site wants hidden a study has to hide, feature by feature; rules that are stricter in another way do not make up for it.</summary>
    [Theory]
    [InlineData("", "", true)]
    [InlineData("disclosure: [CMS-11]", "", false)]
    [InlineData("disclosure: [CMS-11]", "disclosure: [CMS-11]", true)]
    [InlineData("disclosure: [CMS-11]", "disclosure: [NHS-2018]", false)]
    [InlineData("disclosure: [CMS-11]", "disclosure: [NHS-2018, CMS-11]", true)]
    [InlineData("disclosure: [CMS-11, NHS-2018]", "disclosure: [CMS-11]", false)]
    [InlineData("disclosure: [OHDSI-5]", "disclosure: [USCS-16]", true)]
    public void A_study_must_hide_what_the_site_wants_hidden(string policy, string study, bool allowed)
    {
        var decision = SitePolicy.Read(Text + "\n" + policy).Decide(StudyReader.Read(Network.StudyText + "\n" + study, null), Made.Aster.Id);
        Assert.Equal(allowed, decision.Outcomes.Single(o => o.Rule == "disclosure").Allows);
        Assert.Equal(allowed, decision.IsAllowed);
    }

    [Theory]
    [InlineData("disclosure: [CMS-12]")]
    [InlineData("disclosure: CMS-11")]
    public void A_preset_that_nobody_knows_is_a_fault_in_studies_and_policies(string line)
    {
        Assert.Throws<FaultyInputException>(() => SitePolicy.Read(Text + "\n" + line));
        Assert.Throws<FaultyInputException>(() => StudyReader.Read(Network.StudyText + "\n" + line, null));
    }

    /// <summary>Noise that counts on key holders' silence is refused unless the policy says so; where it says nothing, all but one may talk.</summary>
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", ", colluding: 0", false)]
    [InlineData(", colluding: 0", ", colluding: 0", true)]
    [InlineData(", colluding: 1", ", colluding: 0", false)]
    public void A_study_must_withstand_as_many_colluding_key_holders_as_the_site_wants(string policy, string study, bool allowed)
    {
        const string Terms = "budget: 2";
        var decision = Policy(Terms, Terms + policy).Decide(Study(Terms, Terms + study), Made.Aster.Id);
        Assert.Equal(allowed, decision.IsAllowed);
        Assert.Equal(allowed, decision.Outcomes.Single(o => o.Rule == "noised.colluding").Allows);
    }

    [Theory]
    [InlineData("privacyUnit: person", false)]
    [InlineData("privacyUnit: person\nsitesPerPerson: 2", true)]
    [InlineData("privacyUnit: person\nsitesPerPerson: 0", false)]
    [InlineData("privacyUnit: person\nsitesPerPerson: 99", false)]
    [InlineData("privacyUnit: person-at-site", true)]
    [InlineData("privacyUnit: person-at-site\nsitesPerPerson: 2", false)]
    [InlineData("sitesPerPerson: 2", false)]
    [InlineData("privacyUnit: patient", false)]
    public void A_privacy_unit_says_all_it_must_and_nothing_that_contradicts_it(string lines, bool isRead)
    {
        var faults = new List<Fault>();
        Assert.Equal(isRead, StudyReader.Read(Network.StudyText + "\n" + lines, null, faults) is not null);
        Assert.Equal(isRead, faults.Count == 0);
    }
}
