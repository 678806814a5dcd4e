using System.Globalization;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.FederatedLearning;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Yaml;

namespace Consilience.Protocol.Policy;

/// <summary>One rule's verdict on a study or request.</summary>
public sealed record RuleOutcome(string Rule, bool Allows, string Why)
{
    public override string ToString() => $"{(Allows ? "allows" : "refuses")}: {Rule}: {Why}";
}

/// <summary>What a policy says, rule by rule. Allowed only when every rule allows.</summary>
public sealed record PolicyDecision(IReadOnlyList<RuleOutcome> Outcomes)
{
    public bool IsAllowed => Outcomes.All(o => o.Allows);

    /// <summary>The reasons to show: those that refuse, or all when none does.</summary>
    public IReadOnlyList<string> Reasons => [.. (IsAllowed ? Outcomes : Outcomes.Where(o => !o.Allows)).Select(o => o.ToString())];
}

/// <summary>What all studies together may spend on any person, for as long as the data folder lives.</summary>
/// <param name="Budget">ρ of one block.</param>
/// <param name="Blocks">How persons are divided; null when they all share one budget.</param>
public sealed record LifetimeTerms(NanoRho Budget, CohortBlocks? Blocks);

/// <summary>
/// A party's standing rules: data, not code. <b>Guarantee:</b> fails closed. What the file does not grant is refused, and every decision can be explained before
/// anyone asks in earnest. The published form is <c>docs/schemas/policy.schema.json</c>.
/// </summary>
public sealed record SitePolicy
{
    /// <summary>False: a person decides each study with <c>consilience site approve</c>.</summary>
    public required bool DecidesAutomatically { get; init; }

    public required IReadOnlyList<string> Purposes { get; init; }

    public required IReadOnlyList<string> ResearchersFrom { get; init; }

    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>Null: exact precision is not granted.</summary>
    public required ExactTerms? Exact { get; init; }

    /// <summary>Null: noised precision is not granted.</summary>
    public required NoisedTerms? Noised { get; init; }

    /// <summary>Null: nothing limits all studies together.</summary>
    public LifetimeTerms? Lifetime { get; init; }

    /// <summary>Presets that a study's rules must be at least as strict as.</summary>
    public IReadOnlyList<DisclosurePreset> Disclosure { get; init; } = [];

    /// <summary>Whether studies are granted that tell their sites apart, and so what figures this one has.</summary>
    public bool GrantsSiteFigures { get; init; }

    public required int MinimumKeyHolders { get; init; }

    /// <summary>Key holders that must be among the study's; <c>self</c> means the party's own organisation.</summary>
    public required IReadOnlyList<string> RequiredKeyHolders { get; init; }

    public required DateOnly LatestExpiry { get; init; }

    /// <exception cref="FaultyInputException">The document has faults; all are listed.</exception>
    public static SitePolicy Read(string text, string? file = null)
    {
        var document = YamlDocument.Parse(text, file);
        var policy = document.Faults.Count == 0 ? Read(document.Root) : null;
        return document.Faults.Count == 0 ? policy! : throw new FaultyInputException("policy", [.. document.Faults]);
    }

    /// <summary>The policy's word on a study.</summary>
    public PolicyDecision Decide(Study study, OrganisationId self)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(self);
        var foreign = study.Researchers.Where(r => !ResearchersFrom.Contains(r.Organisation.ToString())).Select(r => r.Organisation).Distinct().ToList();
        var methods = study.Methods.Where(m => !Methods.Contains(m)).ToList();
        var absent = RequiredKeyHolders.Select(k => k == "self" ? self.ToString() : k).Where(k => !study.KeyHolders.Any(h => h.ToString() == k)).ToList();
        return new PolicyDecision(
        [
            new("purposes", Purposes.Contains(study.Purpose.Code), $"{study.Purpose.Code} ({Listed(Purposes)} allowed)"),
            new("researchersFrom", foreign.Count == 0, foreign.Count == 0 ? "all named" : $"{Listed(foreign)} not named ({Listed(ResearchersFrom)} allowed)"),
            new("methods", methods.Count == 0, methods.Count == 0 ? "all named" : $"{Listed(methods)} not named ({Listed(Methods)} allowed)"),
            DecideExact(study),
            DecideNoised(study),
            DecideColluding(study),
            DecideDisclosure(study),
            DecideSiteFigures(study),
            new("keyHolders.minimum", study.KeyHolders.Count >= MinimumKeyHolders, $"{study.KeyHolders.Count} ({MinimumKeyHolders} or more wanted)"),
            new("keyHolders.mustInclude", absent.Count == 0, absent.Count == 0 ? "all among them" : $"{Listed(absent)} not among them"),
            new("latestExpiry", study.Expires <= LatestExpiry, $"{study.Expires:yyyy-MM-dd} ({LatestExpiry:yyyy-MM-dd} or earlier wanted)"),
        ]);
    }

    /// <summary>The policy's word on one planned request of a study it already agreed to: the rules hold again, as they stand today.</summary>
    public PolicyDecision Decide(RunPlan plan, OrganisationId self)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var standing = Decide(plan.Agreement.Study, self).Outcomes;
        var precision = plan.Precision switch
        {
            Precision.Exact => new RuleOutcome("exact", Exact is not null, Exact is null ? "not granted" : "granted"),
            Precision.Noised when Noised is null => new RuleOutcome("noised", false, "not granted"),
            Precision.Noised => new RuleOutcome("noised.maximumEpsilon", plan.Price!.IsWithin(Noised.MaximumEpsilon), $"{plan.Price} (at most ε = {Noised.MaximumEpsilon})"),
            _ => new RuleOutcome("precision", false, "unspecified"),
        };
        return new PolicyDecision([.. standing, precision]);
    }

    private static SitePolicy? Read(YamlObject root)
    {
        var decide = root.Value("decide", "automatic or by-hand", s => s is "automatic" or "by-hand" ? s : null);
        var purposes = Each(root, "purposes", "Data Use Ontology codes such as DUO:0000007", Purpose.IsCode);
        var researchers = Each(root, "researchersFrom", "organisation ids", IsOrganisation);
        var methods = Each(root, "methods", "known methods", m => KnownMethods.Find(m) is not null, [.. KnownMethods.All.Select(m => m.Name)]);
        ExactTerms? exact = null;
        if (root.Object("exact", "minimumSites and minimumPersons", required: false) is { } e)
        {
            exact = new ExactTerms(e.Number("minimumSites", 1, 100_000) ?? int.MaxValue, e.Number("minimumPersons", 1, 1_000_000) ?? int.MaxValue);
            e.Finish();
        }

        var noised = StudyReader.ReadNoised(root, "the ρ a study may spend here", mostColluding: 7);
        var lifetime = ReadLifetime(root);
        var disclosure = StudyReader.ReadPresets(root);
        var siteFigures = root.Boolean("siteFigures", required: false) == true;
        var keyHolders = root.Object("keyHolders", "minimum and mustInclude");
        var minimum = keyHolders?.Number("minimum", 1, 8);
        var required = keyHolders is null ? [] : Each(keyHolders, "mustInclude", "organisation ids, or self", IsOrganisation, isRequired: false);
        keyHolders?.Finish();
        var expiry = root.Value("latestExpiry", "a day, YYYY-MM-DD", s => DateOnly.TryParseExact(s, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? s : null);
        root.Finish();
        return decide is null || minimum is null || expiry is null
            ? null
            : new SitePolicy
            {
                DecidesAutomatically = decide == "automatic", Purposes = purposes, ResearchersFrom = researchers, Methods = methods, Exact = exact, Noised = noised, Lifetime = lifetime, Disclosure = disclosure, GrantsSiteFigures = siteFigures,
                MinimumKeyHolders = minimum.Value, RequiredKeyHolders = required, LatestExpiry = DateOnly.ParseExact(expiry, "yyyy-MM-dd", CultureInfo.InvariantCulture),
            };
    }

    private static LifetimeTerms? ReadLifetime(YamlObject root)
    {
        if (root.Object("lifetime", "budget, and blocks", required: false) is not { } lifetime)
            return null;
        var budget = lifetime.Value("budget", "the ρ all studies together may spend on any person", s => NanoRho.TryParseRho(s, out var v) ? v : null);
        CohortBlocks? blocks = null;
        if (lifetime.Object("blocks", "variable, from and to", required: false) is { } b)
        {
            var variable = b.Text("variable", "a whole-numbered variable such as the year of diagnosis");
            var from = b.Number("from", -1_000_000, 1_000_000);
            var to = b.Number("to", from ?? -1_000_000, (from ?? 0) + CohortBlocks.MostValues - 1);
            b.Finish();
            blocks = variable is null || from is null || to is null ? null : new CohortBlocks(variable, from.Value, to.Value);
        }

        lifetime.Finish();
        return new LifetimeTerms(budget ?? NanoRho.Zero, blocks);
    }

    private static bool IsOrganisation(string text) => OrganisationId.TryParse(text, null, out _);

    private static IReadOnlyList<string> Each(
        YamlObject node, string key, string expected, Func<string, bool> isWellFormed, IReadOnlyCollection<string>? known = null, bool isRequired = true)
    {
        var texts = node.Texts(key, $"a list of {expected}", isRequired);
        foreach (var wrong in texts.Where(t => !isWellFormed(t)))
            node.Add(key, expected, $"'{PlainText.Quote(wrong)}'", known is null ? "correct the entry" : Suggestion.For(wrong, known));
        return texts;
    }

    private RuleOutcome DecideExact(Study study)
    {
        if (study.Exact is null)
            return new("exact", true, "not asked for");
        if (Exact is null)
            return new("exact", false, "not granted; ask at noised precision");
        return new(
            "exact",
            study.Exact.MinimumSites >= Exact.MinimumSites && study.Exact.MinimumPersons >= Exact.MinimumPersons,
            $"at least {study.Exact.MinimumSites} sites and {study.Exact.MinimumPersons} persons ({Exact.MinimumSites} and {Exact.MinimumPersons} or more wanted)");
    }

    private RuleOutcome DecideNoised(Study study)
    {
        if (study.Noised is null)
            return new("noised", true, "not asked for");
        if (Noised is null)
            return new("noised", false, "not granted");
        return new(
            "noised",
            study.Noised.MaximumEpsilon.Value <= Noised.MaximumEpsilon.Value && study.Noised.Budget <= Noised.Budget,
            $"ε up to {study.Noised.MaximumEpsilon} and ρ {study.Noised.Budget} in all (at most {Noised.MaximumEpsilon} and {Noised.Budget})");
    }

    /// <summary>How many colluding key holders a study's noise must withstand; where the policy says nothing, all but one.</summary>
    private RuleOutcome DecideColluding(Study study)
    {
        if (study.Noised is null || Noised is null)
            return new("noised.colluding", true, "no noise to weaken");
        var wanted = Math.Min(Noised.Colluding ?? int.MaxValue, study.KeyHolders.Count - 1);
        return new("noised.colluding", study.Trust.Colluding >= wanted, $"noise withstands {study.Trust.Colluding} of {study.KeyHolders.Count} key holders working together ({wanted} or more wanted)");
    }

    private RuleOutcome DecideDisclosure(Study study)
    {
        var weaker = Disclosure.Where(p => !study.Disclosure.AreAtLeastAsStrictAs(p)).Select(p => p.Name).ToList();
        var named = Listed(study.Disclosure.Names);
        return new("disclosure", weaker.Count == 0, weaker.Count == 0 ? $"{named} ({Listed([.. Disclosure.Select(p => p.Name)])} wanted)" : $"{named} shows more than {Listed(weaker)}; add {Listed(weaker)} to the study's disclosure");
    }

    private RuleOutcome DecideSiteFigures(Study study) => study.Schema.Site is not { } site
        ? new("siteFigures", true, "sites are not told apart")
        : new("siteFigures", GrantsSiteFigures, $"'{site.Name}' tells the figures of single sites{(GrantsSiteFigures ? ", which is granted" : "; not granted: write 'siteFigures: true', or have the study leave it out")}");

    private static string Listed<T>(IReadOnlyCollection<T> items) => items.Count == 0 ? "none" : string.Join(", ", items);
}
