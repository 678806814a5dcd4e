using System.Diagnostics;
using System.Globalization;
using Consilience.Client.Train;

namespace Consilience.Processes.Benchmarks;

/// <summary>Two rounds of a model with very many weights over two sites, its release and the verification of that: what it takes of every party, and of the researcher for each step.</summary>
internal static class LargeModel
{
    private const int Sites = 2, Rows = 20;

    internal static async Task RunAsync(string root, int millions)
    {
        for (var site = 0; site < Sites; site++)
            File.WriteAllLines(Path.Combine(ProcessNetwork.SiteFolder(root, site), "data.csv"), ["id,age,ill", .. Enumerable.Range(0, Rows).Select(i => string.Create(CultureInfo.InvariantCulture, $"{(site * Rows) + i},{20 + (3 * i)},{i % 2}"))]);
        const string Mapping = "files: [data.csv]\nformat: csv\nperson: id\nvariables: {age: {column: age}, ill: {column: ill}}\n";
        await using var network = await ProcessNetwork.StartAsync(root, new Subject("{variables: {age: {type: integer, minimum: 0, maximum: 100}, ill: {type: boolean}}}", ["training-round"], [.. Enumerable.Repeat(Mapping, Sites)]), areKeyHoldersApart: true);
        var units = (int)Math.Sqrt(millions * 1e6);
        var course = TrainingCourse.Of(TrainingPlanReader.Read($$"""
            training: bench
            study: bench
            model: {inputs: [age], layers: [{dense: {{units}}}, {dense: {{units}}}], head: logistic, outcome: ill}
            strategy: {name: fedavg}
            rounds: 2
            local: {epochs: 1, batch: 20, rate: 0.001}
            clip: 1
            precision: exact
            """), network.Ask.Agreement.Study);
        Console.WriteLine($"{course.Model.ParameterCount} weights, {Sites} sites, two key holders");
        ProcessNetwork.OwnPeak();
        var plan = course.Plan;
        using var folder = TrainingFolder.Open(Path.Combine(root, "training"), plan, resume: false);
        var watch = Stopwatch.StartNew();
        void Tell(string what)
        {
            Console.WriteLine($"{what}: {watch.Elapsed.TotalSeconds:0} s, researcher at most {ProcessNetwork.OwnPeak() / 1e6:0} MB");
            watch.Restart();
        }

        var trained = await new TrainModel(network.Ask, course, folder, TimeProvider.System).RunAsync(new Told(p => Tell($"round {p.Round}")), null, CancellationToken.None);
        Console.WriteLine($"parties at most: {string.Join(", ", network.Memory.SkipLast(1).Select(p => $"{p.Name} {p.Peak / 1e6:0} MB"))}; a site sent {(double)trained.Rounds[0].BytesSent / Sites / course.Model.ParameterCount:0.000} bytes a weight in a round");
        ReleaseModel.Write(trained, network.Ask, folder.In("release"));
        trained = null;
        Tell($"release of {Directory.EnumerateFiles(folder.In("release"), "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length) / 1e6:0} MB");
        var verification = VerifyRelease.Of(folder.In("release"), network.Ask.Consortia);
        Tell($"verification ({(verification.Holds ? "holds" : verification.Steps[^1].Detail)})");
    }
}
