using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Consilience.Analyses.Genotypes;
using Consilience.Cli.Demo;
using Consilience.Tests;

namespace Consilience.EndToEnd.Tests;

/// <summary>
/// R's figures of rates, net survival and a genome scan, from three institutions' programs and the researcher's own, over TLS. (Tables, comparisons, curves, fits and hazard ratios are asked for in the same way by <see cref="Demonstration"/>.)
/// </summary>
[Trait("speed", "slow")]
public sealed class ReferenceAcrossProcesses : IDisposable
{
    private static readonly string Vectors = Path.Combine(AppContext.BaseDirectory, "vectors");
    private static readonly int[] Days = [365, 1095, 1825, 3650];

    private readonly string folder = Directory.CreateTempSubdirectory("consilience-reference-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>The 8,806 testis cancers of Denmark by decade, standardised to the world's population.</summary>
    [Fact]
    public async Task Rates_by_decade()
    {
        var population = File.ReadLines(Path.Combine(Vectors, "incidence", "testisDK.csv")).Skip(1).Select(l => l.Split(',')).Select(f => (Age: int.Parse(f[1], CultureInfo.InvariantCulture), Year: int.Parse(f[2], CultureInfo.InvariantCulture), Years: double.Parse(f[4], CultureInfo.InvariantCulture)));
        int[] bands = [.. Enumerable.Range(1, 17).Select(i => (5 * i) - 1)], decades = [1949, 1959, 1969, 1979, 1989];
        var years = Enumerable.Range(0, 6).Select(_ => new double[18]).ToArray();
        foreach (var cell in population)
            years[decades.Count(d => cell.Year > d)][bands.Count(b => cell.Age > b)] += cell.Years;
        var network = NetworkOf("age: {type: integer, minimum: 0, maximum: 89}, year: {type: integer, minimum: 1943, maximum: 1996}", "", "incidence", i => (Part("incidence/testis-cases.csv", i), ""));
        var parameters = new { age = new { variable = "age", edges = bands }, by = new[] { new { variable = "year", edges = decades } }, population = years, standard = "who-2000", limits = "fay-feuer" };
        var rows = (await AskAsync(network, "incidence", parameters))["rates"].Where(r => r[1].GetString() == "standardised rate").ToList();
        Assert.Equal(6, rows.Count);
        var figures = new ReferenceFigures("incidence/testis.csv");
        foreach (var (row, i) in rows.Select((r, i) => (r, i + 1)))
            figures.Same($"decade.who-2000.{i}", 1e-9, [.. row[^4..].Select(Number), figures[$"decade.who-2000.{i}.5"]]);
    }

    /// <summary>Slovenian patients, by the life table that every institution holds beside its records.</summary>
    [Fact]
    public async Task Relative_and_net_survival()
    {
        var table = Path.Combine(Vectors, "net-survival", "slopop.csv");
        var network = NetworkOf(
            """time: {type: integer, minimum: 0, maximum: 10000}, stat: {type: boolean}, age_days: {type: real, minimum: 0, maximum: 40000}, diag: {type: date}, sex: {type: category, codes: {"1": men, "2": women} }""",
            $"lifeTables: {{slopop: {{sha256: {Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(table, TestContext.Current.CancellationToken)))}, by: [sex]}} }}",
            "net-survival",
            i =>
            {
                File.Copy(table, Path.Combine(folder, i, "slopop.csv"));
                return (Part("net-survival/colrec.csv", i), "lifeTables: {slopop: slopop.csv}");
            });
        var rows = (await AskAsync(network, "net-survival", new { time = "time", @event = "stat", age = "age_days", diagnosed = "diag", lifeTable = "slopop", grid = new { from = 1, to = 3650, step = 1 } }, "estimator", "time", "estimate", "std.error")).Values.First();
        foreach (var estimator in new[] { "ederer-2", "pohar-perme" })
        {
            var own = rows.Where(r => r[0].GetString() == estimator && Days.Contains((int)r[1].GetDouble()));
            new ReferenceFigures("net-survival/figures.csv").Same($"{estimator}.all", 1e-9, [.. own.SelectMany(r => new[] { Number(r[2]), Number(r[3]) / Number(r[2]) })]);
        }
    }

    /// <summary>200 variants, PLINK files at every institution; the model without variants is fitted first.</summary>
    [Fact]
    public async Task A_scan_of_variants()
    {
        using var text = new StreamReader(Path.Combine(Vectors, "scan", "panel.bim"));
        var list = VariantList.Read(text, "panel.bim");
        var network = NetworkOf(
            "age: {type: integer, minimum: 18, maximum: 120}, sex: {type: category, codes: {f: female, m: male} }, relapse: {type: boolean}",
            $"panels: {{array: {{variants: {list.Variants.Count}, digest: {list.Digest}}} }}",
            "glm, association-scan",
            institution =>
            {
                var site = $"site{DemoFolder.Institutions.ToList().IndexOf(institution) + 1}";
                foreach (var ending in new[] { "bed", "bim", "fam" })
                    File.Copy(Path.Combine(Vectors, "scan", $"{site}.{ending}"), Path.Combine(folder, institution, $"array.{ending}"));
                return ([.. File.ReadLines(Path.Combine(Vectors, "scan", $"{site}.csv"))], "person: person\ngenotypes: {array: {files: array}}");
            });
        var figures = new ReferenceFigures("scan/figures.csv");
        var tables = await AskAsync(network, "association-scan", new { panel = "array", formula = "relapse ~ age + sex" });
        Assert.Equal(200, tables["variants"].Count);
        foreach (var (row, v) in tables["variants"].Select((r, v) => (r, v + 1)))
        {
            // Persons, frequency and χ²: an estimate near nothing has no relative precision.
            foreach (var place in new[] { 1, 2, 5 })
            {
                var figure = figures[$"logistic.{v}.{place}"];
                if (double.IsNaN(figure))
                    Assert.Null(Number(row[place]));
                else
                    Assert.Equal(figure, Number(row[place])!.Value, 1e-6 * Math.Max(0.01, Math.Abs(figure)));
            }
        }
    }

    /// <summary>Every third record of a file of the vectors: what an institution holds.</summary>
    private static string[] Part(string file, string institution)
    {
        var lines = File.ReadAllLines(Path.Combine([Vectors, .. file.Split('/')]));
        return [lines[0], .. lines.Skip(1).Where((_, i) => DemoFolder.Institutions[i % 3] == institution)];
    }

    /// <summary>A network whose institutions hold other records than the demonstration's.</summary>
    /// <param name="variables">Of the study's schema.</param>
    /// <param name="agreed">What else the schema agrees on.</param>
    /// <param name="methods">That study and policies permit.</param>
    /// <param name="hold">An institution's records, and what else its mapping says.</param>
    private (RestartingNetwork Network, string Study) NetworkOf(string variables, string agreed, string methods, Func<string, (string[] Records, string Mapping)> hold)
    {
        var study = $$$"""
            study: reference
            title: Records that R has read
            purpose: {code: "DUO:0000007", text: A check.}
            researchers: [{name: {{{DemoFolder.Researcher}}}, organisation: aster}]
            sites: [aster, birch, cedar]
            keyHolders: [aster, birch, cedar]
            minimumSites: 3
            schema:
              variables: { {{{variables}}} }
              {{{agreed}}}
            methods: [{{{methods}}}]
            precision: {exact: {minimumSites: 3, minimumPersons: 10}}
            expires: 2030-12-31
            """;
        var names = variables.Split(": {type").SkipLast(1).Select(v => v.Split(' ')[^1]).ToList();
        return (RestartingNetwork.Start(demo =>
        {
            foreach (var institution in DemoFolder.Institutions)
            {
                var own = Directory.CreateDirectory(Path.Combine(folder, institution)).FullName;
                var (records, mapping) = hold(institution);
                File.WriteAllLines(Path.Combine(own, "records.csv"), records);
                File.WriteAllText(Path.Combine(own, "mapping.yaml"), $"files: [records.csv]\nformat: csv\nvariables:\n{string.Concat(names.Select(n => $"  {n}: {{column: {n}}}\n"))}{mapping}\n");
                foreach (var file in Directory.EnumerateFiles(own))
                    File.Copy(file, demo.Of(institution, Path.GetFileName(file)), overwrite: true);
                var policy = File.ReadAllText(demo.Of(institution, "policy.yaml"));
                File.WriteAllLines(demo.Of(institution, "policy.yaml"), policy.Split('\n').Select(l => l.StartsWith("methods:", StringComparison.Ordinal) ? $"methods: [{methods}]" : l));
            }
        }), study);
    }

    /// <summary>Founds the study, asks, verifies the receipt; returns the rows of each table, of the named columns only where some are named.</summary>
    private async Task<Dictionary<string, List<JsonElement[]>>> AskAsync((RestartingNetwork Network, string Study) founded, string method, object parameters, params string[] columns)
    {
        await using var network = founded.Network;
        await network.AgreeAsync(founded.Study, TestContext.Current.CancellationToken);
        var request = Path.Combine(folder, "request.yaml");
        await File.WriteAllTextAsync(request, JsonSerializer.Serialize(new { requests = new[] { new { name = "reference", method, precision = "exact", parameters } } }), TestContext.Current.CancellationToken);
        var (code, output, errors) = await CommandLine.RunAsync(
            "analyse", request, "--study", "reference", "--researcher", DemoFolder.Researcher, "--keys", network.Folder.ResearcherKeys, "--hub", network.Hub, "--consortium", network.Folder.ConsortiumPath, "--out", Path.Combine(folder, "answers"), "--json");
        Assert.True(code == 0, output + errors);
        var result = JsonDocument.Parse(output).RootElement.GetProperty("results").EnumerateArray().Last();
        Assert.Equal(0, (await CommandLine.RunAsync("verify", Path.Combine(folder, "answers", result.GetProperty("receipt").GetString()!), "--consortium", network.Folder.ConsortiumPath)).Code);
        return result.GetProperty("tables").EnumerateArray().ToDictionary(t => t.GetProperty("name").GetString()!, t => RowsOf(t, columns), StringComparer.Ordinal);
    }

    private static List<JsonElement[]> RowsOf(JsonElement table, string[] columns)
    {
        var all = table.GetProperty("columns").EnumerateArray().Select(c => c.GetString()!).ToList();
        int[] places = columns.Length == 0 || !columns.All(all.Contains) ? [.. Enumerable.Range(0, all.Count)] : [.. columns.Select(c => all.IndexOf(c))];
        return [.. table.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("cells").EnumerateArray().ToArray()).Select(r => places.Select(p => r[p]).ToArray())];
    }

    private static double? Number(JsonElement cell) => cell.ValueKind == JsonValueKind.String && cell.GetString() == "NA" ? null : cell.GetDouble();
}
