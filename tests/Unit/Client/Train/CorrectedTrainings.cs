using Consilience.Client.Publish;
using Consilience.Client.Train;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;

namespace Consilience.Client.Tests.Train;

/// <summary>Trainings whose steps are corrected by the mean gradient of all sites (SCAFFOLD), over sites that differ in what they see.</summary>
public sealed class CorrectedTrainings
{
    private static readonly string Plan = HeartRows.Plan("fedavg.yaml").Replace("evaluation: {heldOut: split1 = 'test', by: [sex], mostAdvantage: 0.15}\n", "", StringComparison.Ordinal)
        .Replace("rounds: 15", "rounds: 60", StringComparison.Ordinal).Replace("local: {steps: 100, batch: 4, rate: 0.001}", "local: {steps: 30, batch: 2000, rate: 0.3}", StringComparison.Ordinal)
        .Replace("clip: 10\n", "clip: 100\npatients: 2000\n", StringComparison.Ordinal);

    private static readonly string Corrected = Plan.Replace("{name: fedavg}", "{name: scaffold}", StringComparison.Ordinal);

    private static readonly HeartRows Everybody = HeartRows.Together(HeartRows.Hospitals.SelectMany(h => new[] { h.Part("split1", "train"), h.Part("split1", "test") }));

    /// <summary>Nine in ten of the patients of two sites have the disease, one in ten of those of the others.</summary>
    private static readonly IReadOnlyList<HeartRows> ByLabel = [.. Everybody.Rows.Select((row, i) => (row, Site: (((row["num"] == "0") ^ (i % 10 == 0)) ? 2 : 0) + (i / 10 % 2))).GroupBy(r => r.Site)
        .OrderBy(g => g.Key).Select(g => new HeartRows([.. g.Select(r => r.row)]))];

    private static (TrainingCourse Course, TrainingState State) Trained(string plan, IReadOnlyList<HeartRows> sites, Func<TrainingState, TrainingState>? alter = null) => CourseInProcess.Train(plan, HeartRows.Study, _ => sites, alter);

    /// <summary>On everybody together.</summary>
    private static double Loss((TrainingCourse Course, TrainingState State) trained)
    {
        var question = trained.Course.Ask(trained.Course.Start() with { Weights = trained.State.Weights, Control = trained.State.Weights }, TrainingStep.Update);
        return TrainingRound.Read(trained.Course.PlanOf(question), CourseInProcess.Sum(trained.Course.PlanOf(question), [Everybody])).Loss!.Value;
    }

    [Fact]
    public void Corrected_steps_end_at_the_pooled_optimum_where_averaged_ones_do_not()
    {
        var optimum = Loss(Trained(Plan.Replace("rounds: 60", "rounds: 120", StringComparison.Ordinal), [Everybody]));
        double Above((TrainingCourse, TrainingState) trained) => Loss(trained) - optimum;
        var (corrected, averaged) = (Above(Trained(Corrected, ByLabel)), Above(Trained(Plan, ByLabel)));
        // The twin: sites are told that the mean gradient is nothing.
        var twin = Above(Trained(Corrected, ByLabel, s => s.Control is { } c ? s with { Control = ModelWeights.Of(new float[c.Count]) } : s));
        TestContext.Current.SendDiagnosticMessage(FormattableString.Invariant($"loss above the pooled optimum {optimum:0.0000}: corrected {corrected:0.00000}, averaged {averaged:0.00000}, twin {twin:0.00000}"));
        Assert.InRange(corrected, -1e-6, averaged / 5);
        Assert.False(twin < averaged / 5);
    }

    private static readonly string Small = Stages.Plan.Replace("{name: fedavg}", "{name: scaffold}", StringComparison.Ordinal).Replace("rate: 0.1}", "rate: 0.1, clip: 2}", StringComparison.Ordinal);

    [Fact]
    public async Task A_round_asks_its_mean_gradient_and_its_update_and_goes_on_between_the_two()
    {
        await using var desk = await Stages.OpenAsync();
        var whole = await Stages.TrainAsync(desk, Small, name: "whole");
        Assert.Equal((4, 8), (whole.Rounds.Count, whole.Receipts.Count));
        Assert.All(whole.Rounds, r => Assert.Equal(3 * 4 * (6 + 7), r.BytesSent));
        Assert.NotEqual((await Stages.TrainAsync(desk, name: "averaged")).State.Digest, whole.State.Digest);

        await Stages.TrainAsync(desk, Small);
        foreach (var lost in new[] { "rounds/00006.receipt.json", "rounds/00007.receipt.json", "rounds/00008.receipt.json", "checkpoint.safetensors" })
            File.Delete(Path.Combine(Stages.FolderOf(desk), lost));
        Assert.Equal(whole.State.Digest, (await Stages.TrainAsync(desk, Small, resume: true)).State.Digest);
        ReleaseModel.Write(whole, desk.Asking(), desk.World.Path("release"));
        Assert.True(VerifyRelease.Of(desk.World.Path("release"), desk.World.File).Holds);
    }

    /// <summary>Updates that were asked without their correction verify one by one, and are no rounds of this training.</summary>
    [Fact]
    public async Task Rounds_without_their_correction_do_not_replay()
    {
        await using var desk = await Stages.OpenAsync();
        var averaged = await Stages.TrainAsync(desk, Small.Replace("scaffold", "fedavg", StringComparison.Ordinal), name: "averaged");
        var corrected = await Stages.TrainAsync(desk, Small);
        string? Objection(params ReceiptFile[] receipts) => ReplayTraining.Of(corrected.Course, desk.Network.Agreement.Digest, desk.World.File, receipts).Objection;
        Assert.Null(Objection(corrected.Receipts[0], corrected.Receipts[1]));
        Assert.Contains("round 1: it was not asked with", Objection(averaged.Receipts[0]), StringComparison.Ordinal);
        Assert.Contains("round 1: it was not asked with", Objection(corrected.Receipts[0], averaged.Receipts[0]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("local: {epochs: 2, batch: 2, rate: 0.1, clip: 2}\n", "", "local")]
    [InlineData("precision: exact", "precision: noised\nrho: 1", "precision")]
    public void What_has_no_steps_to_correct_is_refused(string part, string changed, string subject) =>
        Assert.Contains(Assert.Throws<Analyses.Schema.FaultyInputException>(() => TrainingCourse.Of(TrainingPlanReader.Read(Small.Replace(part, changed, StringComparison.Ordinal)), Stages.Study)).Faults, f => f.Subject == subject);
}
