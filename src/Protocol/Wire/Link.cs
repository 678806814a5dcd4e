using System.Threading.Channels;

namespace Consilience.Protocol.Wire;

/// <summary>
/// One end of a conversation: what this end sends, and what it receives. A link is over when its incoming side completes; completing the outgoing side
/// tells the other end that nothing more will come. Both channels are bounded, so a slow reader holds a fast writer back.
/// </summary>
public sealed record Link<TSend, TReceive>(ChannelWriter<TSend> Outgoing, ChannelReader<TReceive> Incoming);

/// <summary>The two ends of one in-memory link between a party (site or key holder) and the hub.</summary>
/// <param name="Party">The end a site or key holder holds.</param>
/// <param name="Hub">The end the hub holds.</param>
public sealed record LinkPair(Link<PartyFrame, HubFrame> Party, Link<HubFrame, PartyFrame> Hub)
{
    /// <summary>Frames that may wait in one direction. A frame holds at most one chunk of 1 MiB, so this bounds memory too.</summary>
    public const int Capacity = 16;

    public static LinkPair Create()
    {
        var toHub = NewChannel<PartyFrame>();
        var toParty = NewChannel<HubFrame>();
        return new LinkPair(
            new Link<PartyFrame, HubFrame>(toHub.Writer, toParty.Reader),
            new Link<HubFrame, PartyFrame>(toParty.Writer, toHub.Reader));
    }

    /// <summary>A bounded channel as links use it; writers wait when it is full.</summary>
    public static Channel<T> NewChannel<T>() =>
        Channel.CreateBounded<T>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, AllowSynchronousContinuations = false });
}
