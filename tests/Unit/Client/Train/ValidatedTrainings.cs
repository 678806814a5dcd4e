using Consilience.Client.Train;

namespace Consilience.Client.Tests.Train;

/// <summary>Trainings that are validated as they go: the best round is released, and training ends when none is better for long enough.</summary>
public sealed class ValidatedTrainings
{
    private const string Validated = "seed: 7\nvalidation: {cohort: age < 100, every: 2, measure: loss, bins: 20}";

    private static readonly string Plan = Stages.Plan.Replace("seed: 7", Validated, StringComparison.Ordinal);

    private static readonly string Heart = HeartRows.Plan("fedavg.yaml").Replace("evaluation: {heldOut: split1 = 'test', by: [sex], mostAdvantage: 0.15}\n", "validation: {cohort: split1 = 'test', every: 3, measure: loss, patience: 9, gain: 0.001}\n", StringComparison.Ordinal)
        .Replace("  head: logistic", "  layers: [{dense: 32}, relu]\n  head: logistic", StringComparison.Ordinal).Replace("rounds: 15", "rounds: 90", StringComparison.Ordinal)
        .Replace("local: {steps: 100, batch: 4, rate: 0.001}", "local: {epochs: 2, batch: 16, rate: 0.1}", StringComparison.Ordinal);

    private static (TrainingCourse Course, TrainingState State) OnHeart(string plan) => CourseInProcess.Train(plan, HeartRows.Study, step => [.. HeartRows.Hospitals.Select(h => h.Part("split1", step == TrainingStep.Validation ? "test" : "train"))]);

    private static double LossOf(TrainingCourse course, TrainingState state) =>
        Validation.Read(0, course.PlanOf(course.Plan.Validation!.Ask(course, state)).Finish(CourseInProcess.Sum(course.PlanOf(course.Plan.Validation!.Ask(course, state)), HeartRows.Hospitals.Select(h => h.Part("split1", "test"))), Analyses.NoiseModel.None, HeartRows.Study.Disclosure)).Loss!.Value;

    /// <summary>A model that learns its persons by heart gets worse on others while its loss in training falls.</summary>
    [Fact]
    public void The_best_round_is_released_not_the_last_and_training_ends_soon_after_it()
    {
        var (course, state) = OnHeart(Heart);
        var (last, best) = (LossOf(course, state), LossOf(course, state.Outcome));
        TestContext.Current.SendDiagnosticMessage(FormattableString.Invariant($"validation: best round {state.BestRound} of {state.Round}, log loss {best:0.000}, of the last {last:0.000}"));
        Assert.Equal(state.Validations.Min(v => v.Loss)!.Value, best, 1e-12);
        Assert.True(best < last && state.Losses[^1] < state.Losses[state.BestRound - 1]);
        Assert.InRange(state.Round, state.BestRound + 9, 89);
        // The twin stops by the loss of training, which goes on falling.
        Assert.Equal(90, OnHeart(Heart.Replace("validation: {cohort: split1 = 'test', every: 3, measure: loss, patience: 9, gain: 0.001}", "stop: {rounds: 9}", StringComparison.Ordinal)).State.Round);
    }

    [Fact]
    public async Task Validations_are_runs_of_the_training_and_say_their_limits()
    {
        await using var desk = await Stages.OpenAsync();
        var plan = Plan.Replace("rounds: 4", "rounds: 3", StringComparison.Ordinal);
        var trained = await Stages.TrainAsync(desk, plan);
        Assert.Equal([false, true, true], trained.Rounds.Select(r => r.Validation is not null));
        Assert.Equal(5, trained.Receipts.Count);
        Assert.All(((TrainingState)trained.State).Validations, v => Assert.True(v.Loss > 0 && v.Lower <= v.Discrimination && v.Discrimination <= v.Upper));
        foreach (var lost in new[] { Path.Combine("rounds", "00005.receipt.json"), "checkpoint.safetensors" })
            File.Delete(Path.Combine(Stages.FolderOf(desk), lost));
        var told = new List<int>();
        Assert.Equal(trained.State.Digest, (await Stages.TrainAsync(desk, plan, resume: true, told: told)).State.Digest);
        Assert.Equal([1, 2, 3], told);
        var release = desk.World.Path("release");
        ReleaseModel.Write(trained, desk.Asking(), release);
        Assert.True(VerifyRelease.Of(release, desk.World.File).Holds);
        Assert.Contains($"The weights are those of round {((TrainingState)trained.State).BestRound}, the best of these by loss", File.ReadAllText(Path.Combine(release, "card.md")), StringComparison.Ordinal);
    }

    /// <summary>The last weights, signed as what validation chose, are noticed.</summary>
    [Fact]
    public async Task Weights_that_validation_did_not_choose_are_no_release()
    {
        await using var desk = await Stages.OpenAsync();
        // Rates so large that the loss on those validated jumps about.
        var trained = await Stages.TrainAsync(desk, Plan.Replace("every: 2", "every: 1", StringComparison.Ordinal).Replace("rate: 0.1", "rate: 30", StringComparison.Ordinal).Replace("seed: 7", "seed: 1", StringComparison.Ordinal));
        var replay = ReplayTraining.Of(trained.Course, desk.Network.Agreement.Digest, desk.World.File, trained.Receipts);
        Assert.Null(replay.Objection);
        Assert.NotEqual(replay.History.State.Digest, trained.State.Digest);
        var release = desk.World.Path("release");
        ReleaseModel.Write(trained with { State = replay.History.State }, desk.Asking(), release);
        var verification = VerifyRelease.Of(release, desk.World.File);
        Assert.Equal(("weights", false), (verification.Steps[^1].What, verification.Steps[^1].Holds));
    }

    [Fact]
    public void Noised_validations_are_charged_and_planned_for()
    {
        var noised = Plan.Replace("local: {epochs: 2, batch: 2, rate: 0.1}\n", "", StringComparison.Ordinal).Replace("clip: 10", "clip: 1\npatients: 9", StringComparison.Ordinal).Replace("rounds: 4", "rounds: 5", StringComparison.Ordinal)
            .Replace("precision: exact", "precision: noised\nrho: 0.5", StringComparison.Ordinal).Replace("bins: 20", "bins: 20, rho: 0.1", StringComparison.Ordinal);
        var course = TrainingCourse.Of(TrainingPlanReader.Read(noised), Stages.Study);
        Assert.Equal((3, 800_000_000), (course.Planned.Single(p => p.What == "validations").Times, course.Charge.Amount));
        Assert.Equal(3, Enumerable.Range(0, 10).Aggregate((State: course.Start(), Times: 0), (at, _) => course.Next(at.State) switch
        {
            null => at,
            TrainingStep.Validation => (at.State with { Validations = [.. at.State.Validations, new(at.State.Round, 1, 0.5, 0.4, 0.6)] }, at.Times + 1),
            _ => (at.State with { Round = at.State.Round + 1 }, at.Times),
        }).Times);
        Assert.Contains(Assert.Throws<Analyses.Schema.FaultyInputException>(() => TrainingPlanReader.Read(noised.Replace(", rho: 0.1", "", StringComparison.Ordinal))).Faults, f => f.Subject == "document.validation.rho");
    }

    [Theory]
    [InlineData("measure: loss", "measure: c-index", "validation.measure")]
    [InlineData("head: logistic, outcome: stage, event: \"2\"", "head: linear, outcome: age", "validation")]
    [InlineData("age < 100", "age < young", "cohort")]
    public void What_cannot_be_measured_is_refused(string part, string changed, string subject) =>
        Assert.Contains(Assert.Throws<Analyses.Schema.FaultyInputException>(() => TrainingCourse.Of(TrainingPlanReader.Read(Plan.Replace("inputs: [age]", changed.Contains("linear", StringComparison.Ordinal) ? "inputs: [stage]" : "inputs: [age]", StringComparison.Ordinal)
            .Replace(part, changed, StringComparison.Ordinal)), Stages.Study)).Faults, f => f.Subject.Contains(subject, StringComparison.Ordinal));

    [Fact]
    public void Training_ends_when_no_round_was_better_by_the_gain_for_long_enough()
    {
        var rule = new Validation("", 2, ValidationMeasure.Auc, 4, 0.01m, new Dictionary<string, System.Text.Json.JsonElement>(), null);
        bool Ends(params double?[] values) => rule.IsReached([.. values.Select((v, i) => new ValidatedRound(2 * (i + 1), null, v, null, null))]);
        Assert.False(Ends());
        Assert.False(Ends(0.7, 0.6));
        Assert.True(Ends(0.7, 0.6, 0.7));
        Assert.True(Ends(0.7, 0.6, 0.705));
        Assert.False(Ends(0.7, 0.6, 0.72));
        Assert.False(Ends(null, 0.6, 0.5));
        Assert.False((rule with { Patience = null }).IsReached([new(2, null, 0.9, null, null), new(90, null, 0.1, null, null)]));
    }
}
