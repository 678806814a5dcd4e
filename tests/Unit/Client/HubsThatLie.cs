using Consilience.Client.Analyse;
using Consilience.Client.Tests.World;
using Consilience.Protocol.Wire;
using Google.Protobuf;
using Grpc.Core;

namespace Consilience.Client.Tests;

/// <summary>A hub that changes what it hands to the researcher gets no result shown; a connection that breaks loses nothing.</summary>
public sealed class HubsThatLie
{
    public static TheoryData<string> Lies => [.. Lie.Keys];

    private static readonly Dictionary<string, Func<RunFrame, RunFrame>> Lie = new(StringComparer.Ordinal)
    {
        ["a bit of any bytes"] = f => With(f, RunFrame.FrameOneofCase.Chunk, x => x.Chunk.Data = Flip(x.Chunk.Data)),
        ["bytes out of order"] = f => With(f, RunFrame.FrameOneofCase.Chunk, x => x.Chunk.Offset += 8),
        ["bytes of no transfer"] = f => With(f, RunFrame.FrameOneofCase.Chunk, x => x.Chunk.Transfer = "nothing"),
        ["too many bytes"] = f => With(f, RunFrame.FrameOneofCase.Chunk, x => x.Chunk.Data = ByteString.CopyFrom(new byte[100_000])),
        ["a huge masked sum"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.MaskedSumSize = 1UL << 40),
        ["a huge share"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.Shares[0].SizeInBytes = 1UL << 40),
        ["a share left out"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.Shares.RemoveAt(0)),
        ["a share twice"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.Shares[0] = x.Opening.Shares[1].Clone()),
        ["a share statement of garbage"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.Shares[0].Statement = ByteString.CopyFromUtf8("{}")),
        ["a roll of garbage"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.Roll = ByteString.CopyFromUtf8("{}")),
        ["a roll's signature"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.Roll = Flip(x.Opening.Roll)),
        ["a contribution left out"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.Contributions.RemoveAt(0)),
        ["a contribution changed"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.Contributions[0] = Flip(x.Opening.Contributions[0])),
        ["an answering site called absent"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.Absent.Add("aster")),
        ["an absent site of no such name"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.Absent.Add("../..")),
        ["a refusal of garbage"] = f => With(f, RunFrame.FrameOneofCase.Opening, x => x.Opening.Refusals.Add(ByteString.CopyFromUtf8("{}"))),
        ["complete before all has come"] = f => f.FrameCase == RunFrame.FrameOneofCase.Chunk ? new RunFrame { Complete = new RunComplete() } : f,
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task No_result_is_shown_for_a_lie(string what)
    {
        await using var desk = await Desk.OpenAsync();
        var told = false;
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => desk.AskAsync(alter: f =>
        {
            var changed = Lie[what](f.Clone());
            told |= !changed.Equals(f);
            return changed;
        }));
        Assert.True(told);
        Assert.DoesNotContain("Exception", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_is_told_with_its_code_and_the_refusals()
    {
        await using var desk = await Desk.OpenAsync();
        var failure = await Assert.ThrowsAsync<AskFailedException>(() => desk.AskAsync(Desk.ByStage with { Cohort = "age > 100" }));
        Assert.Equal(Protocol.Analyse.RefusalCode.TooFewSites, failure.Code);
        Assert.Equal([.. Enumerable.Repeat(Protocol.Analyse.RefusalCode.TooFewPersons, 3)], failure.Refusals.Select(r => r.Code));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(8)]
    public async Task A_connection_that_breaks_is_taken_up_where_it_broke(int frames)
    {
        await using var desk = await Desk.OpenAsync();
        var (seen, broken) = (0, false);
        var answer = await desk.AskAsync(alter: f =>
        {
            if (++seen <= frames || broken)
                return f;
            broken = true;
            throw Desk.Broken();
        });
        Assert.True(broken);
        Assert.Equal([3, 6], answer.Result.Groups.Select(g => g.Count));
    }

    [Fact]
    public async Task A_hub_that_turns_the_caller_away_is_not_asked_again()
    {
        await using var desk = await Desk.OpenAsync();
        var calls = 0;
        await Assert.ThrowsAsync<RpcException>(() => desk.AskAsync(alter: _ =>
        {
            calls++;
            throw new RpcException(new Status(StatusCode.Unauthenticated, "certificate: expired"));
        }));
        Assert.Equal(1, calls);
    }

    private static RunFrame With(RunFrame frame, RunFrame.FrameOneofCase kind, Action<RunFrame> change)
    {
        if (frame.FrameCase == kind)
            change(frame);
        return frame;
    }

    private static ByteString Flip(ByteString bytes)
    {
        var changed = bytes.ToByteArray();
        changed[changed.Length / 2] ^= 1;
        return ByteString.CopyFrom(changed);
    }
}
