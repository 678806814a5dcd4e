namespace Consilience.EndToEnd.Tests;

/// <summary>
/// SIGKILL at every step of a run, in real processes: the run is answered all the same, every site's contribution is in it, and every site is charged exactly once.
/// </summary>
[Trait("speed", "slow")]
public sealed class KilledAtEveryStep
{
    private static readonly string[] SiteSteps =
    [
        "hello-sent", "decision-storing", "decision-stored", "decision-sending", "decision-sent", "agreement-storing", "agreement-stored", "reservation-storing",
        "reservation-stored", "contribution-storing", "contribution-stored", "contribution-sending", "contribution-sent", "chunk-sending", "chunk-sent",
    ];

    private static readonly string[] KeyHolderSteps =
    [
        "hello-sent", "decision-storing", "decision-stored", "decision-sending", "decision-sent", "agreement-storing", "agreement-stored", "record-storing",
        "record-stored", "share-sending", "share-sent", "chunk-sending", "chunk-sent",
    ];

    private static readonly string[] HubSteps =
    [
        "proposal-storing", "proposal-stored", "decision-storing", "decision-stored", "run-storing", "run-stored", "announcement-storing", "announcement-stored", "chunk-storing",
        "chunk-stored", "sum-block-storing", "sum-block-stored", "roll-storing", "roll-stored", "end-storing", "end-stored", "agreement-sending", "agreement-sent",
        "request-sending", "request-sent", "resume-sending", "resume-sent", "roll-sending", "roll-sent", "ended-sending", "ended-sent",
    ];

    public static TheoryData<string, string> Steps
    {
        get
        {
            var steps = new TheoryData<string, string>();
            foreach (var (victim, names) in new[] { ("site", SiteSteps), ("keyholder", KeyHolderSteps), ("hub", HubSteps) })
            {
                foreach (var name in names)
                    steps.Add(victim, $"{victim}.{name}");
            }

            return steps;
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Nothing_is_lost_and_nothing_is_charged_twice(string victim, string step)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        await using var network = RestartingNetwork.Start(victim, step);
        var answer = await network.AskAsync(limit.Token);

        // Steps after the answer has left are still to come.
        while (network.Kills == 0)
            await Task.Delay(20, limit.Token);
        Assert.Equal(["aster", "birch", "cedar"], answer.Result.Sites.Answered.Select(s => s.ToString()));
        Assert.InRange(answer.Result.Groups.Sum(g => g.RawCount!.Value), 4028 - 100, 4028 + 100);
        foreach (var institution in Consilience.Cli.Demo.DemoFolder.Institutions)
        {
            var ledger = await network.LedgerAsync(institution);
            Assert.Equal([("reserve", $"{answer.Result.Run}", 500_000_000L), ("commit", $"{answer.Result.Run}", 500_000_000L)], ledger);
        }
    }
}
