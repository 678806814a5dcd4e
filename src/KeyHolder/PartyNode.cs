using System.Collections.Concurrent;
using System.Threading.Channels;
using Consilience.KeyHolder.Storage;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Consilience.KeyHolder;

/// <summary>
/// What a site and a key holder have in common on their link to the hub: saying who they are, deciding studies, keeping agreements, and sending long answers in chunks from
/// where the hub wants them. What differs is how a run's frames are answered.
/// </summary>
public abstract class PartyNode(PartyStudies studies, ILogger logger, Action<string>? onStep, string stepPrefix)
{
    private const int AtOnce = 4;
    private const int LargestBacklog = 256;
    private static readonly TimeSpan OperatorPoll = TimeSpan.FromSeconds(1);

    protected PartyStudies Studies { get; } = studies;

    protected ILogger Logger { get; } = logger;

    /// <summary>Serves one link until it ends or is cancelled. Every frame is answered independently; at most a few runs are computed at once.</summary>
    public async Task RunAsync(Link<PartyFrame, HubFrame> link, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(link);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var slots = new SemaphoreSlim(AtOnce);
        var sent = new ConcurrentDictionary<Digest, bool>();
        DropDrafts();
        var work = new List<Task>();
        try
        {
            await SendAsync(link, new PartyFrame { Hello = Hello() }, ended.Token);
            work.Add(SendDecisionsMadeByHandAsync(link, sent, ended.Token));
            await foreach (var frame in link.Incoming.ReadAllAsync(ended.Token))
            {
                work.RemoveAll(t => t.IsCompletedSuccessfully);
                if (work.Count > LargestBacklog)
                    await Task.WhenAny(work.Skip(1));
                if (frame.FrameCase is HubFrame.FrameOneofCase.Request or HubFrame.FrameOneofCase.Roll or HubFrame.FrameOneofCase.Resume)
                    work.Add(InBackgroundAsync(() => HandleRunAsync(link, frame, ended.Token), slots, ended));
                else if (frame.FrameCase != HubFrame.FrameOneofCase.Attachment)
                    await HandleStudyAsync(link, frame, sent, ended.Token);
                else if (Take(frame.Attachment) is { } request)
                    work.Add(InBackgroundAsync(() => HandleRunAsync(link, request, ended.Token), slots, ended));
            }
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            link.Outgoing.TryComplete();
        }
    }

    /// <summary>Answers a request or a roll.</summary>
    protected abstract Task AnswerAsync(Link<PartyFrame, HubFrame> link, HubFrame frame, CancellationToken cancellation);

    /// <summary>Takes a piece of an attachment; the request that waited for it and is to be answered now, if any.</summary>
    protected virtual HubFrame? Take(AttachmentChunk chunk) => null;

    /// <summary>The hub's greeting.</summary>
    protected virtual void Greeted(Welcome welcome)
    {
    }

    /// <summary>The next stored bytes of a transfer this party announced, at most <see cref="KeptBytes.PieceSize"/>; empty at the end, and when it keeps them no longer.</summary>
    protected abstract ReadOnlyMemory<byte> StoredBytes(string transfer, long offset);

    /// <summary>Drops what an earlier process did not live to finish. Called before a link is served, when nothing is under way.</summary>
    protected abstract void DropDrafts();

    /// <summary>The run is over: what was kept for repeating may go.</summary>
    protected abstract void Forget(RunId run, int round);

    protected async Task SendAsync(Link<PartyFrame, HubFrame> link, PartyFrame frame, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentNullException.ThrowIfNull(frame);
        var name = frame.FrameCase.ToString().ToLowerInvariant();
        Step($"{name}-sending");
        await link.Outgoing.WriteAsync(frame, cancellation);
        Step($"{name}-sent");
    }

    /// <summary>Tells a test where this party is.</summary>
    protected void Step(string name) => onStep?.Invoke($"{stepPrefix}.{name}");

    private Hello Hello() => new()
    {
        ProtocolVersion = 1,
        Role = Studies.Party.Role == NodeRole.Site ? Role.Site : Role.KeyHolder,
        Software = $"consilience {typeof(PartyNode).Assembly.GetName().Version}",
    };

    private async Task HandleRunAsync(Link<PartyFrame, HubFrame> link, HubFrame frame, CancellationToken cancellation)
    {
        if (frame.FrameCase != HubFrame.FrameOneofCase.Resume)
        {
            await AnswerAsync(link, frame, cancellation);
            return;
        }

        var (transfer, offset) = (frame.Resume.Transfer, (long)Math.Min(frame.Resume.Offset, long.MaxValue / 2));
        for (var bytes = StoredBytes(transfer, offset); !bytes.IsEmpty; bytes = StoredBytes(transfer, offset))
        {
            await SendAsync(link, new PartyFrame { Chunk = new Chunk { Transfer = transfer, Offset = (ulong)offset, Data = UnsafeByteOperations.UnsafeWrap(bytes) } }, cancellation);
            offset += bytes.Length;
        }
    }

    private async Task HandleStudyAsync(Link<PartyFrame, HubFrame> link, HubFrame frame, ConcurrentDictionary<Digest, bool> sent, CancellationToken cancellation)
    {
        switch (frame.FrameCase)
        {
            case HubFrame.FrameOneofCase.Welcome:
                Greeted(frame.Welcome);
                break;
            case HubFrame.FrameOneofCase.Proposal:
                Step("decision-storing");
                var decision = Studies.Receive(frame.Proposal.Proposal.Span, out var problem);
                Step("decision-stored");
                if (problem is not null)
                    Logger.LogWarning("proposal not taken: {Problem}", problem);
                if (decision is not null)
                {
                    sent[Signed<Protocol.Agreements.DecisionStatement>.PeekUnverified(decision)!.Agreement] = true;
                    await SendAsync(link, new PartyFrame { Decision = UnsafeByteOperations.UnsafeWrap(decision) }, cancellation);
                }

                break;
            case HubFrame.FrameOneofCase.Agreement:
                Step("agreement-storing");
                if (Studies.Accept(frame.Agreement.Span) is { } reason)
                    Logger.LogWarning("agreement not taken: {Reason}", reason);
                Step("agreement-stored");
                break;
            case HubFrame.FrameOneofCase.Ended when RunId.TryParse(frame.Ended.Run, null, out var run):
                Step("end-storing");
                Forget(run, (int)Math.Min(frame.Ended.Round, int.MaxValue));
                Step("end-stored");
                break;
        }
    }

    /// <summary>An operator's command writes its decision to the same database; it is sent from here.</summary>
    private async Task SendDecisionsMadeByHandAsync(Link<PartyFrame, HubFrame> link, ConcurrentDictionary<Digest, bool> sent, CancellationToken cancellation)
    {
        if (Studies.Party.Policy.DecidesAutomatically)
            return;
        using var timer = new PeriodicTimer(OperatorPoll);
        do
        {
            foreach (var (agreement, decision) in Studies.Decisions().Where(d => sent.TryAdd(d.Agreement, true)))
            {
                Logger.LogInformation("sending the decision about study {Agreement}", agreement.Short);
                await SendAsync(link, new PartyFrame { Decision = UnsafeByteOperations.UnsafeWrap(decision) }, cancellation);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }

    private async Task InBackgroundAsync(Func<Task> body, SemaphoreSlim slots, CancellationTokenSource ended)
    {
        await slots.WaitAsync(ended.Token);
        try
        {
            await Task.Run(body, ended.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException and not ChannelClosedException)
        {
            // The type says enough for the log; a message could quote what a library was working on. The link ends, and whatever is outstanding is asked for again
            // on the next one: a party that stayed on its link without answering would hold its runs up until their deadline.
            Logger.LogError("a run could not be served: {Fault}", e.GetType().Name);
            await ended.CancelAsync();
            throw;
        }
        finally
        {
            slots.Release();
        }
    }
}
