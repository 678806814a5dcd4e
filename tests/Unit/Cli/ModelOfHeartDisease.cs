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

    /// <summary>A third of those trained on is held out in turn: its loss ends the training, and stands in card and picture.</summary>
    [Fact]
    public async Task Boosted_trees_stop_by_the_loss_of_persons_held_out()
    {
        Directory.CreateDirectory(folder);
        var plan = Path.Combine(folder, "stopped.yaml");
        await File.WriteAllTextAsync(plan, (await File.ReadAllTextAsync(In("trees.yaml"), TestContext.Current.CancellationToken)).Replace("cohort: split1 = 'train'", "cohort: split1 = 'train' and split2 = 'train'\nstop: {heldOut: split1 = 'train' and split2 = 'test', trees: 2}", StringComparison.Ordinal)
            .Replace("rate: 0.3", "rate: 1", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var (code, output, errors) = await CommandLine.RunAsync(Simulate("--train", plan, "--out", Path.Combine(folder, "stopped")));
        Assert.Equal((0, ""), (code, errors));
        var rounds = JsonDocument.Parse(output).RootElement.GetProperty("rounds").EnumerateArray().ToList();
        Assert.InRange(rounds.Count, 6, 44);
        var trained = rounds[0].GetProperty("persons").GetInt32();
        Assert.NotEqual(trained, rounds[2].GetProperty("persons").GetInt32());
        var losses = rounds.Where((_, i) => i % 3 == 2).Select(r => r.GetProperty("heldOutLoss").GetDouble()).ToList();
        var card = await File.ReadAllTextAsync(Path.Combine(folder, "stopped", "release", "card.md"), TestContext.Current.CancellationToken);
        Assert.Contains($"| made of | {losses.IndexOf(losses.Min()) + 1} trees with ", card, StringComparison.Ordinal);
        Assert.Contains($"{trained} persons of 4 sites", card, StringComparison.Ordinal);
        Assert.Contains("persons held out", await File.ReadAllTextAsync(Path.Combine(folder, "stopped", "learning-curve.svg"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, (await CommandLine.RunAsync("verify", Path.Combine(folder, "stopped", "release"), "--consortium", Path.Combine(folder, "stopped", "consortium.json"))).Code);
    }

    /// <summary>Steps corrected by the mean gradient, validated every second round.</summary>
    [Fact]
    public async Task A_corrected_and_validated_training_shows_loss_and_auc_by_round()
    {
        Directory.CreateDirectory(folder);
        var plan = Path.Combine(folder, "scaffold.yaml");
        await File.WriteAllTextAsync(plan, (await File.ReadAllTextAsync(In("fedavg.yaml"), TestContext.Current.CancellationToken)).Replace("{name: fedavg}", "{name: scaffold}", StringComparison.Ordinal).Replace("rounds: 15", "rounds: 4", StringComparison.Ordinal).Replace("rate: 0.001", "rate: 0.03", StringComparison.Ordinal)
            .Replace("evaluation: {heldOut: split1 = 'test', by: [sex], mostAdvantage: 0.15}", "validation: {cohort: split1 = 'test', every: 2, measure: auc, patience: 4}", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var (code, output, errors) = await CommandLine.RunAsync(Simulate("--train", plan, "--out", Path.Combine(folder, "trained")));
        Assert.Equal((0, ""), (code, errors));
        var rounds = JsonDocument.Parse(output).RootElement.GetProperty("rounds");
        Assert.Equal([false, true, false, true], rounds.EnumerateArray().Select(r => r.TryGetProperty("validation", out _)));
        Assert.Equal(10, Directory.EnumerateFiles(Path.Combine(folder, "trained", "rounds")).Count());
        var csv = await File.ReadAllLinesAsync(Path.Combine(folder, "trained", "rounds.csv"), TestContext.Current.CancellationToken);
        Assert.Equal("round,persons,skipped,loss,validation.loss,validation.auc,conf.low,conf.high,update.norm,sites,bytes.sent", csv[0]);
        Assert.InRange(double.Parse(csv[4].Split(',')[5], CultureInfo.InvariantCulture), 0.5, 0.95);
        Assert.Contains(">auc, by round<", await File.ReadAllTextAsync(Path.Combine(folder, "trained", "learning-curve.svg"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, (await CommandLine.RunAsync("verify", Path.Combine(folder, "trained", "release"), "--consortium", Path.Combine(folder, "trained", "consortium.json"))).Code);
    }

    /// <summary>Normalisation of each hospital's own, the whole model tuned there and evaluated, and tuned once more to a file.</summary>
    [Fact]
    public async Task A_model_with_layers_of_each_hospitals_own_is_tuned_to_a_file()
    {
        Directory.CreateDirectory(folder);
        var (plan, trained, ours) = (Path.Combine(folder, "own.yaml"), Path.Combine(folder, "trained"), Path.Combine(folder, "ours"));
        const string How = "batch: 16, rate: 0.05, fittedOn: {variable: split1, codes: [train]}";
        await File.WriteAllTextAsync(plan, (await File.ReadAllTextAsync(In("fedavg.yaml"), TestContext.Current.CancellationToken)).Replace("rounds: 15", "rounds: 3", StringComparison.Ordinal).Replace("rate: 0.001", "rate: 0.03", StringComparison.Ordinal)
            .Replace("  head: logistic", "  layers: [layer-norm]\n  head: logistic", StringComparison.Ordinal).Replace("seed: 1", $"seed: 1\npersonal: {{layers: [normalisation], steps: 20, {How}}}", StringComparison.Ordinal)
            .Replace("evaluation: {heldOut: split1 = 'test', by: [sex], mostAdvantage: 0.15}", $"evaluation: {{heldOut: split1 = 'test', fineTune: {{epochs: 2, {How}}}}}", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var (code, _, errors) = await CommandLine.RunAsync(Simulate("--train", plan, "--out", trained));
        Assert.Equal((0, ""), (code, errors));
        var (release, consortium) = (Path.Combine(trained, "release"), Path.Combine(trained, "consortium.json"));
        Assert.Equal(0, (await CommandLine.RunAsync("verify", release, "--consortium", consortium)).Code);
        var card = await File.ReadAllTextAsync(Path.Combine(release, "card.md"), TestContext.Current.CancellationToken);
        Assert.All(new[] { "## Evaluation after fine-tuning", "fine-tuned.receipt.json", "Fit them to rows of your own", "was not measured" }, part => Assert.Contains(part, card, StringComparison.Ordinal));
        Assert.Equal(2, card.Split("| 246 |", StringSplitOptions.None).Length - 1);

        var (tuned, output, _) = await CommandLine.RunAsync("personalise", "--model", release, "--data", Outcomes("hungarian.csv"), "--out", ours, "--json");
        Assert.Equal(0, tuned);
        var told = JsonDocument.Parse(output).RootElement;
        Assert.Equal((261, 33), (told.GetProperty("rows").GetInt32(), told.GetProperty("skipped").GetInt32()));
        Assert.True(told.GetProperty("lossAfter").GetDouble() < told.GetProperty("lossBefore").GetDouble());
        Assert.Contains("This is not the study's model", await File.ReadAllTextAsync(Path.Combine(ours, "card.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(0, (await CommandLine.RunAsync("predict", "--model", ours, "--data", In("va.csv"))).Code);
        // Not the study's: there is nothing to verify, and a release is never written over.
        Assert.NotEqual(0, (await CommandLine.RunAsync("verify", ours, "--consortium", consortium)).Code);
        Assert.NotEqual(0, (await CommandLine.RunAsync("personalise", "--model", release, "--data", Outcomes("hungarian.csv"), "--out", release)).Code);
        Assert.Equal(2, (await CommandLine.RunAsync("personalise", "--model", release, "--data", In("hungarian.csv"), "--out", ours)).Code);
    }

    /// <summary>Large groups are left out of a training of their own; small ones are left alone, and those that sites do not answer about are named. What the card says of them follows from receipts.</summary>
    [Fact]
    public async Task Trainings_without_a_group_stand_in_the_card_and_are_verified()
    {
        Directory.CreateDirectory(folder);
        var (plan, trained) = (Path.Combine(folder, "groups.yaml"), Path.Combine(folder, "trained"));
        var text = (await File.ReadAllTextAsync(In("fedavg.yaml"), TestContext.Current.CancellationToken)).Replace("rounds: 15", "rounds: 2", StringComparison.Ordinal).Replace("rate: 0.001", "rate: 0.05", StringComparison.Ordinal)
            .Replace("evaluation: {heldOut: split1 = 'test', by: [sex], mostAdvantage: 0.15}", "leaveOut: {by: cp, smallest: 60}", StringComparison.Ordinal).Replace("minimumSites: 4", "minimumSites: 3", StringComparison.Ordinal);
        await File.WriteAllTextAsync(plan, text, TestContext.Current.CancellationToken);
        Assert.Equal(0, (await CommandLine.RunAsync(Simulate("--train", plan, "--out", trained))).Code);
        var (release, consortium) = (Path.Combine(trained, "release"), Path.Combine(trained, "consortium.json"));
        var card = await File.ReadAllLinesAsync(Path.Combine(release, "card.md"), TestContext.Current.CancellationToken);
        var table = card.SkipWhile(l => !l.StartsWith("| cp |", StringComparison.Ordinal)).Skip(2).Take(4).Select(l => l.Split('|', StringSplitOptions.TrimEntries)).ToList();
        TestContext.Current.SendDiagnosticMessage(string.Join(" / ", table.Select(t => string.Join(' ', t))));
        Assert.Equal(["1", "2", "3", "4"], table.Select(t => t[1]));
        Assert.Equal(494, table.Sum(t => int.Parse(t[2], CultureInfo.InvariantCulture)));
        Assert.Equal("left alone: too few", table[0][4]);
        Assert.Contains(table, t => t[4].StartsWith("auc 0.", StringComparison.Ordinal));
        var (code, output, _) = await CommandLine.RunAsync("verify", release, "--consortium", consortium);
        Assert.Equal(0, code);
        Assert.Contains("groups by cp were left out", output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        // A receipt of a training without a group that is another's is noticed.
        var place = Directory.GetDirectories(Path.Combine(release, "left-out"))[0];
        File.Copy(Path.Combine(release, "receipts", "00001.receipt.json"), Path.Combine(place, "receipts", "00001.receipt.json"), overwrite: true);
        Assert.Equal(1, (await CommandLine.RunAsync("verify", release, "--consortium", consortium)).Code);
    }

    /// <summary>A hospital's file with the outcome as the study codes it.</summary>
    private string Outcomes(string name)
    {
        var lines = File.ReadAllLines(In(name));
        var column = lines[0].Split(',').ToList().IndexOf("num");
        var file = Path.Combine(folder, name);
        File.WriteAllLines(file, [$"{lines[0]},disease", .. lines.Skip(1).Select(l => $"{l},{(l.Split(',')[column] == "0" ? "false" : "true")}")]);
        return file;
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);

    private static string In(string name) => Path.Combine(Sample, name);
}
