using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;

namespace Consilience.Connectors.Tests;

/// <summary>A file's rows spread over sites, whose sums are added as a run adds them.</summary>
internal sealed class SplitSites : IDisposable
{
    private readonly List<SiteData> sites = [];
    private readonly StudySchema schema;

    /// <param name="folder">Where each site's file is written.</param>
    /// <param name="file">A CSV file with the schema's own names and codes.</param>
    /// <param name="schema">Of the study.</param>
    /// <param name="siteOf">The site of a row, counted from 0.</param>
    /// <param name="number">Of sites; one without rows has an empty file.</param>
    internal SplitSites(TemporaryFolder folder, string file, StudySchema schema, Func<int, int> siteOf, int number)
    {
        this.schema = schema;
        var lines = File.ReadAllLines(file);
        for (var site = 0; site < number; site++)
        {
            var rows = lines.Skip(1).Where((_, i) => siteOf(i) == site).Prepend(lines[0]);
            sites.Add(SiteData.Open(DataMapping.Direct(folder.Write($"{number}-{site}.csv", string.Join('\n', rows) + "\n"), schema), schema));
        }
    }

    internal MethodResult Ask(string method, string parameters, string cohort = "")
    {
        var plan = Asked.Plan(method, parameters, schema);
        var total = new long[plan.Sums.VectorLength];
        foreach (var vector in sites.Select(s => Asked.Encode(s, plan, cohort)))
        {
            for (var i = 0; i < total.Length; i++)
                total[i] += vector[i];
        }

        return plan.Finish(total, NoiseModel.None, DisclosureRules.None);
    }

    /// <summary>Asks in rounds until the fit ends.</summary>
    internal MethodResult Fit(string method, string parameters, out int rounds)
    {
        var path = new NewtonPath();
        for (rounds = 1; ; rounds++)
        {
            var result = Ask(method, parameters);
            if (path.Next(result.Tables) is not { } at)
                return result;
            var next = JsonNode.Parse(parameters)!.AsObject();
            next["at"] = new JsonArray([.. at.Select(a => (JsonNode)a)]);
            parameters = next.ToJsonString();
        }
    }

    public void Dispose() => sites.ForEach(s => s.Dispose());
}
