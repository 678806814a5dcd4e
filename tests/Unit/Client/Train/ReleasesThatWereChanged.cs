using Consilience.Client.Tests.World;
using Consilience.Client.Train;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Tests.Train;

/// <summary>A released model proves what it is; whatever is changed in it, by a stranger or by the researcher, is noticed.</summary>
public sealed class ReleasesThatWereChanged
{
    private static async Task<(Desk Desk, string Folder)> ReleaseAsync()
    {
        var desk = await Stages.OpenAsync();
        var trained = await Stages.TrainAsync(desk);
        var folder = Path.Combine(Stages.FolderOf(desk), "release");
        ReleaseModel.Write(trained, desk.Asking(), folder);
        return (desk, folder);
    }

    [Fact]
    public async Task A_release_proves_itself_with_the_consortium_file_alone()
    {
        var (desk, folder) = await ReleaseAsync();
        await using var _ = desk;
        var verification = VerifyRelease.Of(folder, desk.World.File);
        Assert.True(verification.Holds, string.Join("\n", verification.Steps));
        Assert.Equal(["card.md", "model.onnx", "model.safetensors", "model.yaml", "plan.yaml", "release.json"], Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.Equal("weights", verification.Steps[^1].What);
    }

    /// <summary>At places all over each file, the first and the last byte among them. The broken twin looks at the files' sizes.</summary>
    [Fact]
    public async Task A_byte_that_was_changed_is_noticed_and_its_file_named()
    {
        var (desk, folder) = await ReleaseAsync();
        await using var _ = desk;
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(folder, f).Replace(Path.DirectorySeparatorChar, '/')).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(10, files.Count);
        foreach (var file in files)
        {
            var path = Path.Combine(folder, file);
            var (bytes, sizes) = (File.ReadAllBytes(path), Sizes(folder));
            for (var place = 0; place <= Places; place++)
            {
                var changed = bytes.ToArray();
                changed[(changed.Length - 1) * place / Places] ^= 1;
                File.WriteAllBytes(path, changed);
                var verification = VerifyRelease.Of(folder, desk.World.File);
                Assert.False(verification.Holds, $"{file} at {place}");
                Assert.Contains(file, verification.Steps[^1].Detail, StringComparison.Ordinal);
                Assert.Equal(sizes, Sizes(folder));
            }

            File.WriteAllBytes(path, bytes);
        }

        Assert.True(VerifyRelease.Of(folder, desk.World.File).Holds);
    }

    private const int Places = 12;

    private static IEnumerable<long> Sizes(string folder) => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => new FileInfo(f).Length)];

    [Fact]
    public async Task A_file_that_was_added_or_taken_away_is_noticed()
    {
        var (desk, folder) = await ReleaseAsync();
        await using var _ = desk;
        File.WriteAllText(Path.Combine(folder, "run.py"), "print('hello')");
        Assert.Contains("run.py", VerifyRelease.Of(folder, desk.World.File).Steps[^1].Detail, StringComparison.Ordinal);
        File.Delete(Path.Combine(folder, "run.py"));
        File.Delete(Path.Combine(folder, "model.onnx"));
        Assert.False(VerifyRelease.Of(folder, desk.World.File).Holds);
    }

    public static TheoryData<string, string> Lies => new() { { "weights of their own", "weights" }, { "a training cut short", "end" }, { "another plan", "rounds" } };

    /// <summary>The researcher signs again what the rounds do not give: the signature holds, and the release does not.</summary>
    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_researcher_cannot_sign_what_the_rounds_do_not_give(string lie, string step)
    {
        var (desk, folder) = await ReleaseAsync();
        await using var _ = desk;
        var weights = Path.Combine(folder, "model.safetensors");
        switch (lie)
        {
            case "weights of their own":
                var bytes = File.ReadAllBytes(weights);
                bytes[^4] ^= 1;
                File.WriteAllBytes(weights, bytes);
                break;
            case "a training cut short":
                File.Delete(Path.Combine(folder, "receipts", "00004.receipt.json"));
                break;
            default:
                File.WriteAllText(Path.Combine(folder, "plan.yaml"), Stages.Plan.Replace("rate: 0.1", "rate: 0.2", StringComparison.Ordinal));
                break;
        }

        Stages.SignAnew(desk, folder);
        var verification = VerifyRelease.Of(folder, desk.World.File);
        Assert.Equal(step, verification.Steps[^1].What);
        Assert.False(verification.Holds);
    }

    [Fact]
    public async Task A_stranger_cannot_sign_a_release()
    {
        var (desk, folder) = await ReleaseAsync();
        await using var _ = desk;
        var statement = Signed<ReleaseStatement>.PeekUnverified(File.ReadAllBytes(Path.Combine(folder, "release.json")))!;
        File.WriteAllBytes(Path.Combine(folder, "release.json"), Signed<ReleaseStatement>.By(desk.World.KeysOf("eve").Signing, statement).Envelope);
        Assert.Equal("signature", VerifyRelease.Of(folder, desk.World.File).Steps[^1].What);
    }

    [Fact]
    public async Task A_released_model_scores_rows_and_leaves_out_what_its_schema_does_not_allow()
    {
        var (desk, folder) = await ReleaseAsync();
        await using var _ = desk;
        var file = ModelFile.Read(File.ReadAllText(Path.Combine(folder, "model.yaml")));
        var weights = Safetensors.WeightsOf((FederatedLearning.Models.ModelDeclaration)file.Model, Safetensors.Read(File.ReadAllBytes(Path.Combine(folder, "model.safetensors"))).Tensors);
        var prediction = new ModelPrediction(file, weights);
        double eta = weights.Values[1] + (weights.Values[0] * (float)((30.0 - 100) / 100));
        Assert.Equal(1 / (1 + Math.Exp(-eta)), Assert.Single(prediction.Of(["30"])!), 1e-6);
        Assert.Equal(["p"], prediction.Names);
        Assert.All(new[] { "", "NA", "-1", "201", "NaN", "1e999" }, text => Assert.Null(prediction.Of([text])));
    }
}
