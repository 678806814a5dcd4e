using Consilience.Analyses.Schema;
using Consilience.Client.Tests.World;
using Consilience.Client.Train;
using Consilience.Client.Train.Trees;
using Consilience.FederatedLearning.Trees;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Consilience.Tests.World;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Tests.Train;

/// <summary>Boosted trees through a real hub, sites and key holders, by the machinery of every training: stopped and gone on with, released, tampered with, and lied about.</summary>
public sealed class TreesThatAreTrained
{
    private const string Plan = """
        training: late stages
        study: tumours
        cohort: age >= 0
        trees: {inputs: [{variable: age, edges: [10, 11]}], head: logistic, outcome: stage, event: "2", count: 3, depth: 2, minimumPersons: 1, minimumWeight: 0.1}
        precision: exact
        """;

    private static readonly AgreedStudy Study = StudyReader.Read(WithTrees(Consortia.StudyText), null);

    private static string WithTrees(string text) =>
        text.Replace("[count]", "[count, tree-histograms]", StringComparison.Ordinal).Replace("exact: {minimumSites: 3, minimumPersons: 3}", "exact: {minimumSites: 2, minimumPersons: 2}", StringComparison.Ordinal);

    private static async Task<(Desk Desk, TrainedModel Trained, string Folder)> ReleaseAsync()
    {
        var desk = await Desk.OpenAsync(cedarRefuses: false, WithTrees);
        var trained = await Stages.TrainAsync(desk, Plan);
        var folder = Path.Combine(Stages.FolderOf(desk), "release");
        ReleaseModel.Write(trained, desk.Asking(), folder);
        return (desk, trained, folder);
    }

    [Fact]
    public async Task A_training_that_was_stopped_goes_on_within_its_tree_and_ends_at_the_same_trees()
    {
        await using var desk = await Desk.OpenAsync(cedarRefuses: false, WithTrees);
        var whole = await Stages.TrainAsync(desk, Plan, name: "whole");
        Assert.All(whole.Rounds, r => Assert.Equal((9, 3), (r.Round.Persons, r.Result.Sites.Answered.Count)));
        Assert.True(whole.Rounds.Count > 3, "a tree has a second level");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stages.TrainAsync(desk, Plan, stopAfter: 1));
        var checkpoint = File.ReadAllText(Path.Combine(Stages.FolderOf(desk), "checkpoint.json"));
        Assert.Contains("\"growing\":[[0,", checkpoint, StringComparison.Ordinal);
        var resumed = await Stages.TrainAsync(desk, Plan, resume: true);
        Assert.Equal(whole.State.Digest, resumed.State.Digest);
        Assert.Equal(whole.Rounds.Count, resumed.Rounds.Select(r => r.Result.Run).Distinct().Count());
    }

    [Fact]
    public async Task A_release_proves_itself_and_scores_rows_with_missing_values_too()
    {
        var (desk, trained, folder) = await ReleaseAsync();
        await using var _ = desk;
        var verification = VerifyRelease.Of(folder, desk.World.File);
        Assert.True(verification.Holds, string.Join("\n", verification.Steps));
        Assert.Equal(["card.md", "ensemble.json", "model.onnx", "model.yaml", "plan.yaml", "release.json"], Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.Contains("3 trees with ", File.ReadAllText(Path.Combine(folder, "card.md")), StringComparison.Ordinal);
        var (prediction, inputs) = ModelPrediction.OfRelease(folder);
        Assert.Equal(["age"], inputs);
        Assert.Equal(["p"], prediction.Names);
        Assert.InRange(Assert.Single(prediction.Of(["11"])!), 0.01, 0.99);
        Assert.InRange(Assert.Single(prediction.Of([""])!), 0.01, 0.99);
        Assert.All(new[] { "old", "1e999" }, text => Assert.Null(prediction.Of([text])));
        Assert.Equal(3, ((TreeState)trained.State).Ensemble.Trees.Count);
    }

    public static TheoryData<string, string> Lies => new() { { "trees of their own", "weights" }, { "a training cut short", "end" }, { "another plan", "rounds" } };

    /// <summary>The researcher signs again what the levels do not give: the signature holds, and the release does not.</summary>
    [Theory]
    [MemberData(nameof(Lies))]
    public async Task A_researcher_cannot_sign_what_the_levels_do_not_give(string lie, string step)
    {
        var (desk, trained, folder) = await ReleaseAsync();
        await using var _ = desk;
        switch (lie)
        {
            case "trees of their own":
                var ensemble = Path.Combine(folder, "ensemble.json");
                File.WriteAllText(ensemble, File.ReadAllText(ensemble).Replace("\"base\":0,", "\"base\":0.5,", StringComparison.Ordinal));
                break;
            case "a training cut short":
                File.Delete(Path.Combine(folder, "receipts", $"{trained.Rounds.Count:00000}.receipt.json"));
                break;
            default:
                File.WriteAllText(Path.Combine(folder, "plan.yaml"), Plan.Replace("count: 3", "count: 3, rate: 0.9", StringComparison.Ordinal));
                break;
        }

        Stages.SignAnew(desk, folder);
        var verification = VerifyRelease.Of(folder, desk.World.File);
        Assert.Equal(step, verification.Steps[^1].What);
        Assert.False(verification.Holds);
    }

    [Theory]
    [InlineData("count: 3", "count: 0", "count")]
    [InlineData("depth: 2", "depth: 11", "depth")]
    [InlineData("count: 3", "count: 3, rate: 2", "rate")]
    [InlineData("count: 3", "count: 3, feature: 0.5", "feature")]
    [InlineData("head: logistic, ", "", "head")]
    [InlineData("precision: exact", "precision: exact\nmodel: {}", "model")]
    [InlineData("precision: exact", "precision: exact\nclip: 1", "clip")]
    [InlineData("precision: exact", "precision: exact\nstop: {trees: 2}", "heldOut")]
    [InlineData("precision: exact", "precision: exact\nstop: {heldOut: age > 90, rounds: 2, trees: 2}", "rounds")]
    [InlineData("precision: exact", "precision: noised\nrho: 1", "minimumPersons")]
    [InlineData("minimumPersons: 1, minimumWeight: 0.1}\nprecision: exact", "minimumWeight: 1}\nprecision: noised\nrho: 1\nstop: {heldOut: age > 90, trees: 2}", "heldOut")]
    public void A_fault_of_form_is_named(string part, string faulty, string subject) =>
        Assert.EndsWith($".{subject}", Assert.Single(Refused(part, faulty).Faults).Subject, StringComparison.Ordinal);

    [Theory]
    [InlineData("{variable: age, edges: [10, 11]}", "age", "inputs[0].edges")]
    [InlineData("{variable: age, edges: [10, 11]}", "{variable: age, edges: [11, 10]}", "edges")]
    [InlineData("{variable: age, edges: [10, 11]}", "stage", "inputs")]
    [InlineData("head: logistic", "head: cox", "head")]
    [InlineData("event: \"2\"", "event: \"9\"", "event")]
    [InlineData("precision: exact", "precision: exact\nstop: {heldOut: weight > 9, trees: 2}", "cohort")]
    public void A_plan_that_does_not_fit_its_study_is_refused(string part, string faulty, string subject) =>
        Assert.Contains(Refused(part, faulty).Faults, f => f.Subject.Contains(subject, StringComparison.Ordinal));

    [Fact]
    public void A_preview_grows_trees_on_mock_persons_alone()
    {
        var course = Course.Of(TrainingPlanReader.Read(Plan), Study);
        var preview = PreviewTraining.Of(course, Study, new Dictionary<OrganisationId, DifferentialPrivacy.Accounting.NanoRho>(), 300);
        Assert.Equal((0, 3 * 4, 3 * ((3 + 12) + (2 * (3 + 12))) * 8), (preview.Charge.Amount, preview.Weights, preview.BytesOfASite));
        Assert.Contains("an accuracy between 0.", preview.Expect, StringComparison.Ordinal);
    }

    /// <summary>Twelve runs of ρ/12 each.</summary>
    [Fact]
    public void Every_level_of_every_tree_is_charged()
    {
        var text = Plan.Replace("precision: exact", "precision: noised\nrho: 1.2", StringComparison.Ordinal).Replace("minimumPersons: 1, minimumWeight: 0.1", "minimumWeight: 1", StringComparison.Ordinal).Replace("count: 3", "count: 6", StringComparison.Ordinal);
        var course = Course.Of(TrainingPlanReader.Read(text), Study);
        Assert.Equal((100_000_000, 1_200_000_000), (course.ChargeOfRound!.Amount, course.Charge.Amount));
        Assert.Equal(10, course.Ask(course.Start()).Parameters.GetProperty("bits").GetInt32());
    }

    /// <summary>Trees beyond what a signed statement holds are named by digest and size, and travel beside it.</summary>
    [Fact]
    public void Many_trees_are_attached()
    {
        var course = TreeCourse.Of(TrainingPlanReader.Read(Plan), Study);
        var start = course.Start();
        var (few, many) = (Grown(start, 10), Grown(start, 4000));
        Assert.True(course.Ask(few).Attached.IsEmpty);
        var question = course.Ask(many);
        var named = course.PlanOf(question).Sums.Attachment!;
        Assert.Equal((many.Digest, question.Attached.Length), (named.Sha256, (int)named.SizeInBytes));
        Assert.Equal(many.Ensemble.ToString(), Ensemble.TryRead(question.Attached, (TreeModel)course.Declared)!.ToString());
        Assert.All(TrainingPlanReader.Read(Plan + "\nevaluation: {heldOut: age > 90}") is { Evaluation: { } evaluation } ? evaluation.Questions(course, many).Values : [], q => Assert.Equal(question.Attached.Length, q.Attached.Length));
    }

    private static TreeState Grown(TreeState start, int trees)
    {
        var tree = Ensemble.TryRead("""{"base":0,"trees":[[[0,1,0],0.125,-0.5]]}"""u8.ToArray(), (TreeModel)TreeCourse.Of(TrainingPlanReader.Read(Plan), Study).Declared)!.Trees[0];
        return start with { Ensemble = new Ensemble(0, [.. Enumerable.Repeat(tree, trees)]) };
    }

    /// <summary>The trees up to the least loss of those held out are kept; the first loss that is not less than two before ends it. Whoever simulates the training, as a preview does, is told which questions are about them.</summary>
    [Fact]
    public void Held_out_persons_end_a_training()
    {
        var course = TreeCourse.Of(TrainingPlanReader.Read(Plan.Replace("count: 3", "count: 9", StringComparison.Ordinal) + "\nstop: {heldOut: age > 90, trees: 2}"), Study);
        Assert.Equal([("rounds", 18), ("losses of held-out persons", 9)], course.Planned.Select(p => (p.What, p.Times)));
        Assert.Equal(course.Plan.Rounds, course.Planned.Sum(p => p.Times));
        var (state, rows) = (course.Start(), MockRows.Draw(course.Declared, 60, 1, 1));
        double[] losses = [0.5, 0.4, 0.45, 0.42, 0.1];
        while (!course.IsFinished(state))
        {
            var question = course.Ask(state);
            Assert.Equal(question.Cohort == "age > 90", course.IsValidated(state));
            var sums = course.PlanOf(question).Sums;
            var total = new long[sums.VectorLength];
            if (state.IsTested)
                (total[0], total[2]) = (1L << 26, (long)(losses[state.HeldOut.Count] * (1 << 24)));
            else
                sums.Encode(rows, total);
            (state, _) = course.Take(state, total);
        }

        Assert.Equal([0.5, 0.4, 0.45, 0.42], state.HeldOut.Select(l => Math.Round(l!.Value, 6)));
        Assert.Equal(2, state.Ensemble.Trees.Count);
    }

    private static FaultyInputException Refused(string part, string faulty) =>
        Assert.Throws<FaultyInputException>(() => Course.Of(TrainingPlanReader.Read(Plan.Replace(part, faulty, StringComparison.Ordinal), "plan.yaml"), Study));
}
