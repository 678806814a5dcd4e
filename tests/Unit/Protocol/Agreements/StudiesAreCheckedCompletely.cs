using Consilience.Analyses.Schema;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Tests.World;

namespace Consilience.Protocol.Tests.Agreements;

/// <summary>Every fault of a study document, all at once, each with its line, what was expected, what came, and how to mend it.</summary>
public sealed class StudiesAreCheckedCompletely
{
    private static readonly DateOnly Today = new(2027, 3, 1);

    private static Study? Read(string text, out List<Fault> faults)
    {
        faults = [];
        return StudyReader.Read(text, Today, faults, "study.yaml");
    }

    [Fact]
    public void A_study_in_order_is_read_completely()
    {
        var study = Read(Network.StudyText, out var faults)!;
        Assert.Empty(faults);
        Assert.Equal("tumours", study.Id.ToString());
        Assert.Equal(new Purpose("DUO:0000007", "Research on tumours."), study.Purpose);
        Assert.Equal(["ada of aster", "bo of birch"], study.Researchers.Select(r => $"{r.Name} of {r.Organisation}"));
        Assert.Equal(["aster", "birch", "cedar"], study.Sites.Select(s => s.ToString()));
        Assert.Equal(["aster", "birch"], study.KeyHolders.Select(s => s.ToString()));
        Assert.Equal(["count", "kaplan-meier"], study.Methods);
        Assert.Equal(new ExactTerms(3, 5), study.Exact);
        Assert.Equal(("1", "2"), (study.Noised!.MaximumEpsilon.ToString(), study.Noised.Budget.ToString()));
        Assert.Equal(new DateOnly(2030, 12, 31), study.Expires);
        Assert.Equal("age <= 14", study.Cohort.Canonical);
        Assert.Equal((2, 3), (study.MinimumSitesAt(Precision.Noised), study.MinimumSitesAt(Precision.Exact)));
        Assert.Equal(Network.StudyText, study.Text);
    }

    [Fact]
    public void Variables_keep_types_codes_units_and_bounds()
    {
        var schema = Read(Network.StudyText, out _)!.Schema;
        Assert.Equal(
            [VariableType.Category, VariableType.Integer, VariableType.Real, VariableType.Boolean, VariableType.Date], schema.Variables.Select(v => v.Type));
        Assert.Equal([new CategoryCode("1", "early"), new CategoryCode("2", "late")], schema.Find("stage")!.Codes);
        var age = schema.Find("age")!;
        Assert.Equal(("years", 0m, 200m, "age"), (age.Unit, age.Minimum, age.Maximum, age.Label));
        Assert.Equal("Stage", schema.Find("stage")!.Label);
    }

    [Fact]
    public void Variables_alike_are_declared_together()
    {
        var schema = Read(Network.StudyText.Replace("weight: {type: real, unit: kg}", "weight: {type: real, unit: kg, label: Weight at visit, count: 3}", StringComparison.Ordinal), out var faults)!.Schema;
        Assert.Empty(faults);
        Assert.Equal(["stage", "age", "weight1", "weight2", "weight3", "relapse", "seen"], schema.Variables.Select(v => v.Name));
        Assert.Equal(("Weight at visit 3", "kg", "weight"), (schema.Find("weight3")!.Label, schema.Find("weight3")!.Unit, schema.Find("weight3")!.Series));
        Assert.Equal((null, null), (schema.Find("age")!.Series, schema.Find("weight")));
    }

    [Fact]
    public void The_variable_of_sites_has_them_for_codes()
    {
        static string Study(string variable) => Network.StudyText.Replace("relapse: {type: boolean}", $"hospital: {variable}", StringComparison.Ordinal);
        var schema = Read(Study("{type: site, label: Hospital}"), out var faults)!.Schema;
        Assert.Empty(faults);
        Assert.Equal(("hospital", "Hospital", VariableType.Category, "aster,birch,cedar"), (schema.Site!.Name, schema.Site.Label, schema.Site.Type, string.Join(',', schema.Site.Codes.Select(c => c.Code))));
        Assert.Null(Read(Network.StudyText, out _)!.Schema.Site);
        foreach (var wrong in new[] { "{type: site, codes: {aster: a}}", "{type: site, count: 2}", "{type: site, unit: beds}", "{type: sites}", "{type: site}\n    place: {type: site}" })
        {
            Assert.Null(Read(Study(wrong), out faults));
            Assert.NotEmpty(faults);
        }
    }

    [Fact]
    public void Life_tables_are_named_by_their_digests()
    {
        var digest = new string('a', 64);
        string Study(string table) => Network.StudyText.Replace("cohort: age < 15", $"  lifeTables: {{{table}}}\ncohort: age < 15", StringComparison.Ordinal);
        var schema = Read(Study($"people: {{sha256: {digest}, by: [stage, relapse]}}, all: {{sha256: {digest}}}"), out var faults)!.Schema;
        Assert.Empty(faults);
        Assert.Equal(["people", "all"], schema.LifeTables.Select(t => t.Name));
        Assert.Equal((digest, "stage,relapse"), (schema.LifeTables[0].Sha256, string.Join(',', schema.LifeTables[0].By)));
        foreach (var wrong in new[] { $"people: {{sha256: {digest[1..]}}}", $"people: {{sha256: {digest.ToUpperInvariant()}}}", $"people: {{sha256: {digest}, by: [age]}}", $"a-b: {{sha256: {digest}}}", "people: {}", "people: table.csv" })
        {
            Assert.Null(Read(Study(wrong), out faults));
            Assert.Contains(faults, f => f.ToString().Contains("lifeTables", StringComparison.Ordinal));
        }
    }

    /// <summary>What to write instead of what, which key the fault is at, and a word of the fix.</summary>
    public static TheoryData<string, string, string, string> Faults => new()
    {
        { "study: tumours", "study: Tumours", "document.study", "" },
        { "study: tumours", "study:", "document.study", "write one value" },
        { "study: tumours", "study: [a]", "document.study", "write one value" },
        { "study: tumours\n", "", "document.study", "add 'study:'" },
        { "title: Tumours by stage", "title: \"  \"", "document.title", "write one value" },
        { "title: Tumours by stage", $"title: {new string('x', 301)}", "document.title", "shorten" },
        { "DUO:0000007", "DUO:7", "document.purpose.code", "" },
        { "DUO:0000007", "cancer", "document.purpose.code", "" },
        { ", text: Research on tumours.", "", "document.purpose.text", "add 'text:'" },
        { "purpose: {code: \"DUO:0000007\", text: Research on tumours.}", "purpose: tumours", "document.purpose", "write 'key: value' lines" },
        { "name: bo", "name: ada", "document.researchers[1].name", "remove this entry" },
        { "name: bo", "name: Bo Smith", "document.researchers[1].name", "" },
        { "name: bo", "nam: bo", "document.researchers[1].nam", "did you mean 'name'?" },
        { "organisation: birch}", "organisation: Birch}", "document.researchers[1].organisation", "" },
        { "  - {name: ada, organisation: aster}\n  - {name: bo, organisation: birch}", "  []", "document.researchers", "name them" },
        { "  - {name: ada, organisation: aster}", "  - ada", "document.researchers", "write a list" },
        { "sites: [aster, birch, cedar]", "sites: []", "document.sites", "name them" },
        { "sites: [aster, birch, cedar]", "sites: aster", "document.sites", "write a list" },
        { "sites: [aster, birch, cedar]", "sites: [aster, aster, cedar]", "document.sites", "remove the second" },
        { "sites: [aster, birch, cedar]", "sites: [aster, birch, Cedar]", "document.sites", "as in the consortium file" },
        { "keyHolders: [aster, birch]", "keyHolders: [a, b, c, d]", "document.keyHolders", "name fewer" },
        { "keyHolders: [aster, birch]", "keyHolders: [a, b, c, d, e, f, g, h, i]", "document.keyHolders", "name fewer" },
        { "minimumSites: 2", "minimumSites: 4", "document.minimumSites", "correct the number" },
        { "minimumSites: 2", "minimumSites: 0", "document.minimumSites", "correct the number" },
        { "minimumSites: 2", "minimumSites: two", "document.minimumSites", "correct the number" },
        { "minimumSites: 2\n", "", "document.minimumSites", "add 'minimumSites:'" },
        { "minimumSites: 2", "minimumSite: 2", "document.minimumSite", "did you mean 'minimumSites'?" },
        { "type: category", "type: categry", "document.schema.variables.stage.type", "did you mean 'category'?" },
        { "      label: Stage\n", "      labels: Stage\n", "document.schema.variables.stage.labels", "did you mean 'label'?" },
        { "codes: {\"1\": early, \"2\": late}", "codes: {}", "document.schema.variables.stage.codes", "list the value set" },
        { "      codes: {\"1\": early, \"2\": late}\n", "", "document.schema.variables.stage.codes", "add 'codes:'" },
        { "\"1\": early", "\"1\": [early]", "document.schema.variables.stage.codes.1", "write one value" },
        { "relapse: {type: boolean}", "relapse: {type: boolean, codes: {a: b}}", "document.schema.variables.relapse.codes", "" },
        { "relapse: {type: boolean}", "relapse: {type: boolean, unit: days}", "document.schema.variables.relapse.unit", "" },
        { "relapse: {type: boolean}", "relapse: boolean", "document.schema.variables.relapse", "write 'key: value' lines" },
        { "relapse: {type: boolean}", "1relapse: {type: boolean}", "document.schema.variables.1relapse", "rename the variable" },
        { "minimum: 0, maximum: 200", "minimum: 300, maximum: 200", "document.schema.variables.age.maximum", "exchange the two" },
        { "minimum: 0, maximum: 200", "minimum: 0.5, maximum: 200", "document.schema.variables.age.minimum", "correct the bound" },
        { "minimum: 0, maximum: 200", "minimum: few, maximum: 200", "document.schema.variables.age.minimum", "correct the bound" },
        { "relapse: {type: boolean}", "relapse: {type: boolean, count: 1}", "document.schema.variables.relapse.count", "correct the number" },
        { "relapse: {type: boolean}", "relapse: {type: boolean, count: 4097}", "document.schema.variables.relapse.count", "correct the number" },
        { "relapse: {type: boolean}", "visit2: {type: boolean}\n    visit: {type: boolean, count: 2}", "document.schema.variables.visit", "rename the variable or the series" },
        { "relapse: {type: boolean}", $"{new string('x', 62)}: {{type: boolean, count: 100}}", $"document.schema.variables.{new string('x', 62)}.count", "shorten the name" },
        { "cohort: age < 15", "cohort: agee < 15", "document.cohort", "did you mean 'age'?" },
        { "cohort: age < 15", "cohort: age <", "document.cohort", "" },
        { "cohort: age < 15", "cohort: stage = '3'", "document.cohort", "" },
        { "methods: [count, kaplan-meier]", "methods: [count, kaplan-mayer]", "document.methods", "did you mean 'kaplan-meier'?" },
        { "methods: [count, kaplan-meier]", "methods: []", "document.methods", "name them" },
        { "minimumSites: 3, minimumPersons: 5", "minimumSites: 4, minimumPersons: 5", "document.precision.exact.minimumSites", "correct the number" },
        { "minimumSites: 3, minimumPersons: 5", "minimumSites: 3", "document.precision.exact.minimumPersons", "add 'minimumPersons:'" },
        { "maximumEpsilon: 1, budget: 2", "maximumEpsilon: 0, budget: 2", "document.precision.noised.maximumEpsilon", "" },
        { "maximumEpsilon: 1, budget: 2", "maximumEpsilon: 1e3, budget: 2", "document.precision.noised.maximumEpsilon", "" },
        { "maximumEpsilon: 1, budget: 2", "maximumEpsilon: 1, budget: -2", "document.precision.noised.budget", "" },
        { "maximumEpsilon: 1, budget: 2", "maximumEpsilon: 1, budget: 2, delta: 0.1", "document.precision.noised.delta", "" },
        { "  exact: {minimumSites: 3, minimumPersons: 5}\n  noised: {maximumEpsilon: 1, budget: 2}", "  {}", "document.precision", "add 'noised:'" },
        { "weight: {type: real", "Missing: {type: real", "document.schema.variables.Missing", "rename the variable" },
        { "expires: 2030-12-31", "expires: 2030-13-31", "document.expires", "correct the date" },
        { "expires: 2030-12-31", "expires: 31.12.2030", "document.expires", "correct the date" },
        { "expires: 2030-12-31", "expires: 2027-02-28", "document.expires", "choose a day to come" },
        { "expires: 2030-12-31", "expires: 2030-12-31\nowner: me", "document.owner", "" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_found_and_explained_where_it_is(string from, string to, string subject, string fix)
    {
        Assert.Contains(from, Network.StudyText, StringComparison.Ordinal);
        var text = Network.StudyText.Replace(from, to, StringComparison.Ordinal);
        Assert.Null(Read(text, out var faults));
        var fault = Assert.Single(faults, f => f.Subject == subject);
        Assert.Contains(fix, fault.Fix, StringComparison.Ordinal);
        Assert.True(fault.Expected.Length > 0 && fault.Got.Length > 0 && fault.Fix.Length > 0);

        // The place is where the changed text is, or the mapping that lacks something.
        var changed = text[..Math.Max(0, Network.StudyText.IndexOf(from, StringComparison.Ordinal))].Count(c => c == '\n') + 1;
        Assert.Equal("study.yaml", fault.At!.File);
        Assert.InRange(fault.At.Line, 1, text.Count(c => c == '\n') + 1);
        if (to.Length > 0 && !fault.Got.Equals("nothing", StringComparison.Ordinal))
            Assert.InRange(fault.At.Line, changed, changed + to.Count(c => c == '\n') + 1);
    }

    [Fact]
    public void All_faults_are_found_at_once()
    {
        var text = Network.StudyText
            .Replace("study: tumours", "study: Tumours", StringComparison.Ordinal)
            .Replace("minimumSites: 2", "minimumSite: 2", StringComparison.Ordinal)
            .Replace("type: category", "type: categorical", StringComparison.Ordinal)
            .Replace("kaplan-meier", "kaplan-mayer", StringComparison.Ordinal)
            .Replace("2030-12-31", "soon", StringComparison.Ordinal);
        Assert.Null(Read(text, out var faults));
        string[] expected = ["document.study", "document.minimumSites", "document.minimumSite", "document.schema.variables.stage.type", "document.methods", "document.expires"];
        Assert.Superset(expected.ToHashSet(), faults.Select(f => f.Subject).ToHashSet());
    }

    [Fact]
    public void An_expired_study_is_still_read_where_its_age_does_not_matter()
    {
        var faults = new List<Fault>();
        Assert.NotNull(StudyReader.Read(Network.StudyText.Replace("2030", "2020", StringComparison.Ordinal), today: null, faults));
        Assert.Empty(faults);
    }

    [Fact]
    public void The_sample_is_a_study()
    {
        var study = StudyReader.Read(File.ReadAllText(Repository.Path("samples/wilms/study.yaml")), Today);
        Assert.Equal("wilms-relapse", study.Id.ToString());
    }

    [Fact]
    public void A_message_shows_no_more_than_a_little_of_what_was_written()
    {
        var text = Network.StudyText.Replace("sites: [aster, birch, cedar]", $"sites: [{new string('X', 100_000)}]", StringComparison.Ordinal);
        Assert.Null(Read(text, out var faults));
        Assert.All(faults, f => Assert.InRange(f.ToString().Length, 1, 1_000));
    }
}
