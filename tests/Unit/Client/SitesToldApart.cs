using System.Text.Json;
using Consilience.Client.Analyse;
using Consilience.Client.Tests.Train;
using Consilience.Client.Tests.World;
using Consilience.Client.Train;
using Consilience.Protocol.Analyse;

namespace Consilience.Client.Tests;

/// <summary>A study with a variable of type site, which every institution signed and whose policies grant it: figures of single sites, through real parties.</summary>
public sealed class SitesToldApart
{
    private static readonly Question ByHospital = new("by hospital", "count", JsonDocument.Parse("""{"by":["hospital"]}""").RootElement, "", Precision.Exact, null);

    /// <summary>The rows of aster say that its persons are of birch.</summary>
    private static readonly (string Site, string? Rows)[] Sites = [Of("aster", "birch", 4), Of("birch", "birch", 3), Of("cedar", "cedar", 3)];

    private static (string, string?) Of(string site, string says, int times) => (site, "stage,age,hospital\n" + string.Concat(Enumerable.Repeat($"1,10,{says}\n2,11,{says}\n2,12,{says}\n", times)));

    private static Func<string, string> With(string type) => text => Stages.WithTraining(text)
        .Replace("age: {type: integer, minimum: 0, maximum: 200}", $"age: {{type: integer, minimum: 0, maximum: 200}}\n    hospital: {{{type}}}", StringComparison.Ordinal)
        .Replace("keyHolders: {minimum: 2}", "keyHolders: {minimum: 2}\nsiteFigures: true", StringComparison.Ordinal);

    private static Task<Desk> OpenAsync() => Desk.OpenAsync(Sites, With("type: site"));

    private static IEnumerable<(string, long?)> Counts(Answer answer) => answer.Result.Groups.Select(g => (g.Key["hospital"], g.Count));

    /// <summary>The broken twin: a category that sites fill in from their files, where aster passes its persons off as another's.</summary>
    [Fact]
    public async Task A_site_counts_as_itself_whatever_its_files_say()
    {
        await using var desk = await OpenAsync();
        var answer = await desk.AskAsync(ByHospital);
        Assert.Equal([("aster", 12L), ("birch", 9L), ("cedar", 9L)], Counts(answer));
        Assert.Contains("sites stand apart wherever 'hospital' does", answer.Result.Privacy, StringComparison.Ordinal);
        await using var twin = await Desk.OpenAsync(Sites, With("type: category, codes: {aster: a, birch: b, cedar: c}"));
        answer = await twin.AskAsync(ByHospital);
        Assert.Equal([("aster", 0L), ("birch", 21L), ("cedar", 9L)], Counts(answer));
        Assert.Contains("nobody a single site's part", answer.Result.Privacy, StringComparison.Ordinal);
    }

    /// <summary>At exact precision the others refuse, who have nobody in it, and a sum of one site does not open; at noised precision they answer with nobody.</summary>
    [Fact]
    public async Task A_cohort_of_one_site_has_the_minimum_of_sites_or_noise()
    {
        await using var desk = await OpenAsync();
        var question = Desk.ByStage with { Cohort = "hospital = 'aster'" };
        var failed = await Assert.ThrowsAsync<AskFailedException>(() => desk.AskAsync(question));
        Assert.Equal([(RefusalCode.TooFewPersons, "birch"), (RefusalCode.TooFewPersons, "cedar")], failed.Refusals.Select(r => (r.Code, $"{r.Site}")).Order());
        Assert.Equal(3, (await desk.AskAsync(question with { Precision = Precision.Noised, Epsilon = "1" })).Result.Sites.Answered.Count);
    }

    [Fact]
    public async Task A_released_model_has_the_accuracy_of_each_site_in_its_card()
    {
        await using var desk = await OpenAsync();
        var trained = await Stages.TrainAsync(desk, Stages.Plan + "\nevaluation: {heldOut: age >= 0, by: [hospital]}");
        var groups = trained.Evaluation!.HeldOut.Tables.Single(t => t.Name == "groups").Rows;
        Assert.Equal([("aster", 12.0), ("birch", 9.0), ("cedar", 9.0)], groups.Select(r => (r.Cells[0].Text!, r.Cells[1].Number!.Value)));
        ReleaseModel.Write(trained, desk.Asking(), desk.World.Path("release"));
        Assert.Contains("| aster |", File.ReadAllText(Path.Combine(desk.World.Path("release"), "card.md")), StringComparison.Ordinal);
        Assert.True(VerifyRelease.Of(desk.World.Path("release"), desk.World.File).Holds);
    }

    /// <summary>Each site is left out of a training; what is measured of it alone is a sum of one site, so exact precision does not tell it, and noised precision does.</summary>
    [Fact]
    public async Task One_site_is_left_out_at_noised_precision_alone()
    {
        await using var desk = await OpenAsync();
        var exact = Stages.Plan + "\nevaluation: {heldOut: age >= 0}\nleaveOut: {by: hospital, smallest: 3}";
        Assert.All((await Stages.TrainAsync(desk, exact)).LeftOut!.Groups, g => Assert.True(g.IsRefused));
        var noised = exact.Replace("local: {epochs: 2, batch: 2, rate: 0.1}\n", "", StringComparison.Ordinal).Replace("clip: 10", "clip: 1\npatients: 30", StringComparison.Ordinal).Replace("rounds: 4", "rounds: 1", StringComparison.Ordinal)
            .Replace("precision: exact", "precision: noised\nrho: 0.1", StringComparison.Ordinal).Replace("smallest: 3", "smallest: 1, rho: 0.3", StringComparison.Ordinal).Replace("age >= 0}", "age >= 0, rho: 0.1}", StringComparison.Ordinal);
        Assert.Contains((await Stages.TrainAsync(desk, noised, name: "noised")).LeftOut!.Groups, g => g.Without is not null);
    }
}
