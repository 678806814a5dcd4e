using Consilience.Hub.Tests.World;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Google.Protobuf;

namespace Consilience.Hub.Tests;

/// <summary>Sites and key holders that do not come, go, or fall silent: the run goes on without them when the agreement allows, and names them either way.</summary>
public sealed class PartiesThatStayAway
{
    private static readonly HubLimits Short = new() { ClockInterval = TimeSpan.FromMilliseconds(10), AwayAllowance = TimeSpan.FromSeconds(30), SilentAllowance = TimeSpan.FromMinutes(5) };

    [Fact]
    public async Task A_site_that_left_is_named_and_the_others_are_summed()
    {
        await using var network = WholeNetwork.Start(Short, sites: WholeNetwork.ThreeSites[..2]);
        var cedar = await network.PlayAsync("cedar", NodeRole.Site);
        await network.AgreeAsync(cedar);
        await cedar.LeaveAsync();
        var seen = await AskAsync(network, wait: TimeSpan.FromSeconds(31));
        Assert.Equal(["cedar"], seen.Opening.Absent);
        Assert.Equal([3, 3], seen.Open(network.World));
    }

    [Fact]
    public async Task Too_few_sites_end_the_run_with_a_typed_failure_that_counts_them()
    {
        await using var network = WholeNetwork.Start(Short, sites: WholeNetwork.ThreeSites[..1]);
        var (birch, cedar) = (await network.PlayAsync("birch", NodeRole.Site), await network.PlayAsync("cedar", NodeRole.Site));
        await network.AgreeAsync(birch, cedar);
        foreach (var end in new[] { birch, cedar })
        {
            await end.LeaveAsync();
        }

        var failed = (await AskAsync(network, wait: TimeSpan.FromSeconds(31))).Failed;
        Assert.Equal("too-few-sites", failed.Code);
        Assert.Contains("minimum 2, answered 1, refused 0, absent 2", failed.Message, StringComparison.Ordinal);
        Assert.Equal(["birch", "cedar"], failed.Absent);
    }

    [Fact]
    public async Task A_silent_site_is_waited_for_until_its_allowance_is_spent()
    {
        await using var network = WholeNetwork.Start(Short, sites: WholeNetwork.ThreeSites[..2]);
        var cedar = await network.PlayAsync("cedar", NodeRole.Site);
        await network.AgreeAsync(cedar);
        var running = await network.SubmitUntilAnsweredAsync(network.Request(), sites: 2);
        network.World.Clock.Now += TimeSpan.FromMinutes(4);
        await Task.Delay(100);
        Assert.False(running.IsCompleted);
        network.World.Clock.Now += TimeSpan.FromMinutes(2);
        Assert.Equal(["cedar"], (await running).Opening.Absent);
    }

    [Fact]
    public async Task A_slow_site_that_keeps_sending_is_not_cut_off()
    {
        await using var network = WholeNetwork.Start(Short, sites: WholeNetwork.ThreeSites[..2]);
        var cedar = await network.PlayAsync("cedar", NodeRole.Site);
        await network.AgreeAsync(cedar);
        var (running, contribution, bytes) = await network.AnnounceAsync(cedar);
        for (var at = 0; at < bytes.Length; at += 2)
        {
            // Four minutes for two bytes: never silent for five, and longer than that in all.
            network.World.Clock.Now += TimeSpan.FromMinutes(4);
            await cedar.SendAsync(contribution.Transfer, (ulong)at, bytes.AsMemory(at, 2));
            await Task.Delay(50);
        }

        var sum = (await running).Open(network.World);
        Assert.Equal([13, 23], sum);
    }

    [Fact]
    public async Task A_key_holder_that_is_away_ends_the_run_and_the_same_request_opens_the_same_roll_later()
    {
        await using var network = WholeNetwork.Start(Short, sites: WholeNetwork.ThreeSites);
        await network.AgreeAsync();

        // The test takes birch's place as key holder, says nothing, and leaves.
        var silent = await network.PlayAsync("birch", NodeRole.KeyHolder);
        var request = network.Request();
        var running = network.SubmitAsync(request);
        var shown = (await silent.NextAsync(HubFrame.FrameOneofCase.Roll)).Roll;
        await silent.LeaveAsync();
        network.World.Clock.Now += TimeSpan.FromSeconds(31);
        var failed = (await running).Failed;
        Assert.Equal("party-absent", failed.Code);
        Assert.Contains("key holder birch", failed.Message, StringComparison.Ordinal);

        network.Redial("birch", NodeRole.KeyHolder);
        var seen = await network.SubmitAsync(request);
        Assert.Equal(shown.Roll, seen.Opening.Roll);
        Assert.Equal([3, 6], seen.Open(network.World));
    }

    [Fact]
    public async Task A_key_holder_that_refuses_ends_the_run_with_its_reason()
    {
        await using var network = WholeNetwork.Start(Short, sites: WholeNetwork.ThreeSites);
        await network.AgreeAsync();
        var birch = await network.PlayAsync("birch", NodeRole.KeyHolder);
        var request = network.Request();
        var running = network.SubmitAsync(request);
        await birch.NextAsync(HubFrame.FrameOneofCase.Roll);
        var refusal = Signed<RefusalStatement>.By(network.World.KeysOf("birch").Signing, new RefusalStatement
        {
            Run = request.Statement.Run, Round = 0, Request = request.Digest, Party = Consortia.Id("birch"), Code = RefusalCode.PolicyForbids, Message = "not today",
        });
        await birch.SendAsync(new PartyFrame { Refusal = new Protocol.Wire.Refusal { Run = request.Statement.Run.ToString(), Statement = ByteString.CopyFrom(refusal.Envelope) } });
        var failed = (await running).Failed;
        Assert.Equal("policy-forbids", failed.Code);
        Assert.EndsWith("key holder birch did not open the roll: not today", failed.Message, StringComparison.Ordinal);
    }

    private static async Task<SeenRun> AskAsync(WholeNetwork network, TimeSpan wait)
    {
        var running = network.SubmitAsync(network.Request());
        await Task.Delay(200);
        network.World.Clock.Now += wait;
        return await running;
    }
}
