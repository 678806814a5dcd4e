using System.Globalization;
using Consilience.Client.Analyse;
using Consilience.Client.Tests.World;
using Consilience.Client.Train;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Site.Ledger;

namespace Consilience.Client.Tests.Train;

/// <summary>Rounds that are paid for: a fixed price for each, refused beforehand where it does not suffice, and never paid twice.</summary>
public sealed class PrivateTrainings
{
    private static readonly Dictionary<OrganisationId, NanoRho> Nothing = [];

    private static string Plan(string rho) => Stages.Plan.Replace("local: {epochs: 2, batch: 2, rate: 0.1}\n", "", StringComparison.Ordinal).Replace("clip: 10", "clip: 1\npatients: 9", StringComparison.Ordinal)
        .Replace("precision: exact", $"precision: noised\nrho: {rho}", StringComparison.Ordinal);

    [Fact]
    public async Task Every_round_is_charged_its_share_and_the_price_adds_up()
    {
        await using var desk = await Stages.OpenAsync();
        var trained = await Stages.TrainAsync(desk, Plan("1.6"));
        Assert.Equal((400_000_000, 1_600_000_000), (trained.Course.ChargeOfRound!.Amount, trained.Course.Charge.Amount));
        Assert.All(trained.Rounds, r => Assert.Equal("0.4", r.Result.Rho));
        Assert.Equal(Enumerable.Repeat(new[] { LedgerEntryKind.Reserve, LedgerEntryKind.Commit }, 4).SelectMany(k => k), desk.Network.LedgerOf("cedar"));
        Assert.True(VerifyRelease.Of(Release(desk, trained), desk.World.File).Holds);
    }

    /// <summary>The most ρ whose Gaussian noise gives (ε, δ) over all rounds, by σ of google/differential-privacy's accountant; the conversion from ρ alone would have had to offer less, and so more noise.</summary>
    [Theory]
    [InlineData("1", "0.00001", 3.730631635)]
    [InlineData("1", "0.000001", 4.224678889)]
    [InlineData("0.5", "0.000001", 8.057618481)]
    public async Task A_plan_in_epsilon_and_delta_finds_the_least_noise(string epsilon, string delta, double sigma)
    {
        await using var desk = await Stages.OpenAsync();
        var course = Stages.Course(desk, Plan("1").Replace("rho: 1", $"epsilon: {epsilon}\ndelta: {delta}", StringComparison.Ordinal));
        var (promised, rho) = (double.Parse(epsilon, CultureInfo.InvariantCulture), course.Plan.Price!.Rho.ToRational().ToDouble());
        Assert.InRange(rho * 2 * sigma * sigma, 0.998, 1);
        Assert.InRange(course.Epsilon!.Value, promised * 0.999, promised);
        Assert.InRange(ConcentratedProfile.Rho(promised, double.Parse(delta, CultureInfo.InvariantCulture)) / rho, 0.5, 0.95);
        Assert.Equal(course.Plan.Price.Rho.Amount / 4, course.ChargeOfRound!.Amount);
    }

    [Fact]
    public async Task Units_too_coarse_for_what_is_promised_are_a_fault()
    {
        await using var desk = await Stages.OpenAsync();
        var coarse = Plan("1").Replace("rho: 1", "epsilon: 2\ndelta: 0.00001\nbits: 4", StringComparison.Ordinal).Replace("rounds: 4", "rounds: 1", StringComparison.Ordinal);
        Assert.Equal("bits", Assert.Single(Assert.Throws<Analyses.Schema.FaultyInputException>(() => Stages.Course(desk, coarse)).Faults).Subject);
        Assert.InRange(Stages.Course(desk, coarse.Replace("bits: 4", "bits: 8", StringComparison.Ordinal)).Epsilon!.Value, 1.998, 2);
    }

    [Fact]
    public async Task The_card_states_both_what_holds_and_what_was_charged()
    {
        await using var desk = await Stages.OpenAsync();
        var trained = await Stages.TrainAsync(desk, Plan("1.6"));
        var card = File.ReadAllText(Path.Combine(Release(desk, trained), "card.md"));
        Assert.Contains("ρ = 0.4 for a round", card, StringComparison.Ordinal);
        Assert.Contains($"ε = {Math.Ceiling(GaussianProfile.Epsilon(1 / Math.Sqrt(3.2), 1e-5) * 1000) / 1000} at δ = 0.00001", card, StringComparison.Ordinal);
    }

    /// <summary>Weights that stay where they are would get the same release again and again.</summary>
    [Fact]
    public async Task A_round_that_noise_left_empty_ends_the_training()
    {
        await using var desk = await Stages.OpenAsync();
        var course = Stages.Course(desk, Plan("1.6"));
        var start = course.Start();
        Assert.Contains("'patients'", Assert.Throws<TrainingStoppedException>(() => course.Take(start, new long[course.PlanOf(course.Ask(start)).Sums.VectorLength])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rounds_that_were_paid_for_and_lost_come_back_without_a_charge()
    {
        await using var desk = await Stages.OpenAsync();
        var first = await Stages.TrainAsync(desk, Plan("1.6"));
        foreach (var lost in new[] { "rounds/00003.receipt.json", "rounds/00004.receipt.json", "checkpoint.safetensors" })
            File.Delete(Path.Combine(Stages.FolderOf(desk), lost));
        var second = await Stages.TrainAsync(desk, Plan("1.6"), resume: true);
        Assert.Equal(first.State.Digest, second.State.Digest);
        Assert.Equal(first.Rounds.Select(r => r.Result.Run), second.Rounds.Select(r => r.Result.Run));
        Assert.Equal(8, desk.Network.LedgerOf("cedar").Count());
    }

    [Fact]
    public async Task A_training_that_cannot_be_paid_for_to_its_end_is_refused_before_its_first_round()
    {
        await using var desk = await Stages.OpenAsync();
        var study = desk.Network.Agreement.Study;
        TrainingBudget.Require(Stages.Course(desk, Plan("2")), study, Nothing);
        var refused = Assert.Throws<AskFailedException>(() => TrainingBudget.Require(Stages.Course(desk, Plan("2")), study, new Dictionary<OrganisationId, NanoRho> { [study.Sites[1]] = new(1) }));
        Assert.Equal(RefusalCode.BudgetSpent, refused.Code);
        Assert.Contains("birch", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_budget_that_ends_in_the_middle_leaves_what_was_trained()
    {
        await using var desk = await Stages.OpenAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Stages.TrainAsync(desk, Plan("1.6"), stopAfter: 2));
        foreach (var age in new[] { 10, 11 })
            await desk.AskAsync(Desk.ByStage with { Precision = Precision.Noised, Rho = "0.5", Cohort = $"age >= {age}" });
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => Stages.TrainAsync(desk, Plan("1.6"), resume: true));
        Assert.All(failure.Refusals, r => Assert.Equal(RefusalCode.BudgetSpent, r.Code));
        Assert.Equal(2, Directory.EnumerateFiles(Path.Combine(Stages.FolderOf(desk), "rounds")).Count());
    }

    /// <summary>What all studies together may spend on a person ends after two rounds; a site's policy is changed, and the training goes on where it was. The broken twin begins again, and pays for the first two rounds twice.</summary>
    [Fact]
    public async Task A_budget_that_is_raised_lets_the_training_go_on_where_it_was()
    {
        var budget = "0.9";
        await using var desk = await Desk.OpenAsync(terms: text => Stages.WithTraining(text) + (text.Contains("decide: automatic", StringComparison.Ordinal) ? $"\nlifetime: {{budget: {budget}}}\n" : ""));
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => Stages.TrainAsync(desk, Plan("1.6")));
        Assert.Equal(3, failure.Refusals.Count(r => r.Code == RefusalCode.BudgetSpent));
        var (rounds, spent) = (Directory.EnumerateFiles(Path.Combine(Stages.FolderOf(desk), "rounds")).ToDictionary(f => f, File.ReadAllBytes), desk.Network.LedgerOf("cedar").ToList());
        Assert.Equal((2, 4), (rounds.Count, spent.Count));

        budget = "2";
        await desk.Network.RestartSitesAsync();
        Assert.Equal(spent, desk.Network.LedgerOf("cedar"));
        var trained = await Stages.TrainAsync(desk, Plan("1.6"), resume: true);
        Assert.Equal(4, trained.Rounds.Count);
        Assert.All(rounds, r => Assert.Equal(r.Value, File.ReadAllBytes(r.Key)));
        Assert.Equal(8, desk.Network.LedgerOf("cedar").Count());

        var twin = await Assert.ThrowsAsync<AskFailedException>(() => Stages.TrainAsync(desk, Plan("1.6").Replace("seed: 7", "seed: 8", StringComparison.Ordinal), name: "again"));
        Assert.All(twin.Refusals, r => Assert.Equal(RefusalCode.BudgetSpent, r.Code));
    }

    [Fact]
    public async Task A_preview_tells_what_is_left_and_what_noise_takes()
    {
        await using var desk = await Stages.OpenAsync();
        var study = desk.Network.Agreement.Study;
        var preview = PreviewTraining.Of(Stages.Course(desk, Plan("2")), study, new Dictionary<OrganisationId, NanoRho> { [study.Sites[0]] = new(500_000_000) }, 400);
        Assert.False(preview.Suffices);
        Assert.Equal((2_000_000_000, 1_500_000_000), (preview.Charge.Amount, preview.Left[study.Sites[0]].Amount));
        Assert.Contains("without noise 0.", preview.Expect, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rounds_that_cost_more_than_the_study_pays_for_one_question_are_named()
    {
        await using var desk = await Stages.OpenAsync();
        Assert.Contains(Assert.Throws<Analyses.Schema.FaultyInputException>(() => Stages.Course(desk, Plan("2.4"))).Faults, f => f.Subject == "rho");
    }

    private static string Release(Desk desk, TrainedModel trained)
    {
        var folder = desk.World.Path("release");
        ReleaseModel.Write(trained, desk.Asking(), folder);
        return folder;
    }
}
