namespace Consilience.EndToEnd.Tests;

/// <summary>
/// SIGKILL around the durable steps of a run, in real processes: the run is answered all the same, every site's contribution is in it, and every site is charged exactly
/// once. The unit tests of site and key holder stop at every step there is.
/// </summary>
[Trait("speed", "slow")]
public sealed class KilledInTheMiddle
{
    private static readonly string[] SiteSteps = ["decision-stored", "reservation-stored", "contribution-stored", "chunk-sent"];

    private static readonly string[] KeyHolderSteps = ["record-storing", "record-stored", "share-sent"];

    private static readonly string[] HubSteps = ["decision-stored", "run-stored", "chunk-stored", "roll-stored", "roll-sent", "end-stored"];

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
