using System.Collections.Concurrent;
using System.Threading.Channels;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Google.Protobuf;

namespace Consilience.Hub.Tests.World;

/// <summary>Stands between every party and the hub: keeps all that passes, in clear, as the hub sees it, and may send parties what a lying hub would.</summary>
internal sealed class Wiretap
{
    private readonly ConcurrentQueue<IMessage> frames = new();
    private readonly ConcurrentDictionary<NodeIdentity, ChannelWriter<HubFrame>> toParties = new();

    /// <summary>What becomes of each frame on its way to a party.</summary>
    internal Func<NodeIdentity, HubFrame, HubFrame> ToParty { get; set; } = (_, frame) => frame;

    /// <summary>Every frame so far, and whatever else was kept.</summary>
    internal IReadOnlyList<IMessage> Frames => [.. frames];

    internal void Keep(IMessage frame) => frames.Enqueue(frame);

    /// <summary>Sends a frame to a party that the hub never sent.</summary>
    internal ValueTask InjectAsync(NodeIdentity party, HubFrame frame) => toParties[party].WriteAsync(frame);

    /// <summary>The end of a link that a party is to hold in place of <paramref name="near"/>.</summary>
    internal Link<PartyFrame, HubFrame> Before(NodeIdentity party, Link<PartyFrame, HubFrame> near)
    {
        var far = LinkPair.Create();
        toParties[party] = far.Hub.Outgoing;
        _ = Task.Run(() => PumpAsync(far.Hub.Incoming, near.Outgoing, frame => frame));
        _ = Task.Run(() => PumpAsync(near.Incoming, far.Hub.Outgoing, frame => ToParty(party, frame)));
        return far.Party;
    }

    private async Task PumpAsync<T>(ChannelReader<T> from, ChannelWriter<T> to, Func<T, T> alter)
        where T : IMessage
    {
        try
        {
            await foreach (var frame in from.ReadAllAsync())
            {
                frames.Enqueue(frame);
                await to.WriteAsync(alter(frame));
            }
        }
        catch (ChannelClosedException)
        {
            // The other end is gone, and so is this one then.
        }

        to.TryComplete();
    }
}
