using Consilience.Protocol.Wire;
using Grpc.Core;
using Grpc.Net.Client;

namespace Consilience.Client;

/// <summary>A researcher's way to the hub: gRPC over mutual TLS, or in memory inside a simulation.</summary>
public abstract class HubConnection : IDisposable
{
    public abstract Task<StudyState> ProposeAsync(ProposeRequest request, CancellationToken cancellation);

    public abstract Task<ListStudiesReply> ListStudiesAsync(CancellationToken cancellation);

    public abstract IAsyncEnumerable<RunFrame> SubmitAsync(SubmitRequest request, CancellationToken cancellation);

    /// <summary>Hands over what a submitted request names as its attachment.</summary>
    public abstract Task AttachAsync(IAsyncEnumerable<AttachmentChunk> chunks, CancellationToken cancellation);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>The connection over the network.</summary>
/// <param name="address">For example <c>https://hub.example.org:7443</c>.</param>
/// <param name="handler">Made by <see cref="HubTls.Handler"/>.</param>
public sealed class GrpcHubConnection(Uri address, SocketsHttpHandler handler) : HubConnection
{
    private readonly GrpcChannel channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        HttpHandler = handler, DisposeHttpClient = true, MaxReceiveMessageSize = 64 * 1024 * 1024, MaxSendMessageSize = 64 * 1024 * 1024,
    });

    private Network.NetworkClient Network => new(channel);

    public override async Task<StudyState> ProposeAsync(ProposeRequest request, CancellationToken cancellation) =>
        await Network.ProposeAsync(request, cancellationToken: cancellation);

    public override async Task<ListStudiesReply> ListStudiesAsync(CancellationToken cancellation) =>
        await Network.ListStudiesAsync(new ListStudiesRequest(), cancellationToken: cancellation);

    public override async IAsyncEnumerable<RunFrame> SubmitAsync(
        SubmitRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var call = Network.Submit(request, cancellationToken: cancellation);
        await foreach (var frame in call.ResponseStream.ReadAllAsync(cancellation))
            yield return frame;
    }

    public override async Task AttachAsync(IAsyncEnumerable<AttachmentChunk> chunks, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        using var call = Network.Attach(cancellationToken: cancellation);
        await foreach (var chunk in chunks.WithCancellation(cancellation))
            await call.RequestStream.WriteAsync(chunk, cancellation);
        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            channel.Dispose();
        base.Dispose(disposing);
    }
}
