using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Google.Protobuf;

namespace Consilience.Tests.World;

/// <summary>What a party answered: a statement with its bytes, or a signed refusal.</summary>
internal sealed record PartyAnswer(byte[]? Statement, byte[]? Bytes, RefusalStatement? Refusal)
{
    internal bool Gave => Bytes is not null;
}

/// <summary>The hub's end of an in-memory link to a real node, held by a test that may send whatever it likes.</summary>
internal sealed class HubEnd : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource stopping = new();
    private readonly LinkPair pair = LinkPair.Create();
    private readonly VerificationKey partyKey;
    private readonly Task serving;

    internal HubEnd(Func<Link<PartyFrame, HubFrame>, CancellationToken, Task> serve, VerificationKey partyKey)
    {
        this.partyKey = partyKey;
        serving = serve(pair.Party, stopping.Token);
    }

    /// <summary>Every frame the party ever sent on this link.</summary>
    internal List<PartyFrame> Received { get; } = [];

    internal async Task SendAsync(HubFrame frame)
    {
        using var patience = new CancellationTokenSource(Patience);
        await pair.Hub.Outgoing.WriteAsync(frame, patience.Token);
    }

    /// <summary>The next frame that is not a greeting.</summary>
    internal async Task<PartyFrame> NextAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var frame = await pair.Hub.Incoming.ReadAsync(patience.Token);
            Received.Add(frame);
            if (frame.FrameCase != PartyFrame.FrameOneofCase.Hello)
                return frame;
        }
    }

    /// <summary>The party's decision about a proposal.</summary>
    internal async Task<byte[]> ProposeAsync(Proposal proposal)
    {
        await SendAsync(new HubFrame { Proposal = new StudyProposal { Proposal = ByteString.CopyFrom(proposal.Envelope) } });
        return (await NextAsync()).Decision.ToByteArray();
    }

    /// <summary>Proposal, decision, agreement.</summary>
    internal async Task AgreeAsync(Agreement agreement)
    {
        await ProposeAsync(agreement.Proposal);
        await SendAsync(new HubFrame { Agreement = ByteString.CopyFrom(agreement.ToBytes()) });
    }

    internal Task<PartyAnswer> AskAsync(Signed<RequestStatement> request) => AskAsync(new HubFrame { Request = FrameOf(request) });

    internal Task<PartyAnswer> AskAsync(RollToOpen roll) => AskAsync(new HubFrame { Roll = roll });

    internal static RunRequest FrameOf(Signed<RequestStatement> request) => new()
    {
        Run = request.Statement.Run.ToString(),
        Round = (uint)request.Statement.Round,
        Statement = ByteString.CopyFrom(request.Envelope),
    };

    internal Task EndAsync(RunId run) => SendAsync(new HubFrame { Ended = new RunEnded { Run = run.ToString() } });

    /// <summary>Asks, and fetches the bytes announced from <paramref name="offset"/> on.</summary>
    internal async Task<PartyAnswer> AskAsync(HubFrame question, ulong offset = 0)
    {
        await SendAsync(question);
        return await AnswerAsync(offset);
    }

    /// <param name="offset">Of the first byte to fetch.</param>
    /// <param name="hand">Hands over what the party wants before it answers.</param>
    internal async Task<PartyAnswer> AnswerAsync(ulong offset = 0, Func<AttachmentWanted, Task>? hand = null)
    {
        var first = await NextAsync();
        for (; first.FrameCase == PartyFrame.FrameOneofCase.Wanted && hand is not null; first = await NextAsync())
            await hand(first.Wanted);
        return first.FrameCase switch
        {
            PartyFrame.FrameOneofCase.Contribution => new PartyAnswer(
                first.Contribution.Statement.ToByteArray(), await FetchAsync(first.Contribution.Transfer, first.Contribution.SizeInBytes, offset), null),
            PartyFrame.FrameOneofCase.Share => new PartyAnswer(
                first.Share.Statement.ToByteArray(), await FetchAsync(first.Share.Transfer, first.Share.SizeInBytes, offset), null),
            PartyFrame.FrameOneofCase.Refusal => new PartyAnswer(null, null,
                Signed<RefusalStatement>.TryOpen(first.Refusal.Statement.Span, partyKey, out var refusal) ? refusal.Statement : throw new InvalidOperationException("an unsigned refusal")),
            _ => throw new InvalidOperationException($"unexpected {first.FrameCase}"),
        };
    }

    internal async Task<byte[]> FetchAsync(string transfer, ulong size, ulong offset)
    {
        await SendAsync(new HubFrame { Resume = new Resume { Transfer = transfer, Offset = offset } });
        using var bytes = new MemoryStream();
        while (offset + (ulong)bytes.Length < size)
        {
            var chunk = (await NextAsync()).Chunk;
            Assert.Equal(transfer, chunk.Transfer);
            Assert.Equal(offset + (ulong)bytes.Length, chunk.Offset);
            bytes.Write(chunk.Data.Span);
        }

        return bytes.ToArray();
    }

    /// <summary>Waits until the party has ended the link by itself; everything it had sent is in <see cref="Received"/>.</summary>
    internal async Task UntilPartyIsGoneAsync()
    {
        await serving.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Assert.True(serving.IsCompleted);
        while (pair.Hub.Incoming.TryRead(out var frame))
            Received.Add(frame);
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stopping.Dispose();
    }
}
