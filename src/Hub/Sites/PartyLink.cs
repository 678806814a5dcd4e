using System.Threading.Channels;
using Consilience.Hub.Analyse;
using Consilience.Protocol.Wire;

namespace Consilience.Hub.Sites;

/// <summary>
/// A connected party. Frames are queued without waiting, so that a slow party never holds a decision up; one that falls too far behind is disconnected and gets
/// everything outstanding when it comes back.
/// </summary>
internal sealed class PartyLink(PartyId party, long number, HubLimits limits, CancellationTokenSource closing)
{
    private readonly Channel<Func<HubFrame?>> waiting =
        Channel.CreateBounded<Func<HubFrame?>>(new BoundedChannelOptions(limits.FramesWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    internal PartyId Party => party;

    internal long Number => number;

    /// <summary>Chunks received that belong to no transfer under way.</summary>
    internal int StrayChunks { get; set; }

    internal void Send(HubFrame frame) => Send(() => frame);

    /// <summary>A frame that is made when its turn comes, because it is long; null when there is nothing to send any more.</summary>
    internal void Send(Func<HubFrame?> frame)
    {
        if (!waiting.Writer.TryWrite(frame))
            Close();
    }

    internal void Close() => closing.Cancel();

    /// <summary>Moves queued frames to the wire until the link is closed.</summary>
    internal async Task PumpAsync(ChannelWriter<HubFrame> wire, CancellationToken cancellation)
    {
        await foreach (var frame in waiting.Reader.ReadAllAsync(cancellation))
        {
            if (frame() is { } made)
                await wire.WriteAsync(made, cancellation);
        }
    }
}
