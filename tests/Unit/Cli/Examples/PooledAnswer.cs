using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using Consilience.Cli.Examples;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.FederatedLearning;
using Consilience.Protocol.Agreements;

namespace Consilience.Cli.Tests.Examples;

/// <summary>What somebody who had all records in one file would compute: no sites, no network, no masks.</summary>
internal static class PooledAnswer
{
    /// <param name="method">Whose example is answered.</param>
    /// <param name="without">Records left out at the end of the file.</param>
    internal static MethodResult Of(Method method, int without = 0)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "samples", method.Sample);
        var schema = StudyReader.Read(File.ReadAllText(Path.Combine(folder, "study.yaml")), null).Schema;
        var records = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(records, File.ReadAllLines(Directory.EnumerateFiles(folder, "*.csv").Single()).SkipLast(without));
            using var data = SiteData.Open(MappingReader.Read(File.ReadAllText(Path.Combine(folder, "mapping.yaml")), folder, schema, "mapping.yaml", records), schema);
            var parameters = WorkedExamples.ParametersOf(method);
            if (method.NullModel(JsonSerializer.SerializeToElement(parameters)) is var (first, model))
                parameters["at"] = Numbers(NewtonPath.End(Answer(data, KnownMethods.Find(first)!, JsonNode.Parse(model.GetRawText())!.AsObject()).Tables)!);
            return Answer(data, method, parameters);
        }
        finally
        {
            File.Delete(records);
        }
    }

    private static MethodResult Answer(SiteData data, Method method, JsonObject parameters)
    {
        var path = new NewtonPath();
        while (true)
        {
            var plan = method.Plan(JsonSerializer.SerializeToElement(parameters), data.Schema, [])!;
            var sums = new long[plan.Sums.VectorLength];
            plan.Sums.Encode(data.Select(CohortExpression.Parse("", data.Schema, [])!), sums);
            var result = plan.Finish(sums, NoiseModel.None, DisclosureRules.None);
            if (path.Next(result.Tables) is not { } at)
                return result;
            parameters["at"] = Numbers(at);
        }
    }

    private static JsonArray Numbers(IEnumerable<double> values) => [.. values.Select(v => (JsonNode)v)];
}
