using Consilience.Hub.Tests.World;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Google.Protobuf;

namespace Consilience.Hub.Tests;

/// <summary>Chunks out of place, too long or of nothing, frames of garbage, greetings that are none: the sender is turned away, everyone else is served.</summary>
public sealed class BytesThatAreTurnedAway
{
    [Theory]
    [InlineData(8, 8, "a chunk has a wrong offset (expected 0, got 8)")]
    [InlineData(0, 0, "a chunk has a wrong size (expected 1 to 1048576 bytes, got 0)")]
    [InlineData(0, (1 << 20) + 1, "a chunk has a wrong size (expected 1 to 1048576 bytes, got 1048577)")]
    [InlineData(0, 24, "too many bytes (announced 16, got at least 24)")]
    [InlineData(ulong.MaxValue, 8, "a chunk has a wrong offset (expected 0, got 18446744073709551615)")]
    public async Task A_chunk_out_of_place_ends_the_senders_part_with_what_was_expected(ulong offset, int size, string said)
    {
        await using var network = WholeNetwork.Start(sites: WholeNetwork.ThreeSites[..2]);
        var cedar = await network.PlayAsync("cedar", NodeRole.Site);
        await network.AgreeAsync(cedar);
        var (running, contribution, _) = await network.AnnounceAsync(cedar);
        await cedar.SendAsync(contribution.Transfer, offset, new byte[size]);
        var seen = await running;
        var refusal = Assert.Single(seen.Refusals);
        Assert.Equal(RefusalCode.TransferInvalid, refusal.Code);
        Assert.Contains(said, refusal.Message, StringComparison.Ordinal);
        Assert.Equal([3, 3], seen.Open(network.World));
    }

    [Fact]
    public async Task Bytes_after_a_broken_link_go_on_where_they_stopped()
    {
        await using var network = WholeNetwork.Start(sites: WholeNetwork.ThreeSites[..2]);
        var cedar = await network.PlayAsync("cedar", NodeRole.Site);
        await network.AgreeAsync(cedar);
        var (running, contribution, bytes) = await network.AnnounceAsync(cedar);
        await cedar.SendAsync(contribution.Transfer, 0, bytes.AsMemory(0, 8));
        await cedar.LeaveAsync();

        var again = await network.PlayAsync("cedar", NodeRole.Site);
        await again.NextAsync(HubFrame.FrameOneofCase.Request);
        await again.SendAsync(new PartyFrame { Contribution = contribution });
        var resume = (await again.NextAsync(HubFrame.FrameOneofCase.Resume)).Resume;
        Assert.Equal((contribution.Transfer, 8UL), (resume.Transfer, resume.Offset));
        await again.SendAsync(contribution.Transfer, 8, bytes.AsMemory(8));
        var sum = (await running).Open(network.World);
        Assert.Equal([13, 23], sum);
    }

    [Fact]
    public async Task A_flood_of_chunks_of_no_transfer_closes_the_link()
    {
        await using var network = WholeNetwork.Start(new HubLimits { StrayChunks = 3 }, sites: WholeNetwork.ThreeSites[..2]);
        var cedar = await network.PlayAsync("cedar", NodeRole.Site);
        for (var i = 0; i < 4; i++)
            await cedar.SendAsync(Digest.Of([7]).ToString(), 0, new byte[8]);
        Assert.Same(cedar.Served, await Task.WhenAny(cedar.Served, Task.Delay(TimeSpan.FromSeconds(10))));
    }

    [Fact]
    public async Task Garbage_in_any_frame_is_passed_over_and_the_next_honest_frame_is_served()
    {
        await using var network = WholeNetwork.Start(sites: WholeNetwork.ThreeSites[..2]);
        var cedar = await network.PlayAsync("cedar", NodeRole.Site);
        await network.AgreeAsync(cedar);
        var garbage = ByteString.CopyFrom([0xff, 0x00, (byte)'{']);
        var frames = new[]
        {
            new PartyFrame(),
            new PartyFrame { Decision = garbage },
            new PartyFrame { Decision = ByteString.Empty },
            new PartyFrame { Refusal = new Protocol.Wire.Refusal { Run = "../../etc", Statement = garbage } },
            new PartyFrame { Contribution = new Contribution { Run = new string('a', 100_000), Statement = garbage, Transfer = "x", SizeInBytes = ulong.MaxValue } },
            new PartyFrame { Share = new Share { Run = "", Round = uint.MaxValue } },
            new PartyFrame { Chunk = new Chunk { Transfer = "\0", Offset = ulong.MaxValue } },
            new PartyFrame { Hello = new Hello { ProtocolVersion = 9 } },
        };
        foreach (var frame in frames)
            await cedar.SendAsync(frame);
        var (running, contribution, bytes) = await network.AnnounceAsync(cedar);
        await cedar.SendAsync(contribution.Transfer, 0, bytes);
        var sum = (await running).Open(network.World);
        Assert.Equal([13, 23], sum);
    }

    [Theory]
    [InlineData(2u, Role.Site)]
    [InlineData(1u, Role.KeyHolder)]
    [InlineData(1u, Role.Unspecified)]
    public async Task A_greeting_of_another_version_or_role_is_refused(uint version, Role role)
    {
        await using var network = WholeNetwork.Start();
        var end = new PartyEnd("cedar", NodeRole.Site);
        var serving = end.ServedBy(network.Hub, CancellationToken.None);
        await end.GreetAsync(version, role);
        await Assert.ThrowsAsync<HubRefusedException>(() => serving);
    }

    [Fact]
    public async Task A_researcher_cannot_take_a_partys_place()
    {
        await using var network = WholeNetwork.Start();
        var end = new PartyEnd("aster", NodeRole.Researcher);
        var serving = end.ServedBy(network.Hub, CancellationToken.None);
        await end.GreetAsync(greeting: Role.Site);
        await Assert.ThrowsAsync<HubRefusedException>(() => serving);
    }

    [Fact]
    public async Task A_link_that_never_greets_is_ended()
    {
        await using var network = WholeNetwork.Start(new HubLimits { HelloAllowance = TimeSpan.FromMilliseconds(50) });
        var end = new PartyEnd("cedar", NodeRole.Site);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => end.ServedBy(network.Hub, CancellationToken.None));
    }
}
