using Consilience.Client;
using Consilience.Hub;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;

namespace Consilience.Cli.Simulate;

/// <summary>A researcher's way to a hub in the same process.</summary>
internal sealed class InMemoryHubConnection(HubNetwork hub, NodeIdentity researcher) : HubConnection
{
    public override Task<StudyState> ProposeAsync(ProposeRequest request, CancellationToken cancellation) => Task.FromResult(hub.Propose(researcher, request));

    public override Task<ListStudiesReply> ListStudiesAsync(CancellationToken cancellation) => Task.FromResult(hub.ListStudies(researcher));

    public override IAsyncEnumerable<RunFrame> SubmitAsync(SubmitRequest request, CancellationToken cancellation) => hub.SubmitAsync(researcher, request, cancellation);

    public override Task AttachAsync(IAsyncEnumerable<AttachmentChunk> chunks, CancellationToken cancellation) => hub.AttachAsync(researcher, chunks, cancellation);
}
