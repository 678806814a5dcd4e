using System.Diagnostics;
using System.Globalization;
using Consilience.Client.Train;

namespace Consilience.Processes.Benchmarks;

/// <summary>Ten rounds of logistic regression over four sites of 2,500 rows each, from the first request to the model, by processes that have not answered anything yet.</summary>
internal static class Rounds
{
    private const int Sites = 4, Rows = 2500, Features = 20;

    internal static async Task RunAsync(string root)
    {
        var features = string.Join(", ", Enumerable.Range(1, Features).Select(i => $"x{i}"));
        for (var site = 0; site < Sites; site++)
            Write(Path.Combine(ProcessNetwork.SiteFolder(root, site), "data.csv"), features, site);
        // What it took to write the files is not the researcher's memory.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        var schema = $"{{variables: {{x: {{type: real, minimum: -5, maximum: 5, count: {Features}}}, ill: {{type: boolean}}}}}}";
        const string Mapping = "files: [data.csv]\nformat: csv\nperson: id\nvariables: {x: {column: x}, ill: {column: ill}}\n";
        await using var network = await ProcessNetwork.StartAsync(root, new Subject(schema, ["training-round"], [.. Enumerable.Repeat(Mapping, Sites)]));
        var course = TrainingCourse.Of(TrainingPlanReader.Read($$"""
            training: bench
            study: bench
            model: {inputs: [{from: x1, to: x{{Features}}}], head: logistic, outcome: ill}
            strategy: {name: fedavg}
            rounds: 10
            local: {epochs: 5, batch: 100, rate: 0.1}
            clip: 100
            precision: exact
            """), network.Ask.Agreement.Study);
        var rounds = new List<double>();
        var (before, watch) = (network.ProcessorTime, Stopwatch.StartNew());
        using var folder = TrainingFolder.Open(Path.Combine(root, "training"), course.Plan, resume: false);
        var trained = await new TrainModel(network.Ask, course, folder, TimeProvider.System).RunAsync(new Told(p => rounds.Add(p.Done.Elapsed.TotalSeconds)), null, CancellationToken.None);
        Console.WriteLine($"ten rounds of logistic regression, {Features} features, {Sites} sites of {Rows} rows: {watch.Elapsed.TotalSeconds:0.00} s (aim 2.5 s), {(network.ProcessorTime - before).TotalSeconds:0.00} s of processor time of all parties together");
        Console.WriteLine($"rounds: {string.Join(", ", rounds.Select(r => r.ToString("0.000", CultureInfo.InvariantCulture)))} s; loss {trained.Rounds[0].Round.Loss:0.000} to {trained.Rounds[^1].Round.Loss:0.000}");
        var memory = network.Memory.ToList();
        Console.WriteLine($"highest memory: {memory.Sum(p => p.Peak) / 1e6:0} MB added up, pages shared counted once {memory.Sum(p => p.Share) / 1e6:0} MB (aim 400 MB): {string.Join(", ", memory.Select(p => $"{p.Name} {p.Peak / 1e6:0}/{p.Share / 1e6:0}"))}");
    }

    private static void Write(string file, string features, int site)
    {
        using var writer = new StreamWriter(file);
        writer.WriteLine($"id,{features.Replace(" ", "", StringComparison.Ordinal)},ill");
        var draw = new Draw(site);
        for (var i = 0; i < Rows; i++)
        {
            var x = Enumerable.Range(0, Features).Select(_ => (draw.Below(6001) - 3000) / 1000m).ToList();
            var risk = 1 / (1 + Math.Exp(-x.Select((value, j) => (double)value * ((j % 5) - 2) / 4).Sum()));
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(site * Rows) + i},{string.Join(',', x)},{(draw.Below(1_000_000) < 1_000_000 * risk ? 1 : 0)}"));
        }
    }
}
