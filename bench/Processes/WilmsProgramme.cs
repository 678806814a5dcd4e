using System.Diagnostics;
using System.Text.Json;
using Consilience.Client.Analyse;
using Consilience.Protocol.Analyse;

namespace Consilience.Processes.Benchmarks;

/// <summary>A study's worth of questions: thirty of each of fifteen cohorts of the Wilms data, at five sites.</summary>
internal static class WilmsProgramme
{
    private const int Sites = 5;

    private static readonly string[] Cohorts =
    [
        "", "histol = 1", "histol = 2", "stage = 1", "stage = 2", "stage = 3", "stage = 4", "stage in (1, 2)", "stage in (3, 4)", "age < 24", "age >= 24", "age between 24 and 60", "age > 60", "histol = 1 and age < 48", "stage in (1, 2, 3)",
    ];

    internal static async Task RunAsync(string root)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "samples", "wilms", "nwtco.csv"));
        for (var site = 0; site < Sites; site++)
            File.WriteAllLines(Path.Combine(ProcessNetwork.SiteFolder(root, site), "data.csv"), lines.Skip(1).Where((_, i) => i % Sites == site).Prepend(lines[0]));
        const string Schema = """
            {variables: {histol: {type: category, codes: {"1": favourable, "2": unfavourable}}, stage: {type: category, codes: {"1": I, "2": II, "3": III, "4": IV}}, rel: {type: boolean}, edrel: {type: integer, minimum: 0, maximum: 10000}, age: {type: integer, minimum: 0, maximum: 240}}}
            """;
        const string Mapping = "files: [data.csv]\nformat: csv\nperson: row\nvariables: {histol: {column: histol}, stage: {column: stage}, rel: {column: rel, codes: {\"0\": \"false\", \"1\": \"true\"}}, edrel: {column: edrel}, age: {column: age}}\n";
        var questions = Cohorts.SelectMany((cohort, i) => Of(cohort, i + 1)).ToList();
        await using var network = await ProcessNetwork.StartAsync(root, new Subject(Schema.Trim(), [.. questions.Select(q => q.Method).Distinct()], [.. Enumerable.Repeat(Mapping, Sites)]));
        var programme = Programme.Of(network.Ask.Agreement.Study, questions);
        var (before, watch) = (network.ProcessorTime, Stopwatch.StartNew());
        var receipts = 0L;
        foreach (var run in programme.Runs)
        {
            foreach (var answer in await network.Ask.AskTogetherAsync(run.Questions, null, CancellationToken.None))
                receipts += answer.Receipt.Length;
        }

        Console.WriteLine($"{questions.Count} questions in {programme.Runs.Count} runs and further rounds of fits, {Sites} sites: {watch.Elapsed.TotalSeconds:0.0} s (aim 60 s), {(network.ProcessorTime - before).TotalSeconds:0.0} s of processor time of all parties together, receipts {receipts >> 20} MiB");
    }

    private static IEnumerable<Question> Of(string cohort, int number)
    {
        const string Days = """ "time": "edrel", "event": "rel", "grid": {"from": 30, "to": 6000, "step": 30}""";
        var by = cohort.Contains("histol", StringComparison.Ordinal) ? "stage" : "histol";
        string[] variables = ["histol", "stage"];
        (string Method, string Parameters)[] questions =
        [
            .. variables.SelectMany(v => new[]
            {
                ("count", $$"""{"by": ["{{v}}"]}"""), ("count", $$"""{"by": ["{{v}}", "rel"]}"""), ("count", $$"""{"by": ["{{v}}", {"variable": "age", "edges": [12, 24, 48, 96]}]}"""),
                ("kaplan-meier", $$"""{"by": ["{{v}}"],{{Days}}}"""), ("nelson-aalen", $$"""{"by": ["{{v}}"],{{Days}}}"""), ("restricted-mean", $$"""{"by": ["{{v}}"], "horizon": 1830,{{Days}}}"""),
                ("moments", $$"""{"variable": "age", "by": ["{{v}}"]}"""), ("distribution", $$"""{"variable": "age", "by": ["{{v}}"]}"""),
            }),
            ("count", "{}"), ("count", """{"by": ["rel"]}"""), ("count", """{"by": ["histol", "stage", "rel"]}"""), ("moments", """{"variable": "age"}"""), ("moments", """{"variable": "edrel"}"""),
            ("distribution", """{"variable": "age"}"""), ("distribution", """{"variable": "edrel"}"""), ("kaplan-meier", $"{{{Days}}}"), ("nelson-aalen", $"{{{Days}}}"),
            ("correlation", """{"variables": ["age", "edrel"]}"""), ("t-test", """{"variable": "age", "by": ["rel"]}"""),
            ("association", $$"""{"rows": "{{by}}", "columns": "rel"}"""), ("risk", $$"""{"outcome": "rel", "exposure": "{{by}}"}"""),
            ("glm", """{"formula": "rel ~ age"}"""),
        ];
        return questions.Select((q, i) => new Question($"{number}.{i + 1} {q.Method}", q.Method, JsonDocument.Parse(q.Parameters).RootElement, cohort, Precision.Exact, null));
    }
}
