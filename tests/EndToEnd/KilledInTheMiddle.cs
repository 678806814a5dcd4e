using System.Collections.Concurrent;
using Consilience.Cli.Demo;
using Consilience.Hub;
using Consilience.KeyHolder;
using Consilience.Site;
using Consilience.Site.Ledger;

namespace Consilience.EndToEnd.Tests;

/// <summary>A network for each kind of victim, started when first needed.</summary>
public sealed class RestartingNetworks : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<RestartingNetwork>> networks = new(StringComparer.Ordinal);

    internal RestartingNetwork For(string victim) => networks.GetOrAdd(victim, _ => new Lazy<RestartingNetwork>(RestartingNetwork.Start)).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var network in networks.Values.Where(n => n.IsValueCreated))
            await network.Value.DisposeAsync();
    }
}

/// <summary>
/// SIGKILL at every step of a study and a run, in real processes: the study comes into force and the run is answered all the same, every site's contribution is in it, and every
/// site is charged exactly once.
/// </summary>
[Trait("speed", "slow")]
public sealed class KilledInTheMiddle(RestartingNetworks networks) : IClassFixture<RestartingNetworks>
{
    /// <summary>Not reached here: no site refuses, nothing is forgotten before 30 days, and nothing travels beside the question. The tests of hub and site stop there too.</summary>
    private static readonly string[] NotReached = ["hub.refusal-storing", "hub.refusal-stored", "hub.forgotten-storing", "hub.forgotten-stored", .. HubSteps.OfAttachments, .. SiteSteps.OfAttachments];

    public static TheoryData<string> Steps => [.. SiteSteps.All.Concat(KeyHolderSteps.All).Concat(HubSteps.All).Except(NotReached)];

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Nothing_is_lost_and_nothing_is_charged_twice(string step)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        var victim = step[..step.IndexOf('.', StringComparison.Ordinal)];
        var network = networks.For(victim);
        var killed = await network.ArmAsync(victim, victim == "hub" ? DemoFolder.Hub : "aster", step, limit.Token);
        var answer = await network.AskAsync(step, limit.Token);
        await killed();
        Assert.Equal(["aster", "birch", "cedar"], answer.Result.Sites.Answered.Select(s => s.ToString()));
        Assert.InRange(answer.Result.Groups.Sum(g => g.RawCount!.Value), 4028 - 100, 4028 + 100);
        foreach (var institution in DemoFolder.Institutions)
        {
            var ledger = network.LedgerOf(institution).Where(e => e.Run == answer.Result.Run).Select(e => (e.Kind, e.Charge));
            Assert.Equal([(LedgerEntryKind.Reserve, 500_000_000L), (LedgerEntryKind.Commit, 500_000_000L)], ledger);
        }
    }
}
