using System.Globalization;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.FederatedLearning;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Yaml;

namespace Consilience.Protocol.Agreements;

/// <summary>Reads a study document, finding every fault in one pass. The published form is <c>docs/schemas/study.schema.json</c>.</summary>
public static class StudyReader
{
    private const string Organisations = "a list of organisation ids";
    private const int MostKeyHolders = 8;
    private const int MostNoisedKeyHolders = 3;

    /// <param name="text">The YAML document.</param>
    /// <param name="today">Studies that have already expired are refused; null skips that rule, for reading old agreements.</param>
    /// <param name="faults">Receives every fault.</param>
    /// <param name="file">The document's name in messages.</param>
    /// <returns>Null when there are faults.</returns>
    public static Study? Read(string text, DateOnly? today, ICollection<Fault> faults, string? file = null)
    {
        ArgumentNullException.ThrowIfNull(faults);
        var document = YamlDocument.Parse(text, file);
        var study = document.Faults.Count == 0 ? Read(document.Root, text, today) : null;
        foreach (var fault in document.Faults)
            faults.Add(fault);
        return document.Faults.Count == 0 ? study : null;
    }

    /// <exception cref="FaultyInputException">The document has faults; all are listed.</exception>
    public static Study Read(string text, DateOnly? today, string? file = null)
    {
        var faults = new List<Fault>();
        return Read(text, today, faults, file) ?? throw new FaultyInputException("study", faults);
    }

    private static Study? Read(YamlObject root, string text, DateOnly? today)
    {
        var id = root.Value("study", "a short name: lower-case letters, digits and hyphens", s => StudyId.TryParse(s, null, out var v) ? v : null);
        var title = root.Text("title", "the study's title", longest: 300);
        var purpose = ReadPurpose(root);
        var researchers = ReadResearchers(root);
        var sites = ReadOrganisations(root, "sites");
        var keyHolders = ReadOrganisations(root, "keyHolders");
        if (keyHolders.Count > MostKeyHolders)
            root.Add("keyHolders", $"1 to {MostKeyHolders} key holders", $"{keyHolders.Count}", "each adds its own noise and must be reachable: name fewer");
        var minimumSites = root.Number("minimumSites", 1, MostSites(sites.Count));
        var schema = SchemaReader.Read(root, sites);
        var cohort = ReadCohort(root, schema);
        var methods = ReadMethods(root);
        var (exact, noised) = ReadPrecision(root, sites.Count, keyHolders.Count);
        var unit = ReadUnit(root, sites.Count);
        var disclosure = new DisclosureRules(ReadPresets(root));
        var expires = ReadExpiry(root, today);
        root.Finish();
        return id is null || title is null || purpose is null || schema is null || cohort is null || expires is null
            ? null
            : new Study
            {
                Id = id, Title = title, Purpose = purpose, Researchers = researchers, Sites = sites, KeyHolders = keyHolders, MinimumSites = minimumSites ?? 1,
                Schema = schema, Cohort = cohort, Methods = methods, Exact = exact, Noised = noised, Unit = unit, Disclosure = disclosure, Expires = expires.Value, Text = text,
            };
    }

    /// <summary>Where the sites themselves could not be read, no number of them is too large.</summary>
    private static int MostSites(int sites) => sites == 0 ? int.MaxValue : sites;

    private static Purpose? ReadPurpose(YamlObject root)
    {
        if (root.Object("purpose", "code and text") is not { } purpose)
            return null;
        const string Form = "a Data Use Ontology code such as DUO:0000007";
        var code = purpose.Value("code", Form, s => Purpose.IsCode(s) ? s : null);
        var words = purpose.Text("text", "what the data are used for");
        purpose.Finish();
        return code is null || words is null ? null : new Purpose(code, words);
    }

    private static List<NamedResearcher> ReadResearchers(YamlObject root)
    {
        var researchers = new List<NamedResearcher>();
        foreach (var entry in root.Objects("researchers", "a list of name and organisation"))
        {
            var name = entry.Value("name", "a short name: lower-case letters, digits and hyphens", s => OrganisationId.TryParse(s, null, out _) ? s : null);
            var organisation = entry.Value("organisation", "an organisation id", ParseOrganisation);
            entry.Finish();
            if (name is not null && researchers.Any(r => r.Name == name))
                entry.Add("name", "each researcher once", $"'{name}' again", "remove this entry");
            else if (name is not null && organisation is not null)
                researchers.Add(new NamedResearcher(name, organisation));
        }

        return researchers;
    }

    private static List<OrganisationId> ReadOrganisations(YamlObject root, string key)
    {
        var ids = new List<OrganisationId>();
        foreach (var text in root.Texts(key, Organisations, mayBeEmpty: false))
        {
            if (ParseOrganisation(text) is { } id)
                ids.Add(id);
            else
                root.Add(key, Organisations, $"'{PlainText.Quote(text)}'", "use lower-case letters, digits and hyphens, as in the consortium file");
        }

        return ids;
    }

    private static CohortExpression? ReadCohort(YamlObject root, StudySchema? schema)
    {
        var text = root.OptionalText("cohort", "a cohort expression over the schema's variables") ?? "";
        if (schema is null)
            return null;
        var found = new List<Fault>();
        var cohort = CohortExpression.Parse(text, schema, found);
        foreach (var fault in found)
            root.Add("cohort", $"{fault.Expected} at {fault.At?.ToString() ?? "its start"} of the expression", fault.Got, fault.Fix);
        return cohort;
    }

    private static List<string> ReadMethods(YamlObject root)
    {
        var known = KnownMethods.All.Select(m => m.Name).ToList();
        var methods = root.Texts("methods", "a list of methods", mayBeEmpty: false).ToList();
        foreach (var unknown in methods.Where(m => !known.Contains(m)))
            root.Add("methods", "known methods", $"'{PlainText.Quote(unknown)}'", Suggestion.For(unknown, known));
        return methods;
    }

    private static (ExactTerms? Exact, NoisedTerms? Noised) ReadPrecision(YamlObject root, int sites, int keyHolders)
    {
        if (root.Object("precision", "exact, noised, or both") is not { } precision)
            return (null, null);
        ExactTerms? exact = null;
        if (precision.Object("exact", "minimumSites and minimumPersons", required: false) is { } e)
        {
            var minimumSites = e.Number("minimumSites", 1, MostSites(sites));
            var minimumPersons = e.Number("minimumPersons", 1, 1_000_000);
            e.Finish();
            exact = minimumSites is null || minimumPersons is null ? null : new ExactTerms(minimumSites.Value, minimumPersons.Value);
        }

        var noised = ReadNoised(precision, "the ρ the study may spend at each site", Math.Max(0, keyHolders - 1));
        if (precision.Has("noised") && keyHolders is > MostNoisedKeyHolders and <= MostKeyHolders)
            root.Add("keyHolders", $"at most {MostNoisedKeyHolders} key holders at noised precision", $"{keyHolders}", "each adds the full noise: name fewer");

        if (!precision.Has("exact") && !precision.Has("noised"))
            root.Add("precision", "exact, noised, or both", "neither", "add 'noised:' with maximumEpsilon and budget");
        precision.Finish();
        return (exact, noised);
    }

    private static PrivacyUnit ReadUnit(YamlObject root, int sites)
    {
        var kind = root.Value("privacyUnit", "person-at-site or person", s => s is "person-at-site" or "person" ? s : null, required: false);
        var most = root.Number("sitesPerPerson", 1, MostSites(sites), required: kind == "person");
        if (most is not null && kind != "person")
            root.Add("sitesPerPerson", "nothing, unless the privacy unit is a person", $"{most}", "add 'privacyUnit: person', or remove this line");
        return kind == "person" ? PrivacyUnit.Person(most ?? Math.Max(1, sites)) : PrivacyUnit.PersonAtSite;
    }

    /// <summary>Terms under <c>noised</c>, in studies and policies alike; null when they are not there or have faults.</summary>
    internal static NoisedTerms? ReadNoised(YamlObject parent, string budgetOf, int mostColluding)
    {
        if (parent.Object("noised", "maximumEpsilon and budget", required: false) is not { } n)
            return null;
        var epsilon = n.Value("maximumEpsilon", "the largest ε of one question, above 0 and at most 100", s => Epsilon.TryParse(s, out var v) ? v : null);
        var budget = n.Value("budget", budgetOf, s => NanoRho.TryParseRho(s, out var v) ? v : null);
        var each = n.Value("perResearcher", "the ρ one researcher may spend at each site", s => NanoRho.TryParseRho(s, out var v) ? v : null, required: false);
        var colluding = n.Number("colluding", 0, mostColluding, required: false);
        n.Finish();
        return epsilon is null || budget is null ? null : new NoisedTerms(epsilon, budget, each, colluding);
    }

    /// <summary>Presets named under <c>disclosure</c>, in studies and policies alike.</summary>
    internal static IReadOnlyList<DisclosurePreset> ReadPresets(YamlObject root)
    {
        var names = root.Texts("disclosure", "a list of disclosure presets", required: false);
        var known = DisclosurePreset.All.Select(p => p.Name).ToList();
        foreach (var unknown in names.Where(n => !known.Contains(n)))
            root.Add("disclosure", "known presets", $"'{PlainText.Quote(unknown)}'", Suggestion.For(unknown, known));
        return [.. names.Select(DisclosurePreset.Find).OfType<DisclosurePreset>()];
    }

    private static DateOnly? ReadExpiry(YamlObject root, DateOnly? today)
    {
        if (root.Text("expires", "a day, YYYY-MM-DD") is not { } text)
            return null;
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            root.Add("expires", "a day, YYYY-MM-DD", $"'{PlainText.Quote(text)}'", "correct the date");
        else if (day < today)
            root.Add("expires", $"{today:yyyy-MM-dd} or later", text, "choose a day to come");
        else
            return day;
        return null;
    }

    private static OrganisationId? ParseOrganisation(string text) => OrganisationId.TryParse(text, null, out var id) ? id : null;
}
