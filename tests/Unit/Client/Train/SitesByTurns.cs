using Consilience.Client.Analyse;
using Consilience.Client.Tests.World;
using Consilience.Client.Train;
using Consilience.Hub.Tests.World;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Site.Ledger;
using Consilience.Tests.World;

namespace Consilience.Client.Tests.Train;

/// <summary>Rounds that ask some sites each, chosen by a public seed.</summary>
public sealed class SitesByTurns
{
    private static readonly string Plan = Stages.Plan.Replace("seed: 7", "seed: 7\nparticipation: {fraction: 0.5}", StringComparison.Ordinal);

    private static readonly string Noised = Plan.Replace("local: {epochs: 2, batch: 2, rate: 0.1}\n", "", StringComparison.Ordinal).Replace("clip: 10", "clip: 1\npatients: 6", StringComparison.Ordinal)
        .Replace("precision: exact", "precision: noised\nrho: 0.8", StringComparison.Ordinal);

    private static string FourSites(string text) => Stages.WithTraining(text).Replace("sites: [aster, birch, cedar]", "sites: [aster, birch, cedar, dogwood]", StringComparison.Ordinal);

    private static readonly Protocol.Agreements.Study Study = StudyReader.Read(FourSites(Consortia.StudyText), null);

    private static Task<Desk> OpenAsync() => Desk.OpenAsync([.. WholeNetwork.ThreeSites, ("dogwood", "stage,age\n1,10\n2,11\n1,12\n")], FourSites);

    [Fact]
    public async Task Each_round_asks_a_group_and_every_group_has_its_turn()
    {
        await using var desk = await OpenAsync();
        var trained = await Stages.TrainAsync(desk, Plan);
        var asked = trained.Rounds.Select(r => string.Join(' ', r.Result.Sites.Answered)).ToList();
        Assert.All(trained.Rounds, r => Assert.Equal((6, 2, 0), (r.Round.Persons, r.Result.Sites.Answered.Count, r.Result.Sites.Absent.Count)));
        Assert.Equal((2, 4), (asked.Distinct().Count(), asked.Distinct().SelectMany(a => a.Split(' ')).Distinct().Count()));
        Assert.True(asked[0] != asked[1] && asked[2] != asked[3]);
        ReleaseModel.Write(trained, desk.Asking(), desk.World.Path("release"));
        Assert.True(VerifyRelease.Of(desk.World.Path("release"), desk.World.File).Holds);

        // Asked of the other group, a round is none of this training.
        var other = await desk.Asking().AskAsync(trained.Course.Ask(trained.Course.Start()) with { Sites = [.. desk.Network.Agreement.Study.Sites.Where(s => !asked[0].Split(' ').Contains(s.ToString()))] }, null, CancellationToken.None);
        Assert.Contains("other sites", ReplayTraining.Of(trained.Course, desk.Network.Agreement.Digest, desk.World.File, [desk.Keep(other, "other")]).Objection, StringComparison.Ordinal);
    }

    /// <summary>The very attack: one site more, at weights that differ in the last bit.</summary>
    [Fact]
    public async Task Sums_that_could_be_subtracted_are_not_opened()
    {
        await using var desk = await OpenAsync();
        var course = Stages.Course(desk, Plan);
        var (question, sites) = (course.Ask(course.Start()), desk.Network.Agreement.Study.Sites);
        await desk.Asking().AskAsync(question with { Sites = [sites[0], sites[1]] }, null, CancellationToken.None);
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => desk.Asking().AskAsync(question with { Sites = [.. sites.Take(3)], Cohort = "age >= 1" }, null, CancellationToken.None));
        Assert.Equal(RefusalCode.TooFewSites, failure.Code);
        Assert.Contains("could be worked out", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\nlocal: {unit: person, steps: 2, batch: 2, rate: 0.5}")]
    public async Task A_site_is_charged_for_the_rounds_that_ask_it(string local)
    {
        await using var desk = await OpenAsync();
        var trained = await Stages.TrainAsync(desk, Noised + local);
        Assert.Equal((400_000_000, 800_000_000), (trained.Course.ChargeOfRound!.Amount, trained.Course.Charge.Amount));
        foreach (var site in new[] { "aster", "birch", "cedar", "dogwood" })
            Assert.Equal(2, desk.Network.LedgerOf(site).Count(k => k == LedgerEntryKind.Commit));
    }

    [Fact]
    public void At_exact_precision_groups_stay_and_at_noised_they_are_dealt_anew()
    {
        int Groups(string plan) => Enumerable.Range(0, 40).Select(round => TrainingCourse.Of(TrainingPlanReader.Read(plan.Replace("rounds: 4", "rounds: 40", StringComparison.Ordinal).Replace("rho: 0.8", "rho: 8", StringComparison.Ordinal)), Study) is var course
            ? string.Join(' ', course.Ask(course.Start() with { Round = round }).Sites!) : "").Distinct().Count();
        Assert.Equal((2, 6), (Groups(Plan), Groups(Noised)));
    }

    [Theory]
    [InlineData("{fraction: 0.5}", "{sites: 1}", "at least 2 sites a round")]
    [InlineData("{fraction: 0.5}", "{sites: 3}", "at most half of the 4 sites")]
    [InlineData("{name: fedavg}", "{name: scaffold}", "all sites, with scaffold")]
    public void Groups_that_protect_nobody_are_refused(string part, string changed, string expected) =>
        Assert.Contains(Assert.Throws<Analyses.Schema.FaultyInputException>(() => TrainingCourse.Of(TrainingPlanReader.Read(Plan.Replace(part, changed, StringComparison.Ordinal)), Study)).Faults, f => f.Subject == "participation" && f.Expected.StartsWith(expected, StringComparison.Ordinal));
}
