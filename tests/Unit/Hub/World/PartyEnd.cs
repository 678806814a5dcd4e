using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Google.Protobuf;

namespace Consilience.Hub.Tests.World;

/// <summary>A site or key holder played by a test: it may send the real hub whatever it likes.</summary>
internal sealed class PartyEnd
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly NodeIdentity identity;
    private readonly LinkPair pair = LinkPair.Create();
    private readonly Link<PartyFrame, HubFrame> held;

    internal PartyEnd(string id, NodeRole role, Wiretap? tap = null)
    {
        identity = new NodeIdentity(Consortia.Id(id), role, id);
        held = tap?.Before(identity, pair.Party) ?? pair.Party;
    }

    internal OrganisationId Organisation => identity.Organisation;

    internal NodeRole Role => identity.Role;

    /// <summary>The hub's end of the link, while it serves.</summary>
    internal Task Served { get; private set; } = Task.CompletedTask;

    internal Task ServedBy(HubNetwork hub, CancellationToken cancellation) =>
        Served = Task.Run(() => hub.ServeAsync(identity, pair.Hub, cancellation), CancellationToken.None);

    internal Task GreetAsync(uint version = 1, Role? greeting = null) => SendAsync(new PartyFrame
    {
        Hello = new Hello { ProtocolVersion = version, Role = greeting ?? (Role == NodeRole.Site ? Protocol.Wire.Role.Site : Protocol.Wire.Role.KeyHolder) },
    });

    internal async Task SendAsync(PartyFrame frame)
    {
        using var patience = new CancellationTokenSource(Patience);
        await held.Outgoing.WriteAsync(frame, patience.Token);
    }

    /// <summary>The next frame of one kind; others are passed over.</summary>
    internal async Task<HubFrame> NextAsync(HubFrame.FrameOneofCase kind)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var frame = await held.Incoming.ReadAsync(patience.Token);
            if (frame.FrameCase == kind)
                return frame;
        }
    }

    internal Task SendAsync(string transfer, ulong offset, ReadOnlyMemory<byte> data) =>
        SendAsync(new PartyFrame { Chunk = new Chunk { Transfer = transfer, Offset = offset, Data = ByteString.CopyFrom(data.Span) } });

    /// <summary>Answers the next request with these values, as a site's software does or, unmasked, as it must not.</summary>
    internal async Task ContributeAsync(Consortia world, Agreement agreement, long[] values, bool isMasked = true)
    {
        var asked = await NextAsync(HubFrame.FrameOneofCase.Request);
        var researcher = agreement.Proposal.FindResearcher(Consortia.Researcher)!;
        Assert.True(Signed<RequestStatement>.TryOpen(asked.Request.Statement.Span, researcher.SigningKey, out var request));
        var made = world.Contribute(agreement, request, Organisation.ToString(), values);
        var bytes = isMasked ? made.Masked : [.. values.SelectMany(v => BitConverter.GetBytes((int)v))];
        var statement = Signed<ContributionStatement>.By(world.KeysOf(Organisation.ToString()).Signing, made.Signed.Statement with { MaskedVector = Digest.Of(bytes) });
        var transfer = Digest.Of(bytes).ToString();
        await SendAsync(new PartyFrame { Contribution = new Contribution { Run = asked.Request.Run, Statement = ByteString.CopyFrom(statement.Envelope), Transfer = transfer, SizeInBytes = (ulong)bytes.Length } });
        await NextAsync(HubFrame.FrameOneofCase.Resume);
        await SendAsync(transfer, 0, bytes);
    }

    /// <summary>Ends the link, and waits until the hub has noticed.</summary>
    internal async Task LeaveAsync()
    {
        held.Outgoing.TryComplete();
        await Served.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
