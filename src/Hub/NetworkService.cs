using System.Threading.Channels;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Grpc.Core;

namespace Consilience.Hub;

/// <summary>The hub over gRPC: finds out who calls, and hands over.</summary>
internal sealed class NetworkService(HubNetwork hub, Func<ConsortiumFile> consortia, TimeProvider clock) : Network.NetworkBase
{
    public override async Task Connect(IAsyncStreamReader<PartyFrame> requestStream, IServerStreamWriter<HubFrame> responseStream, ServerCallContext context)
    {
        var toParty = LinkPair.NewChannel<HubFrame>();
        var fromParty = LinkPair.NewChannel<PartyFrame>();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        var receiving = CopyAsync(requestStream, fromParty.Writer, ended.Token);
        var sending = SendAsync(toParty.Reader, responseStream, ended.Token);
        await GuardAsync(async () =>
        {
            try
            {
                await hub.ServeAsync(Caller(context), new Link<HubFrame, PartyFrame>(toParty.Writer, fromParty.Reader), ended.Token);
            }
            finally
            {
                await ended.CancelAsync();
                await Task.WhenAll(receiving, sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        });
    }

    public override Task<StudyState> Propose(ProposeRequest request, ServerCallContext context) =>
        GuardAsync(() => Task.FromResult(hub.Propose(Caller(context), request)));

    public override Task<ListStudiesReply> ListStudies(ListStudiesRequest request, ServerCallContext context) =>
        GuardAsync(() => Task.FromResult(hub.ListStudies(Caller(context))));

    public override Task Submit(SubmitRequest request, IServerStreamWriter<RunFrame> responseStream, ServerCallContext context) => GuardAsync(async () =>
    {
        await foreach (var frame in hub.SubmitAsync(Caller(context), request, context.CancellationToken))
            await responseStream.WriteAsync(frame, context.CancellationToken);
    });

    public override Task<AttachReply> Attach(IAsyncStreamReader<AttachmentChunk> requestStream, ServerCallContext context) =>
        GuardAsync(() => hub.AttachAsync(Caller(context), requestStream.ReadAllAsync(context.CancellationToken), context.CancellationToken));

    private NodeIdentity Caller(ServerCallContext context)
    {
        var reason = "no certificate";
        return context.GetHttpContext().Connection.ClientCertificate is { } certificate
            && NodeCertificate.TryValidate(certificate, consortia().Current, clock.GetUtcNow(), out var identity, out reason)
                ? identity
                : throw new RpcException(new Status(StatusCode.Unauthenticated, $"certificate: {reason}"));
    }

    private static Task GuardAsync(Func<Task> serve) => GuardAsync(async () =>
    {
        await serve();
        return true;
    });

    /// <summary>Refusals become words for the caller; nothing else does.</summary>
    private static async Task<T> GuardAsync<T>(Func<Task<T>> serve)
    {
        try
        {
            return await serve();
        }
        catch (HubRefusedException e)
        {
            throw new RpcException(new Status(StatusCode.FailedPrecondition, e.Message));
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException or IOException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "the connection ended"));
        }
    }

    private static async Task CopyAsync(IAsyncStreamReader<PartyFrame> stream, ChannelWriter<PartyFrame> frames, CancellationToken cancellation)
    {
        try
        {
            await foreach (var frame in stream.ReadAllAsync(cancellation))
                await frames.WriteAsync(frame, cancellation);
        }
        finally
        {
            frames.TryComplete();
        }
    }

    private static async Task SendAsync(ChannelReader<HubFrame> frames, IServerStreamWriter<HubFrame> stream, CancellationToken cancellation)
    {
        await foreach (var frame in frames.ReadAllAsync(cancellation))
            await stream.WriteAsync(frame, cancellation);
    }
}
