using System.Diagnostics;
using System.Text.Json;
using Consilience.Cli.Demo;
using Consilience.Site.Ledger;
using Consilience.Tests;

namespace Consilience.EndToEnd.Tests;

/// <summary>
/// A programme asked by the real program, which is killed in its middle and asked to go on: every question is answered once, every site is charged once for each, and what was answered before the kill stays as it was.
/// </summary>
[Trait("speed", "slow")]
public sealed class InterruptedProgramme : IAsyncDisposable
{
    private const int Questions = 24;

    /// <summary>ε = 1/10 is ρ = 0.005.</summary>
    private const long Charge = 5_000_000;

    private const string Programme = """
        values:
          age: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]
          by: {stage: [stage], histology: [histol]}
        requests:
          - name: "{by.name} from {age} months"
            each: [by, age]
            method: count
            epsilon: 1/10
            cohort: age >= {age}
            parameters: {by: "{by}"}
        """;

    private readonly RestartingNetwork network = RestartingNetwork.Start();
    private readonly string folder = Directory.CreateTempSubdirectory("consilience-programme-").FullName;

    private string[] Researcher => ["--researcher", DemoFolder.Researcher, "--keys", network.Folder.ResearcherKeys, "--hub", network.Hub, "--consortium", network.Folder.ConsortiumPath];

    [Theory]
    [InlineData("KILL")]
    [InlineData("INT")]
    public async Task It_goes_on_and_nothing_is_charged_twice(string signal)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(Path.Combine(folder, "study.yaml"), DemoFolder.StudyText(), cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "programme.yaml"), Programme, cancellation);
        await UntilAsync(async () => (await CommandLine.RunAsync(["study", "list", .. Researcher[2..]])).Code == 0);
        var (proposed, said, reasons) = await CommandLine.RunAsync(["study", "propose", Path.Combine(folder, "study.yaml"), .. Researcher, "--wait"]);
        Assert.True(proposed == 0, said + reasons);
        string[] asking = ["analyse", Path.Combine(folder, "programme.yaml"), "--study", "wilms-relapse", .. Researcher, "--out", Path.Combine(folder, "answers")];
        using (var program = CommandLine.Start(asking))
        {
            var (output, errors) = (program.StandardOutput.ReadToEndAsync(cancellation), program.StandardError.ReadToEndAsync(cancellation));
            await UntilAsync(() => Task.FromResult(program.HasExited || Receipts().Count >= 5));
            using (var kill = Process.Start("kill", [$"-{signal}", $"{program.Id}"]))
                await kill.WaitForExitAsync(cancellation);
            await program.WaitForExitAsync(cancellation);
            Assert.True(program.ExitCode != 0, $"{await output}{await errors}");
        }

        var before = Receipts().ToDictionary(r => r, File.ReadAllBytes);
        Assert.InRange(before.Count, 5, Questions - 1);
        var (code, document, error) = await CommandLine.RunAsync([.. asking, "--resume", "--json"]);
        Assert.True(code == 0, error + document);
        var results = JsonDocument.Parse(document).RootElement.GetProperty("results").EnumerateArray().ToList();
        Assert.Equal(Questions, results.Select(r => r.GetProperty("name").GetString()).Distinct().Count());
        Assert.All(before, b => Assert.Equal(b.Value, File.ReadAllBytes(b.Key)));
        Assert.All(before.Keys, b => Assert.Contains(results, r => r.GetProperty("receipt").GetString() == Path.GetRelativePath(Path.Combine(folder, "answers"), b)));
        var runs = results.Select(r => r.GetProperty("run").GetString()!).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(Questions, runs.Count);
        Assert.All(DemoFolder.Institutions, i => Assert.Equal((Questions * Charge, true), (ChargesOf(i).Sum(c => c.Charge), ChargesOf(i).Select(c => $"{c.Run}").ToHashSet(StringComparer.Ordinal).SetEquals(runs))));

        // The broken twin pays for one of them again, and is seen in every ledger.
        var (again, _, _) = await CommandLine.RunAsync(["analyse", "count", "--by", "stage", "--cohort", "age >= 10", "--epsilon", "1/10", "--again", "--study", "wilms-relapse", .. Researcher, "--out", Path.Combine(folder, "again")]);
        Assert.Equal(0, again);
        Assert.All(DemoFolder.Institutions, i => Assert.Equal((Questions + 1) * Charge, ChargesOf(i).Sum(c => c.Charge)));
    }

    public async ValueTask DisposeAsync()
    {
        await network.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private List<LedgerEntry> ChargesOf(string institution) => [.. network.LedgerOf(institution).Where(e => e.Kind == LedgerEntryKind.Commit)];

    private List<string> Receipts() => Directory.Exists(Path.Combine(folder, "answers", "receipts")) ? [.. Directory.EnumerateFiles(Path.Combine(folder, "answers", "receipts"))] : [];

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await holds())
            await Task.Delay(20, limit.Token);
    }
}
