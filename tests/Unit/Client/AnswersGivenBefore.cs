using Consilience.Client.Analyse;
using Consilience.Client.Tests.World;
using Consilience.Hub.Tests.World;
using Consilience.Protocol.Analyse;
using Consilience.Site.Ledger;

namespace Consilience.Client.Tests;

/// <summary>Asked again, a researcher gets the release there is, through the real hub and parties, and no ledger is charged.</summary>
public sealed class AnswersGivenBefore
{
    private static readonly Question Noised = Desk.ByStage with { Precision = Precision.Noised, Epsilon = "1" };

    [Fact]
    public async Task The_second_time_the_first_release_comes_back()
    {
        await using var desk = await Desk.OpenAsync();
        var first = await desk.AskAsync(Noised);
        var second = await desk.AskAsync(Noised with { Name = "the same" });
        Assert.False(first.IsRepeated);
        Assert.True(second.IsRepeated);
        Assert.Equal(first.Result.Run, second.Result.Run);
        Assert.Equal(first.Result.Groups.Select(g => g.RawCount), second.Result.Groups.Select(g => g.RawCount));
        Assert.True(desk.Verify(desk.Read(second)).Holds);
        Assert.Equal([LedgerEntryKind.Reserve, LedgerEntryKind.Commit], desk.Network.LedgerOf("cedar"));
    }

    [Fact]
    public async Task Averaging_a_hundred_answers_shows_what_one_shows()
    {
        await using var desk = await Desk.OpenAsync();
        var answers = new List<long>();
        for (var i = 0; i < 100; i++)
            answers.Add((await desk.AskAsync(Noised)).Result.Groups[0].RawCount!.Value);
        Assert.Single(answers.Distinct());
    }

    [Fact]
    public async Task New_noise_is_paid_for()
    {
        await using var desk = await Desk.OpenAsync();
        var first = await desk.AskAsync(Noised);
        var second = await desk.AskAsync(Noised with { Again = true });
        Assert.False(second.IsRepeated);
        Assert.NotEqual(first.Result.Run, second.Result.Run);
        Assert.Equal(4, desk.Network.LedgerOf("cedar").Count());
    }

    [Fact]
    public async Task A_hub_that_shows_another_runs_release_is_not_believed()
    {
        await using var desk = await Desk.OpenAsync();
        var other = await desk.AskAsync(Noised with { Cohort = "age >= 11" });
        await desk.AskAsync(Noised);
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => desk.AskAsync(Noised, frame =>
        {
            if (frame.Failed is { Earlier.Length: > 0 } failed)
                failed.Earlier = other.Result.Run.ToString();
            return frame;
        }));
        Assert.Equal(RefusalCode.EnvelopeInvalid, failure.Code);
    }

    [Fact]
    public async Task A_stranger_to_the_study_gets_no_release()
    {
        await using var desk = await Desk.OpenAsync();
        var answer = await desk.AskAsync(Noised);
        var frames = new List<string>();
        var stranger = new Consilience.Protocol.Identity.NodeIdentity(WholeNetwork.Researcher("ada").Organisation, Consilience.Protocol.Identity.NodeRole.Researcher, "eve");
        await foreach (var frame in desk.Network.Hub.SubmitAsync(stranger, new() { Earlier = answer.Result.Run.ToString() }, TestContext.Current.CancellationToken))
            frames.Add(frame.FrameCase.ToString());
        Assert.Equal(["Failed"], frames);
    }
}
