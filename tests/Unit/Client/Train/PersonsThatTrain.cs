using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.Client.Train;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Tests.Train;

/// <summary>Private trainings in which each person trains for several steps: priced, clipped, scheduled, validated and verified as those of gradients are.</summary>
public sealed class PersonsThatTrain
{
    private static readonly string Plan = Stages.Plan.Replace("local: {epochs: 2, batch: 2, rate: 0.1}", "local: {unit: person, steps: 3, batch: 4, rate: 0.5, rows: 8}", StringComparison.Ordinal)
        .Replace("clip: 10", "clip: {adaptive: {start: 0.25, quantile: 0.5, rate: 0.25}}\npatients: 9", StringComparison.Ordinal).Replace("precision: exact", "precision: noised\nepsilon: 2\ndelta: 0.00001", StringComparison.Ordinal);

    private static TrainingCourse Course(string plan) => TrainingCourse.Of(TrainingPlanReader.Read(plan), Stages.Study);

    [Fact]
    public void All_rounds_together_lose_what_was_promised_and_cost_what_rounds_of_gradients_do()
    {
        var (course, gradients) = (Course(Plan), Course(Plan.Replace("local: {unit: person, steps: 3, batch: 4, rate: 0.5, rows: 8}\n", "", StringComparison.Ordinal)));
        Assert.InRange(course.Epsilon!.Value, 1.99, 2);
        Assert.Equal((gradients.Epsilon, gradients.Charge), (course.Epsilon, course.Charge));
        Assert.Equal(course.Plan.Price!.Rho.Amount / 4, course.ChargeOfRound!.Amount);
    }

    [Fact]
    public void Each_round_is_asked_with_its_seed_and_its_rate_and_the_clip_of_the_round_before()
    {
        var course = Course(Plan.Replace("rounds: 4", "rounds: 4\nschedule: {kind: exponential, factor: 0.5}", StringComparison.Ordinal));
        var start = course.Start();
        JsonElement Asked(int round, decimal clip) => course.Ask(start with { Round = round, Clip = clip }).Parameters;
        Assert.Equal((0.5m, 70_001, 0.25m), Asked(0, start.Clip) is var first ? (first.GetProperty("local").GetProperty("rate").GetDecimal(), first.GetProperty("local").GetProperty("seed").GetInt32(), first.GetProperty("clip").GetDecimal()) : default);
        Assert.Equal((0.25m, 70_002, 0.3m), Asked(1, 0.3m) is var second ? (second.GetProperty("local").GetProperty("rate").GetDecimal(), second.GetProperty("local").GetProperty("seed").GetInt32(), second.GetProperty("clip").GetDecimal()) : default);
        Assert.Equal(4, Asked(1, 0.3m).GetProperty("counted").GetInt32());
    }

    /// <summary>The mean update is a step by itself: the server's rate is 1 where the plan says nothing, and what a person found goes into the weights with its own sign.</summary>
    [Fact]
    public void The_server_adds_the_mean_update()
    {
        var (exact, start) = Exact("{name: fedavg}");
        var rows = Rows();
        var total = CourseInProcess.Sum(exact.PlanOf(exact.Ask(start)), [rows]);
        var (next, round) = exact.Take(start, total);
        Assert.Equal(start.Weights.Values.ToArray().Zip(round!.MeanUpdate, (w, u) => (float)(w + u)), next.Weights.Values.ToArray());
        Assert.True(exact.Take(next, CourseInProcess.Sum(exact.PlanOf(exact.Ask(next)), [rows])).Round!.Loss < round.Loss);
        var (adam, begun) = Exact("{name: fedadam, rate: 0.1}");
        Assert.NotEqual(next.Digest, adam.Take(begun, total).State.Digest);
    }

    private static (TrainingCourse Course, TrainingState Start) Exact(string strategy)
    {
        var course = Course(Stages.Plan.Replace("local: {epochs: 2, batch: 2, rate: 0.1}", "local: {unit: person, steps: 3, batch: 4, rate: 0.5}", StringComparison.Ordinal).Replace("{name: fedavg}", strategy, StringComparison.Ordinal));
        return (course, course.Start());
    }

    private static MockRows Rows() => MockRows.Draw(Exact("{name: fedavg}").Course.Model, 200, 3, 1);

    [Theory]
    [InlineData("{name: fedavg}", "{name: scaffold}", "strategy")]
    [InlineData("rows: 8", "rows: 8, clip: 1", "clip")]
    [InlineData("rows: 8", "rows: 0", "rows")]
    [InlineData("unit: person", "unit: hospital", "local")]
    [InlineData("patients: 9", "patients: 9\nweighting: site", "weighting")]
    [InlineData("patients: 9", "patients: 9\npersonal: {layers: [head], steps: 1, batch: 1, rate: 1}", "personal")]
    public void What_makes_no_sense_of_persons_is_refused(string part, string changed, string subject) =>
        Assert.Contains(Assert.Throws<FaultyInputException>(() => Course(Plan.Replace(part, changed, StringComparison.Ordinal))).Faults, f => f.Subject.Contains(subject, StringComparison.Ordinal));

    [Fact]
    public void A_preview_trains_mock_persons_with_and_without_noise()
    {
        var preview = PreviewTraining.Of(Course(Plan), Stages.Study, new Dictionary<OrganisationId, NanoRho>(), 400);
        Assert.Contains("without noise 0.", preview.Expect, StringComparison.Ordinal);
        Assert.InRange(preview.Epsilon!.Value, 1.99, 2);
    }

    /// <summary>Through a real network, with the best round by validation, stopped and gone on with. The broken twin of the plan gives persons another rate.</summary>
    [Fact]
    public async Task A_release_is_verified_with_the_steps_its_persons_took()
    {
        var validated = Plan + "\nvalidation: {cohort: age < 100, every: 2, measure: loss, bins: 10, rho: 0.01}\n";
        await using var desk = await Stages.OpenAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stages.TrainAsync(desk, validated, stopAfter: 2));
        var trained = await Stages.TrainAsync(desk, validated, resume: true);
        Assert.Equal(4, trained.Rounds.Count);
        Assert.All(trained.Rounds, r => Assert.Equal(trained.Course.ChargeOfRound!.ToString(), r.Result.Rho));

        var folder = desk.World.Path("release");
        ReleaseModel.Write(trained, desk.Asking(), folder);
        Assert.True(VerifyRelease.Of(folder, desk.World.File).Holds);
        Assert.Contains("of persons who train by themselves", File.ReadAllText(Path.Combine(folder, "card.md")), StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(folder, "plan.yaml"), validated.Replace("rate: 0.5", "rate: 0.4", StringComparison.Ordinal));
        Stages.SignAnew(desk, folder);
        Assert.Equal("rounds", VerifyRelease.Of(folder, desk.World.File).Steps[^1].What);
    }
}
