using Consilience.Client.Tests.World;
using Consilience.Client.Train;
using Consilience.Hub.Tests.World;

namespace Consilience.Client.Tests.Train;

/// <summary>Trainings without a group: what is said of them follows from receipts of that very training.</summary>
public sealed class GroupsLeftOut
{
    private static readonly string Plan = Stages.Plan.Replace("rounds: 4", "rounds: 2\nleaveOut: {by: stage, smallest: 3}", StringComparison.Ordinal);

    private static Task<Desk> OpenAsync() => Desk.OpenAsync([.. WholeNetwork.ThreeSites.Select(s => (s.Site, (string?)"stage,age\n1,10\n1,20\n1,30\n2,40\n2,50\n2,60\n2,70\n"))], Stages.WithTraining);

    [Fact]
    public async Task Every_group_is_left_out_of_a_training_of_its_own_and_receipts_of_another_are_noticed()
    {
        await using var desk = await OpenAsync();
        var trained = await Stages.TrainAsync(desk, Plan);
        Assert.Equal([("1", 9L, 12L), ("2", 12L, 9L)], trained.LeftOut!.Groups.Select(g => (g.Code, g.Persons!.Value, g.Without!.Rounds[0].Round.Persons)));
        string? Objection(Func<int, TrainedModel?> at) => LeftOutGroups.Of(trained.Course, desk.Network.Agreement.Digest, desk.World.File, trained.LeftOut.Sizes, place => at(place) is { } model ? (model.Receipts, model.Evaluation!.Receipts["held-out"]) : null).Objection;
        TrainedModel Of(int place) => trained.LeftOut.Groups[place - 1].Without!;
        Assert.Null(Objection(Of));
        Assert.Contains("another cohort", Objection(place => Of(3 - place)), StringComparison.Ordinal);
        Assert.Contains("another cohort", Objection(place => trained with { Evaluation = Of(place).Evaluation }), StringComparison.Ordinal);
        Assert.Contains("not trained to its end", Objection(place => Of(place) with { Receipts = [.. Of(place).Receipts.Take(1)] }), StringComparison.Ordinal);
        Assert.NotNull(Objection(place => Of(place) with { Evaluation = Of(3 - place).Evaluation }));

        // Killed after the groups: it goes on without asking any of it again.
        Assert.Equal(trained.LeftOut.Groups.Select(g => g.Without!.State.Digest), (await Stages.TrainAsync(desk, Plan, resume: true, alter: _ => throw new InvalidOperationException("asked again"))).LeftOut!.Groups.Select(g => g.Without!.State.Digest));
        ReleaseModel.Write(trained, desk.Asking(), desk.World.Path("release"));
        var verification = VerifyRelease.Of(desk.World.Path("release"), desk.World.File);
        Assert.True(verification.Holds);
        Assert.StartsWith("2 of 2 groups by stage", verification.Steps[^1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Small_groups_are_left_alone()
    {
        await using var desk = await OpenAsync();
        var trained = await Stages.TrainAsync(desk, Plan.Replace("smallest: 3", "smallest: 10", StringComparison.Ordinal));
        Assert.Equal([(9L, false), (12L, true)], trained.LeftOut!.Groups.Select(g => (g.Persons!.Value, g.Without is not null)));
    }

    /// <summary>Three trainings, two evaluations, and the question how large the groups are.</summary>
    [Fact]
    public void All_of_it_is_charged_and_planned_for()
    {
        var noised = Plan.Replace("local: {epochs: 2, batch: 2, rate: 0.1}\n", "", StringComparison.Ordinal).Replace("clip: 10", "clip: 1\npatients: 9", StringComparison.Ordinal)
            .Replace("precision: exact", "precision: noised\nrho: 0.4", StringComparison.Ordinal).Replace("smallest: 3", "smallest: 3, rho: 0.01", StringComparison.Ordinal);
        Assert.Equal((3 * 400_000_000) + (3 * 10_000_000), TrainingCourse.Of(TrainingPlanReader.Read(noised), Stages.Study).Charge.Amount);
    }

    [Theory]
    [InlineData("by: stage", "by: age", "leaveOut.by")]
    [InlineData("by: stage", "by: nothing", "leaveOut.by")]
    [InlineData("seed: 7", "seed: 7\npersonal: {layers: [head], steps: 1, batch: 2, rate: 0.1}", "leaveOut")]
    public void What_cannot_be_left_out_is_refused(string part, string changed, string subject) =>
        Assert.Contains(Assert.Throws<Analyses.Schema.FaultyInputException>(() => TrainingCourse.Of(TrainingPlanReader.Read(Plan.Replace(part, changed, StringComparison.Ordinal).Replace("inputs: [age],", "inputs: [age], layers: [{dense: 2}],", StringComparison.Ordinal)), Stages.Study)).Faults, f => f.Subject == subject);
}
