using System.Text;
using System.Text.Json;
using Consilience.Tests;

namespace Consilience.EndToEnd.Tests;

/// <summary>One run of the demonstration, shared by the tests that look at what it left.</summary>
public sealed class DemonstrationRun : IAsyncLifetime
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("consilience-demo-").FullName;

    public int Code { get; private set; }

    public JsonElement Results { get; private set; }

    public async ValueTask InitializeAsync()
    {
        var (code, output, errors) = await CommandLine.RunAsync("demo", "--json", "--out", Folder);
        Code = code;
        Assert.True(code == 0, errors + output);
        Results = JsonDocument.Parse(output).RootElement.GetProperty("results");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    internal JsonElement Result(string method, string precision) =>
        Results.EnumerateArray().Single(r => r.GetProperty("method").GetString() == method && r.GetProperty("precision").GetString() == precision);
}

[Trait("speed", "slow")]
public sealed class Demonstration(DemonstrationRun run) : IClassFixture<DemonstrationRun>
{
    [Fact]
    public void The_exact_cross_tabulation_is_the_pooled_one() =>
        Assert.Equal([1446, 126, 931, 121, 802, 142, 390, 70], run.Result("count", "exact").GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("count").GetInt32()));

    [Fact]
    public void The_noised_cross_tabulation_is_near_the_pooled_one_and_not_all_of_it_equal()
    {
        int[] pooled = [1446, 126, 931, 121, 802, 142, 390, 70];
        var noised = run.Result("count", "noised").GetProperty("groups").EnumerateArray().Select(g => g.GetProperty("count").GetInt32()).ToArray();
        Assert.All(noised.Zip(pooled), pair => Assert.InRange(pair.First - pair.Second, -60, 60));

        // Three draws of scale 1 on each of eight counters leave all of them unchanged once in 500,000 runs.
        Assert.NotEqual(pooled, noised);
    }

    /// <summary>survival::survfit on the pooled file at every distinct day; see vectors/kaplan-meier/compute.R.</summary>
    [Fact]
    public void The_exact_curves_equal_the_reference_at_every_day()
    {
        var groups = run.Result("kaplan-meier", "exact").GetProperty("groups").EnumerateArray().ToDictionary(g => g.GetProperty("key").GetProperty("histol").GetString()!, g => g.GetProperty("curve"));
        var compared = 0;
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors", "nwtco-histology.csv")).Skip(1))
        {
            var fields = line.Split(',');
            var point = groups[fields[0]][int.Parse(fields[1]) - 1];
            Assert.Equal(int.Parse(fields[1]), point.GetProperty("time").GetInt32());
            Assert.Equal(int.Parse(fields[2]), point.GetProperty("atRisk").GetInt32());
            Assert.Equal(int.Parse(fields[3]), point.GetProperty("events").GetInt32());
            Assert.Equal(int.Parse(fields[4]), point.GetProperty("censored").GetInt32());
            foreach (var (name, field) in new[] { ("survival", 5), ("standardError", 6), ("lower", 7), ("upper", 8) })
            {
                if (fields[field] is "NA" or "NaN")
                    Assert.Equal(JsonValueKind.Null, point.GetProperty(name).ValueKind);
                else
                    AssertTenDigits(double.Parse(fields[field]), point.GetProperty(name).GetDouble());
                compared++;
            }
        }

        Assert.True(compared > 10_000, $"{compared} figures compared");
    }

    /// <summary>R's glm on the pooled file; see vectors/models/compute.R.</summary>
    [Fact]
    public void A_fit_in_rounds_over_processes_is_the_pooled_one()
    {
        var tables = run.Result("glm", "exact").GetProperty("tables").EnumerateArray().ToDictionary(t => t.GetProperty("name").GetString()!, t => t.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("cells")).ToList());
        double[] expected = [-3.08941531589239, 1.79452765781585, 0.7103914977276, 0.814264545014772, 1.15504956624187, 0.00797377927509111];
        Assert.Equal("yes", tables["fit"][0].EnumerateArray().Last().GetString());
        Assert.All(expected.Zip(tables["coefficients"]), pair => Assert.InRange((pair.Second[1].GetDouble() / pair.First) - 1, -1e-6, 1e-6));
    }

    /// <summary>R's survdiff and mantelhaen.test on the pooled file; see vectors/groups/compute.R.</summary>
    [Fact]
    public void Comparisons_of_groups_equal_the_reference()
    {
        AssertTenDigits(378.107326628599, Table("log-rank", "exact", "test")[0][0].GetDouble());
        var odds = Table("risk", "exact", "mantel-haenszel")[0];
        AssertTenDigits(5.94795490705017, odds[2].GetDouble());
        AssertTenDigits(4.7736797671659, odds[6].GetDouble());
    }

    /// <summary>The hazard ratio is made of the noised curve's sums: one run, one charge, two receipts.</summary>
    [Fact]
    public void What_reads_the_same_noised_sums_is_charged_once()
    {
        var (curve, hazards) = (run.Result("kaplan-meier", "noised"), run.Result("grouped-hazards", "noised"));
        Assert.Equal(curve.GetProperty("run").GetString(), hazards.GetProperty("run").GetString());
        Assert.NotEqual(curve.GetProperty("receipt").GetString(), hazards.GetProperty("receipt").GetString());
        Assert.InRange(Table("grouped-hazards", "noised", "coefficients")[0][1].GetDouble(), 1.2, 2.1);
    }

    private JsonElement[][] Table(string method, string precision, string name) =>
        [.. run.Result(method, precision).GetProperty("tables").EnumerateArray().Single(t => t.GetProperty("name").GetString() == name).GetProperty("rows").EnumerateArray()
            .Select(r => r.GetProperty("cells").EnumerateArray().ToArray())];

    [Fact]
    public void No_process_is_left() => Assert.Empty(CommandLine.Running(run.Folder));

    [Fact]
    public async Task Every_receipt_verifies_and_no_changed_one_does()
    {
        var consortium = Path.Combine(run.Folder, "consortium.json");
        foreach (var receipt in Directory.EnumerateFiles(Path.Combine(run.Folder, "receipts")))
        {
            var (code, output, _) = await CommandLine.RunAsync("verify", receipt, "--consortium", consortium);
            Assert.True(code == 0, output);
        }

        var bytes = await File.ReadAllBytesAsync(Path.Combine(run.Folder, run.Result("count", "exact").GetProperty("receipt").GetString()!), TestContext.Current.CancellationToken);
        var changed = Path.Combine(run.Folder, "changed.receipt.json");
        for (var i = 0; i < 8; i++)
        {
            var copy = (byte[])bytes.Clone();
            var at = (i + 1) * copy.Length / 9;
            copy[at] = copy[at] == (byte)'A' ? (byte)'B' : (byte)'A';
            await File.WriteAllBytesAsync(changed, copy, TestContext.Current.CancellationToken);
            Assert.Equal(1, (await CommandLine.RunAsync("verify", changed, "--consortium", consortium)).Code);
        }
    }

    [Fact]
    public void No_log_holds_a_key_a_seed_or_a_row()
    {
        var secrets = Directory.EnumerateFiles(run.Folder, "*.key", SearchOption.AllDirectories).Select(f => File.ReadAllText(f).Trim())
            .Concat(Directory.EnumerateFiles(run.Folder, "signing.pem", SearchOption.AllDirectories).Select(f => File.ReadAllLines(f)[1]))
            .Concat(File.ReadLines(Path.Combine(run.Folder, "network", "aster", "data.csv")).Skip(1).Take(200)).ToList();
        Assert.True(secrets.Count > 200);
        var logs = Directory.EnumerateFiles(Path.Combine(run.Folder, "network"), "*.log", SearchOption.AllDirectories).ToList();
        Assert.Equal(7, logs.Count);
        Assert.All(logs, log => Assert.DoesNotContain(secrets, s => File.ReadAllText(log).Contains(s, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_hubs_disk_holds_no_result_and_the_search_would_find_one()
    {
        var table = run.Result("count", "exact").GetProperty("groups").EnumerateArray().SelectMany(g => BitConverter.GetBytes(g.GetProperty("count").GetInt64())).ToArray();
        var hub = Directory.EnumerateFiles(Path.Combine(run.Folder, "network", "meridian", "hub")).ToList();
        Assert.All(hub, file => Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(table) < 0));

        // The broken twin: a hub that kept the opened table.
        var leaking = Path.Combine(run.Folder, "leaking.db");
        File.WriteAllBytes(leaking, [.. File.ReadAllBytes(hub[0]), .. table]);
        Assert.True(File.ReadAllBytes(leaking).AsSpan().IndexOf(table) >= 0);
    }

    [Fact]
    public void The_report_stands_alone()
    {
        var html = File.ReadAllText(Path.Combine(run.Folder, "report.html"), Encoding.UTF8);
        Assert.Contains("<svg", html, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", html, StringComparison.Ordinal);
    }

    private static void AssertTenDigits(double expected, double actual) => Assert.InRange(actual, expected - (Math.Abs(expected) * 5e-11), expected + (Math.Abs(expected) * 5e-11));
}
