using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Consilience.Analyses;
using Consilience.Cli.Simulate;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Analyses.Schema;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Yaml;

namespace Consilience.Cli.Examples;

/// <summary>The example of each method, asked of the sample study it is for: all parties in one process, the data split over its sites.</summary>
internal static partial class WorkedExamples
{
    /// <summary>The example as a request file has it, at exact precision, or noised at a price.</summary>
    internal static string RequestOf(Method method, string? epsilon = null) =>
        $"method: {method.Name}\nprecision: {(epsilon is null ? "exact" : $"noised\nepsilon: {epsilon}")}\nparameters:\n{string.Concat(method.Example.Split('\n').Select(l => $"  {l}\n"))}";

    internal static JsonObject ParametersOf(Method method) =>
        JsonNode.Parse(YamlDocument.Parse(RequestOf(method)).Root.Json("parameters", "parameters", required: true)!.Value.GetRawText())!.AsObject();

    /// <summary>Whether the example may be asked at noised precision, of its sample's study.</summary>
    internal static bool MayBeNoised(Method method)
    {
        var study = StudyReader.Read(File.ReadAllText(Path.Combine(Folder(method), "study.yaml")), null);
        return study.Noised is not null && method.Plan(JsonSerializer.SerializeToElement(ParametersOf(method)), study.Schema, [])?.ObjectionToNoise is null;
    }

    /// <summary>Answers to the examples of methods whose examples are for one sample, in order.</summary>
    internal static async Task<(IReadOnlyList<AnalysisResult> Results, StudySchema Schema)> AnswerAsync(IReadOnlyList<Method> methods, string? epsilon, CancellationToken cancellation)
    {
        var folder = Folder(methods[0]);
        var study = StudyReader.Read(Methods().Replace(await File.ReadAllTextAsync(Path.Combine(folder, "study.yaml"), cancellation), $"methods: [{string.Join(", ", methods.SelectMany(Asked).Distinct())}]"), null);
        var parts = Directory.CreateTempSubdirectory("consilience-example-");
        try
        {
            var sites = study.Sites.Select(s => s.ToString()).ToList();
            var data = sites.ToDictionary(s => s, s => Path.Combine(parts.FullName, $"{s}.csv"));
            SampleData.Split(Directory.EnumerateFiles(folder, "*.csv").Single(), [.. data.Values]);
            await using var network = await SimulatedNetwork.StartAsync(
                study, data, sites.ToDictionary(s => s, _ => Path.Combine(folder, "mapping.yaml")), cancellation);
            var results = new List<AnalysisResult>();
            foreach (var question in methods.SelectMany(m => QuestionReader.Read(RequestOf(m, epsilon))))
                results.Add((await network.Ask.AskAsync(question, null, cancellation)).Result);
            return (results, study.Schema);
        }
        finally
        {
            parts.Delete(recursive: true);
        }
    }

    /// <summary>The methods of its runs: it may rest on the fit of another.</summary>
    private static IEnumerable<string> Asked(Method method) => method.NullModel(JsonSerializer.SerializeToElement(ParametersOf(method))) is { } first ? [first.Method, method.Name] : [method.Name];

    private static string Folder(Method method) => Path.Combine(AppContext.BaseDirectory, "samples", method.Sample);

    [GeneratedRegex(@"^methods: \[.*\]", RegexOptions.Multiline)]
    private static partial Regex Methods();
}
