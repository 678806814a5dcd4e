using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Google.Protobuf;

namespace Consilience.Hub.Tests.World;

/// <summary>A site or key holder played by a test: it may send the real hub whatever it likes.</summary>
internal sealed class PartyEnd(string id, NodeRole role)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly LinkPair pair = LinkPair.Create();

    internal OrganisationId Organisation { get; } = Consortia.Id(id);

    internal NodeRole Role => role;

    /// <summary>The hub's end of the link, while it serves.</summary>
    internal Task Served { get; private set; } = Task.CompletedTask;

    internal Task ServedBy(HubNetwork hub, CancellationToken cancellation) =>
        Served = Task.Run(() => hub.ServeAsync(new NodeIdentity(Organisation, role, id), pair.Hub, cancellation), CancellationToken.None);

    internal Task GreetAsync(uint version = 1, Role? greeting = null) => SendAsync(new PartyFrame
    {
        Hello = new Hello { ProtocolVersion = version, Role = greeting ?? (role == NodeRole.Site ? Protocol.Wire.Role.Site : Protocol.Wire.Role.KeyHolder) },
    });

    internal async Task SendAsync(PartyFrame frame)
    {
        using var patience = new CancellationTokenSource(Patience);
        await pair.Party.Outgoing.WriteAsync(frame, patience.Token);
    }

    /// <summary>The next frame of one kind; others are passed over.</summary>
    internal async Task<HubFrame> NextAsync(HubFrame.FrameOneofCase kind)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var frame = await pair.Party.Incoming.ReadAsync(patience.Token);
            if (frame.FrameCase == kind)
                return frame;
        }
    }

    internal Task SendAsync(string transfer, ulong offset, ReadOnlyMemory<byte> data) =>
        SendAsync(new PartyFrame { Chunk = new Chunk { Transfer = transfer, Offset = offset, Data = ByteString.CopyFrom(data.Span) } });

    /// <summary>Ends the link, and waits until the hub has noticed.</summary>
    internal async Task LeaveAsync()
    {
        pair.Party.Outgoing.TryComplete();
        await Served.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
