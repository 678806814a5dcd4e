using System.Globalization;
using System.Text.Json;
using Consilience.Tests;

namespace Consilience.Cli.Tests;

/// <summary>The commands of samples/heart, as its page gives them.</summary>
[Trait("speed", "slow")]
public sealed class ModelOfHeartDisease : IDisposable
{
    private static readonly string Sample = Path.Combine(AppContext.BaseDirectory, "samples", "heart");
    private static readonly string[] Sites = ["cleveland", "hungarian", "switzerland", "va"];
    private readonly string folder = Path.Combine(Directory.CreateTempSubdirectory("consilience-heart-").FullName, "heart");

    private static string[] Simulate(params string[] more) =>
        ["simulate", "--study", In("study.yaml"), .. Sites.SelectMany(s => new[] { "--site", $"{s}={In($"{s}.csv")}", "--mapping", $"{s}={In("mapping.yaml")}" }), .. more, "--json"];

    [Fact]
    public async Task Federated_Newton_equals_the_pooled_fit_to_six_digits()
    {
        var (code, output, errors) = await CommandLine.RunAsync(Simulate("--request", In("requests.yaml")));
        Assert.Equal((0, ""), (code, errors));
        var fit = JsonDocument.Parse(output).RootElement.GetProperty("results")[0].GetProperty("tables").EnumerateArray().First(t => t.GetProperty("name").GetString() == "coefficients");
        var columns = fit.GetProperty("columns").EnumerateArray().Select(c => c.GetString()).ToList();
        var rows = fit.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("cells").EnumerateArray().ToList()).ToDictionary(c => c[columns.IndexOf("term")].GetString()!);
        var expected = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "vectors", "heart-glm.csv")).Skip(1).Select(l => l.Split(',')).ToList();
        Assert.Equal(expected.Select(e => e[0]), rows.Keys);
        foreach (var line in expected)
        {
            foreach (var (column, i) in new[] { ("estimate", 1), ("std.error", 2) })
            {
                var wanted = double.Parse(line[i], CultureInfo.InvariantCulture);
                Assert.Equal(wanted, rows[line[0]][columns.IndexOf(column)].GetDouble(), Math.Abs(wanted) * 1e-6);
            }
        }
    }

    /// <summary>The gate: the figure is above what the plan allows, so there is no release.</summary>
    [Fact]
    public async Task A_model_that_tells_more_of_its_patients_than_the_plan_allows_is_not_released()
    {
        Directory.CreateDirectory(folder);
        var plan = Path.Combine(folder, "strict.yaml");
        await File.WriteAllTextAsync(plan, (await File.ReadAllTextAsync(In("fedadam.yaml"), TestContext.Current.CancellationToken)).Replace("mostAdvantage: 0.15", "mostAdvantage: 0.001", StringComparison.Ordinal).Replace("rounds: 15", "rounds: 2", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var (code, output, _) = await CommandLine.RunAsync(Simulate("--train", plan, "--out", Path.Combine(folder, "strict")));
        Assert.Equal(1, code);
        Assert.Contains("a membership attack has an advantage of 0.", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder, "strict", "release")));
    }

    [Fact]
    public async Task A_training_ends_in_a_release_that_verifies_and_scores_rows()
    {
        var (code, output, errors) = await CommandLine.RunAsync(Simulate("--train", In("fedadam.yaml"), "--out", folder));
        Assert.Equal((0, ""), (code, errors));
        var rounds = JsonDocument.Parse(output).RootElement.GetProperty("rounds");
        Assert.Equal((15, 494), (rounds.GetArrayLength(), rounds[0].GetProperty("persons").GetInt32()));
        Assert.InRange(rounds[14].GetProperty("loss").GetDouble(), 0.40, 0.47);
        Assert.StartsWith("<svg", await File.ReadAllTextAsync(Path.Combine(folder, "learning-curve.svg"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var release = Path.Combine(folder, "release");
        Assert.Equal(0, (await CommandLine.RunAsync("verify", release, "--consortium", Path.Combine(folder, "consortium.json"))).Code);
        var card = await File.ReadAllTextAsync(Path.Combine(release, "card.md"), TestContext.Current.CancellationToken);
        Assert.All(new[] { "| auc |", "groups:", "calibration:", "has an advantage of 0." }, part => Assert.Contains(part, card, StringComparison.Ordinal));
        var scored = await CommandLine.RunAsync("predict", "--model", release, "--data", In("va.csv"));
        Assert.Equal(0, scored.Code);
        Assert.Contains("70 of 200 rows have no prediction", scored.Errors.ReplaceLineEndings(" "), StringComparison.Ordinal);
        var tested = scored.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split(',')).Where(c => c[15] == "test").ToList();
        Assert.Equal(43, tested.Count);
        Assert.InRange(tested.Average(c => double.Parse(c[^1], CultureInfo.InvariantCulture) > 0.5 == (c[14] != "0") ? 1.0 : 0), 0.7, 0.9);

        var weights = Path.Combine(release, "model.safetensors");
        var bytes = await File.ReadAllBytesAsync(weights, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(weights, bytes, TestContext.Current.CancellationToken);
        Assert.Equal(1, (await CommandLine.RunAsync("verify", release, "--consortium", Path.Combine(folder, "consortium.json"))).Code);
    }

    /// <summary>The same trees at every run, as the sample's page has them.</summary>
    [Fact]
    public async Task Boosted_trees_end_in_a_release_that_verifies_and_scores_rows_with_missing_values()
    {
        var (code, output, errors) = await CommandLine.RunAsync(Simulate("--train", In("trees.yaml"), "--out", folder));
        Assert.Equal((0, ""), (code, errors));
        Assert.StartsWith("cdaeb041992d", JsonDocument.Parse(output).RootElement.GetProperty("weights").GetString(), StringComparison.Ordinal);
        var release = Path.Combine(folder, "release");
        Assert.Equal(0, (await CommandLine.RunAsync("verify", release, "--consortium", Path.Combine(folder, "consortium.json"))).Code);
        Assert.Contains("| auc | 0.8793 |", await File.ReadAllTextAsync(Path.Combine(release, "card.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var scored = await CommandLine.RunAsync("predict", "--model", release, "--data", In("va.csv"));
        Assert.Equal((0, ""), (scored.Code, scored.Errors));
        Assert.Equal(200, scored.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Count(l => double.Parse(l.Split(',')[^1], CultureInfo.InvariantCulture) is > 0 and < 1));
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);

    private static string In(string name) => Path.Combine(Sample, name);
}
