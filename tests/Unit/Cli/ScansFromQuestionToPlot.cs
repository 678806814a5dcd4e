using System.Text.Json;
using Consilience.Analyses.Genotypes;
using Consilience.Cli.Output;
using Consilience.Cli.Report;
using Consilience.Cli.Simulate;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;

namespace Consilience.Cli.Tests;

/// <summary>A scan of <c>vectors/scan</c> over a whole network: its model without variants is fitted first, its receipt verifies, and its variants are named from the agreed list alone.</summary>
public sealed class ScansFromQuestionToPlot : IDisposable
{
    private static readonly string Source = Path.Combine(AppContext.BaseDirectory, "vectors", "scan");
    private static readonly Question Scan = new("scan", "association-scan", JsonDocument.Parse("""{"panel": "array", "formula": "relapse ~ age + sex"}""").RootElement, "", Precision.Exact, null);

    private readonly string folder = Directory.CreateTempSubdirectory("consilience-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Panel => Path.Combine(Source, "panel.bim");

    private static Study Study(string methods = "glm, association-scan")
    {
        using var text = new StreamReader(Panel);
        var list = VariantList.Read(text, "panel.bim");
        return StudyReader.Read($$"""
            study: scan
            title: Variants and relapse
            purpose: {code: "DUO:0000007", text: test}
            researchers: [{name: ada, organisation: site1}]
            sites: [site1, site2, site3]
            keyHolders: [site1, site2]
            minimumSites: 3
            schema:
              variables:
                age: {type: integer, minimum: 18, maximum: 120}
                sex: {type: category, codes: {f: female, m: male} }
                relapse: {type: boolean}
              panels:
                array:
                  variants: {{list.Variants.Count}}
                  digest: {{list.Digest}}
            methods: [{{methods}}]
            precision:
              exact: {minimumSites: 3, minimumPersons: 10}
            expires: 2099-12-31
            """, null);
    }

    private Task<SimulatedNetwork> StartAsync(Study study)
    {
        string[] sites = ["site1", "site2", "site3"];
        foreach (var site in sites)
        {
            File.WriteAllText(Path.Combine(folder, $"{site}.yaml"), $$"""
                files: [{{site}}.csv]
                format: csv
                person: person
                variables:
                  age: {column: age}
                  sex: {column: sex}
                  relapse: {column: relapse}
                genotypes:
                  array:
                    files: {{Path.Combine(Source, site)}}
                    variants: {{Panel}}
                """);
        }

        return SimulatedNetwork.StartAsync(study, sites.ToDictionary(s => s, s => Path.Combine(Source, $"{s}.csv")), sites.ToDictionary(s => s, s => Path.Combine(folder, $"{s}.yaml")), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_model_without_variants_is_fitted_first_and_every_figure_is_in_a_receipt()
    {
        var study = Study();
        await using var network = await StartAsync(study);
        var fits = new List<FitProgress>();
        var answer = await network.Ask.AskAsync(Scan, null, TestContext.Current.CancellationToken, new Heard(fits));
        Assert.InRange(fits.Count, 2, 8);
        Assert.Equal(3, answer.Result.Parameters.GetProperty("at").GetArrayLength());
        Assert.Equal("yes", answer.Result.Tables[0].Rows[0].Cells[^1].Text);
        var expected = File.ReadLines(Path.Combine(Source, "figures.csv")).Select(l => l.Split(',')).First(f => f[0] == "logistic.10.3")[1];
        Assert.Equal(double.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), answer.Result.Tables[1].Rows[9].Cells[3].Number!.Value, 6);
        var verification = Verification.OfReceipt(answer.Receipt, network.Consortium);
        Assert.True(verification.Holds, string.Join("; ", verification.Steps.Where(s => !s.Holds)));

        var named = new NamedVariants(study.Schema, [Panel]).In(answer.Result);
        Assert.Equal(["variant", "chromosome", "position", "effect.allele", "other.allele", "n", "allele.frequency", "estimate", "std.error", "statistic", "p.value"], named.Tables[1].Columns);
        Assert.Equal(("rs1010", "2", 23750.0, "G", "T"), (named.Tables[1].Rows[9].Cells[0].Text, named.Tables[1].Rows[9].Cells[1].Text, named.Tables[1].Rows[9].Cells[2].Number!.Value, named.Tables[1].Rows[9].Cells[3].Text, named.Tables[1].Rows[9].Cells[4].Text));
        var foremost = ScanView.Foremost(named.Tables[1]);
        Assert.Equal(("rs1010", "2:23750 G/T"), (foremost.Rows[0].Cells[0].Text, foremost.Rows[0].Cells[1].Text));
        var drawings = Drawings.Of(named, study.Schema).ToDictionary(d => d.Suffix, d => d.Text, StringComparer.Ordinal);
        Assert.Equal(["-manhattan", "-qq"], drawings.Keys);
        Assert.All(drawings.Values, svg => Assert.Equal(198, svg.Split("<circle").Length - 1));
        Assert.Contains(">22</text>", drawings["-manhattan"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_study_that_does_not_permit_the_fit_permits_no_scan_without_its_coefficients()
    {
        await using var network = await StartAsync(Study("association-scan"));
        var refused = await Assert.ThrowsAsync<AskFailedException>(() => network.Ask.AskAsync(Scan, null, TestContext.Current.CancellationToken));
        Assert.Equal(RefusalCode.MethodNotPermitted, refused.Code);
    }

    [Fact]
    public void Variants_are_named_from_no_other_list_than_the_agreed_one()
    {
        var other = Path.Combine(folder, "other.bim");
        File.WriteAllText(other, File.ReadAllText(Panel).Replace("12750\tG\tT", "12750\tT\tG", StringComparison.Ordinal));
        Assert.Contains("is that of no panel of the study", Assert.Throws<BadInputException>(() => new NamedVariants(Study().Schema, [other])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("variants: 200", "variants: 0", "schema.panels.array.variants")]
    [InlineData("digest: ", "digest: 0", "schema.panels.array.digest")]
    [InlineData("array:", "1array:", "schema.panels.1array")]
    [InlineData("variants: 200", "kind: x\n      variants: 200", "schema.panels.array.kind")]
    public void A_panel_that_is_declared_otherwise_is_a_fault(string text, string other, string place)
    {
        var declared = Study().Text;
        Assert.Contains(text, declared, StringComparison.Ordinal);
        Assert.Contains(place, Assert.Throws<Consilience.Analyses.Schema.FaultyInputException>(() => StudyReader.Read(declared.Replace(text, other, StringComparison.Ordinal), null)).Message, StringComparison.Ordinal);
    }

    private sealed class Heard(List<FitProgress> fits) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => fits.Add(value);
    }
}
