using Consilience.Client.Train;

namespace Consilience.Client.Tests.Train;

/// <summary>Trainings whose rounds' evidence lies beside their receipts: stopped, killed, released, and changed.</summary>
public sealed class LargeModels
{
    private static readonly string Plan = EvidenceBesideReceipts.LargeModel(Stages.Plan).Replace("rounds: 4", "rounds: 2", StringComparison.Ordinal).Replace("fedavg}", "fedadam, rate: 0.01}", StringComparison.Ordinal);

    [Fact]
    public async Task A_training_that_was_stopped_goes_on_from_what_lies_beside_its_receipts()
    {
        await using var desk = await Stages.OpenAsync();
        var whole = await Stages.TrainAsync(desk, Plan, name: "whole");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stages.TrainAsync(desk, Plan, stopAfter: 1));

        // What a client leaves that is killed while an answer arrives, and between its evidence and its receipt.
        var rounds = Path.Combine(Stages.FolderOf(desk), "rounds");
        Directory.CreateDirectory(Path.Combine(rounds, ".arriving-abc"));
        File.WriteAllText(Path.Combine(rounds, ".arriving-abc", "half"), "half");
        File.Copy(Evidence(rounds)[0], Path.Combine(rounds, $"{new string('0', 32)}.evidence"));
        var resumed = await Stages.TrainAsync(desk, Plan, resume: true);
        Assert.Equal(whole.State.Digest, resumed.State.Digest);
        Assert.Equal(2, Evidence(rounds).Count);
        Assert.Empty(Directory.EnumerateDirectories(rounds));
        Assert.All(resumed.Rounds, r => Assert.True(r.Round.UpdateNorm > 0 && r.Round.MeanUpdate.Count == 0));
        Assert.All(resumed.Rounds, r => Assert.Equal(3 * 4 * (5 + ((TrainingCourse)resumed.Course).Model.ParameterCount), r.BytesSent));
    }

    /// <summary>Nothing is removed while a receipt does not hold: it may be brought back, and its evidence with it.</summary>
    [Fact]
    public async Task Evidence_of_a_receipt_that_was_changed_is_left_where_it_is()
    {
        await using var desk = await Stages.OpenAsync();
        await Stages.TrainAsync(desk, Plan);
        var rounds = Path.Combine(Stages.FolderOf(desk), "rounds");
        var receipt = Path.Combine(rounds, "00002.receipt.json");
        var bytes = File.ReadAllBytes(receipt);
        File.WriteAllText(receipt, "{}");
        await Assert.ThrowsAsync<TrainingStoppedException>(() => Stages.TrainAsync(desk, Plan, resume: true));
        Assert.Equal(2, Evidence(rounds).Count);
        File.WriteAllBytes(receipt, bytes);
        Assert.Equal(2, (await Stages.TrainAsync(desk, Plan, resume: true)).Rounds.Count);

        var evidence = Evidence(rounds)[0];
        var kept = File.ReadAllBytes(evidence);
        File.WriteAllBytes(evidence, [.. kept[..^1], (byte)(kept[^1] ^ 1)]);
        Assert.Contains("does not verify: share", (await Assert.ThrowsAsync<TrainingStoppedException>(() => Stages.TrainAsync(desk, Plan, resume: true))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_carries_the_evidence_and_proves_itself()
    {
        await using var desk = await Stages.OpenAsync();
        var trained = await Stages.TrainAsync(desk, Plan);
        var folder = Path.Combine(Stages.FolderOf(desk), "release");
        ReleaseModel.Write(trained, desk.Asking(), folder);
        var verification = VerifyRelease.Of(folder, desk.World.File);
        Assert.True(verification.Holds, string.Join("\n", verification.Steps));
        Assert.Equal(2, Evidence(Path.Combine(folder, "receipts")).Count);
        var file = ModelFile.Read(File.ReadAllText(Path.Combine(folder, "model.yaml")));
        Assert.Equal(trained.State.Digest, Safetensors.WeightsOf((FederatedLearning.Models.ModelDeclaration)file.Model, Safetensors.Read(File.ReadAllBytes(Path.Combine(folder, "model.safetensors"))).Tensors).Digest);

        // A stranger's change, and one that the researcher signs: the first is no signed file, the second no round.
        var evidence = Evidence(Path.Combine(folder, "receipts"))[1];
        var bytes = File.ReadAllBytes(evidence);
        File.WriteAllBytes(evidence, [.. bytes[..7], (byte)(bytes[7] ^ 1), .. bytes[8..]]);
        Assert.Equal("file", VerifyRelease.Of(folder, desk.World.File).Steps[^1].What);
        Stages.SignAnew(desk, folder);
        Assert.Equal("rounds", VerifyRelease.Of(folder, desk.World.File).Steps[^1].What);
        File.Delete(evidence);
        Stages.SignAnew(desk, folder);
        var missing = VerifyRelease.Of(folder, desk.World.File).Steps[^1];
        Assert.Contains("not beside the receipt", missing.Detail, StringComparison.Ordinal);
    }

    private static List<string> Evidence(string folder) => [.. Directory.EnumerateFiles(folder, "*.evidence").Order(StringComparer.Ordinal)];
}
