using Consilience.Client.Analyse;
using Consilience.Client.Tests.World;
using Consilience.Client.Train;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Wire;

namespace Consilience.Client.Tests.Train;

/// <summary>Rounds through a real hub, sites and key holders: stopped, killed, lied to and tampered with.</summary>
public sealed class TrainingsThatAreInterrupted
{
    [Fact]
    public async Task A_training_that_was_stopped_goes_on_at_its_round_and_ends_at_the_same_weights()
    {
        await using var desk = await Stages.OpenAsync();
        var whole = await Stages.TrainAsync(desk, name: "whole");
        Assert.Equal(4, whole.Rounds.Count);
        Assert.All(whole.Rounds, r => Assert.Equal((9, 3), (r.Round.Persons, r.Result.Sites.Answered.Count)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stages.TrainAsync(desk, stopAfter: 2));
        var asked = 0;
        var resumed = await Stages.TrainAsync(desk, resume: true, alter: f =>
        {
            asked += f.FrameCase == RunFrame.FrameOneofCase.Opening ? 1 : 0;
            return f;
        });
        Assert.Equal(2, asked);
        Assert.Equal(whole.State.Digest, resumed.State.Digest);
        Assert.Equal(4, resumed.Rounds.Select(r => r.Result.Run).Distinct().Count());
    }

    [Fact]
    public async Task A_client_killed_between_receipt_and_checkpoint_goes_on()
    {
        await using var desk = await Stages.OpenAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stages.TrainAsync(desk, stopAfter: 1));
        var before = File.ReadAllBytes(Checkpoint(desk));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stages.TrainAsync(desk, resume: true, stopAfter: 2));
        File.WriteAllBytes(Checkpoint(desk), before);
        Assert.Equal(4, (await Stages.TrainAsync(desk, resume: true)).Rounds.Count);
    }

    [Fact]
    public async Task A_checkpoint_that_was_changed_is_noticed()
    {
        await using var desk = await Stages.OpenAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stages.TrainAsync(desk, stopAfter: 2));
        var bytes = File.ReadAllBytes(Checkpoint(desk));
        bytes[^1] ^= 1;
        File.WriteAllBytes(Checkpoint(desk), bytes);
        var stopped = await Assert.ThrowsAsync<TrainingStoppedException>(() => Stages.TrainAsync(desk, resume: true));
        Assert.Contains("is not where the receipts lead", stopped.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_receipt_that_was_changed_swapped_or_taken_away_is_noticed()
    {
        await using var desk = await Stages.OpenAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stages.TrainAsync(desk, stopAfter: 3));
        var (first, second) = (Receipt(desk, 1), Receipt(desk, 2));
        var (one, two) = (File.ReadAllBytes(first), File.ReadAllBytes(second));
        Task<TrainingStoppedException> RefusedAsync() => Assert.ThrowsAsync<TrainingStoppedException>(() => Stages.TrainAsync(desk, resume: true));

        File.WriteAllBytes(second, one);
        Assert.Contains("not asked with the model, the settings and the weights", (await RefusedAsync()).Message, StringComparison.Ordinal);
        var changed = two.ToArray();
        changed[changed.Length / 2] ^= 1;
        File.WriteAllBytes(second, changed);
        Assert.Contains("round 2: its receipt does not verify", (await RefusedAsync()).Message, StringComparison.Ordinal);
        File.Delete(second);
        Assert.Contains("no 00002.receipt.json", (await RefusedAsync()).Message, StringComparison.Ordinal);
        File.WriteAllBytes(second, two);
        Assert.Equal(4, (await Stages.TrainAsync(desk, resume: true)).Rounds.Count);
    }

    [Fact]
    public async Task A_folder_holds_one_training_and_one_client()
    {
        await using var desk = await Stages.OpenAsync();
        await Stages.TrainAsync(desk);
        Assert.Contains("--resume", (await Assert.ThrowsAsync<TrainingStoppedException>(() => Stages.TrainAsync(desk))).Message, StringComparison.Ordinal);
        var other = Stages.Plan.Replace("seed: 7", "seed: 8", StringComparison.Ordinal);
        Assert.Contains("another plan", (await Assert.ThrowsAsync<TrainingStoppedException>(() => Stages.TrainAsync(desk, other, resume: true))).Message, StringComparison.Ordinal);
        using var held = TrainingFolder.Open(Stages.FolderOf(desk), Stages.Course(desk).Plan, resume: true);
        Assert.Contains("another client", (await Assert.ThrowsAsync<TrainingStoppedException>(() => Stages.TrainAsync(desk, resume: true))).Message, StringComparison.Ordinal);
    }

    /// <summary>The hub answers a round with what it sent for the round before, or for another model: each is signed for its own request alone.</summary>
    [Theory]
    [InlineData(Stages.Plan)]
    [InlineData("another model")]
    public async Task A_hub_that_answers_with_another_round_is_not_believed(string recorded)
    {
        await using var desk = await Stages.OpenAsync();
        var earlier = new List<RunFrame>();
        var other = recorded == Stages.Plan ? Stages.Plan : Stages.Plan.Replace("event: \"2\"", "event: \"1\"", StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stages.TrainAsync(desk, other, stopAfter: 1, name: "recorded", alter: f =>
        {
            earlier.Add(f);
            return f;
        }));
        var opening = earlier.Single(f => f.FrameCase == RunFrame.FrameOneofCase.Opening);
        var replayed = false;
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => Stages.TrainAsync(desk, alter: f =>
        {
            if (f.FrameCase != RunFrame.FrameOneofCase.Opening)
                return earlier.FirstOrDefault(e => f.FrameCase == RunFrame.FrameOneofCase.Chunk && e.Chunk?.Transfer == f.Chunk.Transfer) ?? f;
            replayed = true;
            return opening;
        }));
        Assert.True(replayed);
        Assert.DoesNotContain("Exception", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Stages.FolderOf(desk), "rounds")));
    }

    [Fact]
    public async Task A_site_that_cannot_answer_is_left_out_while_enough_others_do()
    {
        await using var desk = await Stages.OpenAsync(cedarRefuses: true);
        var trained = await Stages.TrainAsync(desk);
        Assert.All(trained.Rounds, r => Assert.Equal((6, 2), (r.Round.Persons, r.Result.Sites.Answered.Count)));
        var strict = Stages.Plan + "\nminimumSites: 3\n";
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => Stages.TrainAsync(desk, strict, name: "strict"));
        Assert.Equal(RefusalCode.TooFewSites, failure.Code);
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(Stages.FolderOf(desk, "strict"), "rounds")));
    }

    /// <summary>What leaves the range of numbers at a site is refused there with a code that is the same whatever the data are.</summary>
    [Fact]
    public async Task Training_that_leaves_the_range_of_numbers_is_refused_by_every_site()
    {
        await using var desk = await Stages.OpenAsync();
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => Stages.TrainAsync(desk, Stages.Plan.Replace("rate: 0.1", "rate: 1000", StringComparison.Ordinal).Replace("epochs: 2", "epochs: 9000", StringComparison.Ordinal)
            .Replace("head: logistic, outcome: stage, event: \"2\"", "head: linear, outcome: age", StringComparison.Ordinal).Replace("inputs: [age]", "inputs: [stage]", StringComparison.Ordinal)));
        Assert.Equal(RefusalCode.TooFewSites, failure.Code);
        Assert.Single(failure.Refusals.Select(r => r.Code).Distinct());
        Assert.Equal(3, failure.Refusals.Count);
    }

    private static string Checkpoint(Desk desk) => Path.Combine(Stages.FolderOf(desk), "checkpoint.safetensors");

    private static string Receipt(Desk desk, int round) => Path.Combine(Stages.FolderOf(desk), "rounds", $"{round:00000}.receipt.json");
}
