using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Genotypes;
using Consilience.Analyses.Models;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;

namespace Consilience.Connectors.Tests;

/// <summary>The persons of <c>vectors/scan</c> at their three sites, or spread anew: a table and PLINK files for each site.</summary>
internal sealed class ScanSites : IDisposable
{
    private const int HeaderLength = 3;

    private readonly List<SiteData> sites = [];

    private ScanSites(IEnumerable<SiteData> sites) => this.sites.AddRange(sites);

    internal static string Source { get; } = Path.Combine(AppContext.BaseDirectory, "vectors", "scan");

    internal static VariantList List { get; } = ReadList();

    internal static StudySchema Schema { get; } = new(
    [
        new("age", VariableType.Integer, "age", "years", [], 18, 120), Wilms.Category("sex", "f", "m"), new("relapse", VariableType.Boolean, "relapse", null, [], null, null),
        new("marker", VariableType.Real, "marker", null, [], 0, 50),
    ],
    panels: [new("array", "array", List.Variants.Count, List.Digest)]);

    /// <summary>The three sites as R wrote them.</summary>
    internal static ScanSites AsWritten() => new(Enumerable.Range(1, 3).Select(s => SiteData.Open(MappingOf(Path.Combine(Source, $"site{s}.csv"), Path.Combine(Source, $"site{s}")), Schema)));

    /// <summary>The same persons at other sites, in another order.</summary>
    /// <param name="folder">Where each site's files are written.</param>
    /// <param name="siteOf">The site of a person by number.</param>
    /// <param name="number">Of sites; some may be empty.</param>
    internal static ScanSites Spread(TemporaryFolder folder, Func<int, int> siteOf, int number)
    {
        var (rows, genotyped) = (Rows().ToList(), Genotyped().ToList());
        return new(Enumerable.Range(0, number).Select(site =>
        {
            var own = rows.Where((_, i) => siteOf(i) == site).ToList();
            var table = folder.Write($"{number}-{site}.csv", $"person,age,sex,relapse,marker\n{string.Concat(own.Select(r => r + "\n"))}");
            var names = own.Select(r => r.Split(',')[0]).ToHashSet();
            return SiteData.Open(MappingOf(table, Write(folder, $"{number}-{site}", [.. genotyped.Where(g => names.Contains(g.Person))])), Schema);
        }));
    }

    internal static DataMapping MappingOf(string table, string prefix, string? list = null) =>
        DataMapping.Direct(table, Schema) with { PersonColumn = "person", Genotypes = [new(Schema.Panels[0], prefix, list)] };

    /// <summary>Writes PLINK files of some persons; returns their path without ending.</summary>
    internal static string Write(TemporaryFolder folder, string name, IReadOnlyList<(string Person, byte[] Codes)> persons)
    {
        var stride = (persons.Count + 3) / 4;
        var bed = new byte[HeaderLength + (List.Variants.Count * stride)];
        (bed[0], bed[1], bed[2]) = (0x6c, 0x1b, 1);
        for (var v = 0; v < List.Variants.Count; v++)
        {
            for (var i = 0; i < persons.Count; i++)
                bed[HeaderLength + (v * stride) + (i / 4)] |= (byte)(persons[i].Codes[v] << (2 * (i % 4)));
        }

        File.WriteAllBytes(folder.Path($"{name}.bed"), bed);
        File.Copy(Path.Combine(Source, "panel.bim"), folder.Path($"{name}.bim"), overwrite: true);
        folder.Write($"{name}.fam", string.Concat(persons.Select(p => $"F {p.Person} 0 0 0 -9\n")));
        return folder.Path(name);
    }

    /// <summary>Everybody with genotypes: PLINK's code of each variant.</summary>
    internal static IEnumerable<(string Person, byte[] Codes)> Genotyped()
    {
        for (var site = 1; site <= 3; site++)
        {
            var bed = File.ReadAllBytes(Path.Combine(Source, $"site{site}.bed"));
            var persons = File.ReadAllLines(Path.Combine(Source, $"site{site}.fam")).Select(l => l.Split(' ')[1]).ToList();
            for (var i = 0; i < persons.Count; i++)
                yield return (persons[i], [.. Enumerable.Range(0, List.Variants.Count).Select(v => (byte)((bed[HeaderLength + (v * ((persons.Count + 3) / 4)) + (i / 4)] >> (2 * (i % 4))) & 3))]);
        }
    }

    internal long[] Sum(MethodPlan plan, string cohort = "")
    {
        var total = new long[plan.Sums.VectorLength];
        foreach (var vector in sites.Select(s => Asked.Encode(s, plan, cohort)))
        {
            for (var i = 0; i < total.Length; i++)
                total[i] += vector[i];
        }

        return total;
    }

    /// <summary>The plan of a scan at the coefficients of its model without variants, which is fitted as a client fits it.</summary>
    internal MethodPlan PlanAfterFit(string parameters, string cohort = "")
    {
        var (name, model) = MethodList.Find("association-scan")!.NullModel(System.Text.Json.JsonDocument.Parse(parameters).RootElement)!.Value;
        var (path, asked) = (new NewtonPath(), model.GetRawText());
        while (true)
        {
            var plan = Asked.Plan(name, asked, Schema);
            var result = plan.Finish(Sum(plan, cohort), NoiseModel.None, DisclosureRules.None);
            if (path.Next(result.Tables) is { } at)
                asked = With(model.GetRawText(), at);
            else
                return Asked.Plan("association-scan", With(parameters, NewtonPath.End(result.Tables)!), Schema);
        }
    }

    internal MethodResult Scan(string parameters, DisclosureRules? rules = null)
    {
        var plan = PlanAfterFit(parameters);
        return plan.Finish(Sum(plan), NoiseModel.None, rules ?? DisclosureRules.None);
    }

    public void Dispose() => sites.ForEach(s => s.Dispose());

    private static string With(string parameters, IReadOnlyList<double> at)
    {
        var node = System.Text.Json.Nodes.JsonNode.Parse(parameters)!.AsObject();
        node["at"] = System.Text.Json.JsonSerializer.SerializeToNode(at);
        return node.ToJsonString();
    }

    private static IEnumerable<string> Rows() => Enumerable.Range(1, 3).SelectMany(s => File.ReadAllLines(Path.Combine(Source, $"site{s}.csv")).Skip(1));

    private static VariantList ReadList()
    {
        using var text = new StreamReader(Path.Combine(Source, "panel.bim"));
        return VariantList.Read(text, "panel.bim");
    }
}
