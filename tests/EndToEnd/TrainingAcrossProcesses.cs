using System.Globalization;
using Consilience.Analyses;
using Consilience.Cli.Demo;
using Consilience.Client.Tests.Train;
using Consilience.Client.Train;
using Consilience.Protocol.Identity;
using Consilience.Client.Publish;
using Consilience.Site.Ledger;
using Consilience.Tests;

namespace Consilience.EndToEnd.Tests;

/// <summary>Networks of processes whose sites permit training.</summary>
public sealed class TrainingAcrossProcesses : IAsyncLifetime
{
    private const string Plan = """
        training: relapse
        study: wilms-relapse
        model: {inputs: [histol, stage, age], head: logistic, outcome: rel}
        strategy: {name: fedadam, rate: 0.05}
        rounds: 6
        local: {epochs: 1, batch: 16, rate: 0.05}
        clip: 10
        bits: 12
        precision: exact
        seed: 3
        """;

    private readonly RestartingNetwork network = RestartingNetwork.Start(folder =>
    {
        foreach (var institution in DemoFolder.Institutions)
            File.WriteAllText(folder.Of(institution, "policy.yaml"), Permitting(File.ReadAllText(folder.Of(institution, "policy.yaml"))));
    });

    private Protocol.Agreements.Agreement agreement = null!;

    private string Out => Path.Combine(network.Folder.Root, "training");

    public async ValueTask InitializeAsync()
    {
        agreement = await network.AgreeAsync(Permitting(DemoFolder.StudyText()), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(network.Folder.Root, "plan.yaml"), Plan, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => network.DisposeAsync();

    /// <summary>SIGKILL of the client after two rounds, and of a site while it goes on: every round is in one run of every site's ledger, and the release verifies.</summary>
    [Fact]
    [Trait("speed", "slow")]
    public async Task A_training_outlives_its_client_and_a_site()
    {
        using (var client = CommandLine.Start(Train()))
        {
            await UntilAsync(() => Done() >= 2 || client.HasExited);
            client.Kill();
            await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.InRange(Done(), 2, 5);
        using (var client = CommandLine.Start([.. Train(), "--resume"]))
        {
            var errors = client.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            _ = client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            network.KillNow("site", "birch");
            await client.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(client.ExitCode == 0, await errors);
        }

        Assert.Equal(6, Done());
        var verified = await CommandLine.RunAsync("verify", Path.Combine(Out, "release"), "--consortium", network.Folder.ConsortiumPath);
        Assert.True(verified.Code == 0, verified.Output);
        var runs = Receipts().Select(r => r.Result.Run).ToList();
        Assert.Equal(6, runs.Distinct().Count());
        Assert.All(Receipts(), r => Assert.Equal(DemoFolder.Institutions, r.Result.Sites.Answered.Select(s => $"{s}")));
        foreach (var institution in DemoFolder.Institutions)
        {
            var committed = network.LedgerOf(institution).Where(e => e.Kind == LedgerEntryKind.Commit).Select(e => e.Run).ToList();
            Assert.All(runs, run => Assert.Single(committed, run));
            // The round that was in flight when the client was killed may have been answered, and nothing besides.
            Assert.InRange(committed.Count, 6, 7);
        }
    }

    /// <summary>SIGKILL of the client while evidence arrives that is too large for a receipt: nothing of it counts or stays, and the release verifies by what lies beside its receipts.</summary>
    [Fact]
    [Trait("speed", "slow")]
    public async Task A_large_model_outlives_its_client_while_an_answer_arrives()
    {
        var large = Plan.Replace("age], head", "age], layers: [{dense: 1500}, relu, {dense: 1500}], head", StringComparison.Ordinal).Replace("epochs: 1, batch: 16", "steps: 1, batch: 16", StringComparison.Ordinal).Replace("rounds: 6", "rounds: 2", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(network.Folder.Root, "plan.yaml"), large, TestContext.Current.CancellationToken);
        var rounds = Path.Combine(Out, "rounds");
        string[] Arriving() => Directory.Exists(rounds) ? Directory.GetDirectories(rounds, ".arriving-*") : [];
        using (var client = CommandLine.Start(Train()))
        {
            await UntilAsync(() => client.HasExited || Arriving().Any(a => Directory.EnumerateFiles(a).Any()));
            client.Kill();
            await client.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Single(Arriving());
        Assert.InRange(Done(), 0, 1);
        var (code, _, errors) = await CommandLine.RunAsync([.. Train(), "--resume"]);
        Assert.True(code == 0, errors);
        Assert.Empty(Arriving());
        Assert.Equal(Receipts().Select(r => $"{r.Result.Run}.evidence").Order(StringComparer.Ordinal), Directory.EnumerateFiles(rounds, "*.evidence").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.All(Receipts(), r => Assert.Null(r.MaskedSum));
        var verified = await CommandLine.RunAsync("verify", Path.Combine(Out, "release"), "--consortium", network.Folder.ConsortiumPath);
        Assert.True(verified.Code == 0, verified.Output);
    }

    /// <summary>
    /// After a training, no site's own update is in the memory or on the disk of hub and key holders, where the masked sums are, which shows that the search finds what is there. Gradients that are nowhere cannot be turned into records.
    /// </summary>
    [Fact]
    [Trait("speed", "slow")]
    public async Task No_single_sites_update_exists_at_the_hub_or_a_key_holder()
    {
        var (code, _, errors) = await CommandLine.RunAsync(Train());
        Assert.True(code == 0, errors);
        var course = TrainingCourse.Of(TrainingPlanReader.Read(Plan), agreement.Study);
        var asked = course.Ask(course.Start());
        var sums = course.PlanOf(asked).Sums;
        var first = Receipts()[0];
        var held = new List<long[]>();
        foreach (var institution in DemoFolder.Institutions)
        {
            var vector = new long[sums.VectorLength];
            sums.Encode(new Children(network.Folder.Of(institution, "data.csv"), agreement.Study.Schema), vector);
            held.Add(vector[5..]);
        }

        // These are the very updates: their sum is what was opened.
        Assert.Equal(first.Result.Tables[0].Rows[0].Cells[4].Number!.Value, Norm(held), 1e-9);
        string[] files = [.. Directory.EnumerateFiles(network.Folder.Of(DemoFolder.Hub, "hub")), .. DemoFolder.Institutions.SelectMany(i => Directory.EnumerateFiles(network.Folder.Of(i, "keyholder")))];
        int[] processes = [network.ProcessOf("hub", DemoFolder.Hub), .. DemoFolder.Institutions.Select(i => network.ProcessOf("keyholder", i))];
        foreach (var update in held.SelectMany(u => GradientInversion.Written(u, 4096)))
        {
            Assert.All(files, f => Assert.True(Read(f).AsSpan().IndexOf(update) < 0, f));
            Assert.All(processes, p => Assert.False(ProcessMemory.Holds(p, update)));
            Assert.True(ProcessMemory.Holds(Environment.ProcessId, update));
        }

        var masked = Receipts()[^1].MaskedSum!;
        Assert.True(files.Any(f => Read(f).AsSpan().IndexOf(masked) >= 0) || ProcessMemory.Holds(processes[0], masked));
    }

    private static string Permitting(string text) => text.Replace("methods: [", "methods: [training-round, ", StringComparison.Ordinal);

    /// <summary>Of the mean of updates of sites that weigh a thousand each, in units of 2⁻¹².</summary>
    private static double Norm(List<long[]> updates) =>
        Math.Sqrt(Enumerable.Range(0, updates[0].Length).Select(i => updates.Sum(u => u[i]) / 4096.0 / (1000.0 * updates.Count)).Sum(mean => mean * mean));

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private string[] Train() =>
    [
        "train", Path.Combine(network.Folder.Root, "plan.yaml"), "--researcher", DemoFolder.Researcher, "--keys", network.Folder.ResearcherKeys, "--hub", $"{network.Hub}", "--consortium", network.Folder.ConsortiumPath, "--out", Out,
    ];

    private int Done() => Directory.Exists(Path.Combine(Out, "rounds")) ? Directory.EnumerateFiles(Path.Combine(Out, "rounds"), "*.receipt.json").Count() : 0;

    private List<ReceiptStatement> Receipts() =>
        [.. Directory.EnumerateFiles(Path.Combine(Out, "rounds"), "*.receipt.json").Order(StringComparer.Ordinal).Select(f => Signed<ReceiptStatement>.PeekUnverified(File.ReadAllBytes(f))!)];

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(20, TestContext.Current.CancellationToken);
    }

    /// <summary>A site's file as its software reads it.</summary>
    private sealed class Children(string file, Analyses.Schema.StudySchema schema) : IRows
    {
        public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException();

        public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
        {
            var lines = File.ReadAllLines(file);
            var columns = lines[0].Split(',').Select(c => c.Trim('"')).ToList();
            var take = begin();
            foreach (var fields in lines.Skip(1).Select(l => l.Split(',')))
            {
                take([.. variables.Select(v => schema.Find(v)!.Codes is { Count: > 0 } codes
                    ? codes.ToList().FindIndex(c => c.Code == fields[columns.IndexOf(v)].Trim('"'))
                    : double.Parse(fields[columns.IndexOf(v)], CultureInfo.InvariantCulture))]);
            }
        }
    }
}
