using Consilience.Arithmetic;
using Consilience.Protocol.Identity;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Logging;

namespace Consilience.Protocol.Wire;

/// <summary>
/// Keeps a site or key holder connected: dials the hub over mutual TLS with a fresh certificate, serves the stream, and dials again with exponential back-off and jitter
/// when it breaks. Only ever dials out.
/// </summary>
public sealed class HubDialler(Uri hub, NodeIdentity identity, SigningKey key, Func<ConsortiumFile> consortia, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CertificateLifetime = TimeSpan.FromDays(7);

    /// <summary>Until cancelled: dial, serve, dial again.</summary>
    public async Task RunAsync(Func<Link<PartyFrame, HubFrame>, CancellationToken, Task> serve, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(serve);
        var wait = First;
        while (!cancellation.IsCancellationRequested)
        {
            var started = clock.GetTimestamp();
            try
            {
                await DialAsync(serve, cancellation);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                // Whatever it was (a full disk, a consortium file half written), the next attempt starts afresh; a node that stopped would need a person.
                logger.LogWarning("connection to the hub ended: {Reason}", e is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : e.GetType().Name);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            // A connection that held for a while was a good one: begin again with short waits.
            wait = clock.GetElapsedTime(started) > Held ? First : wait;
            await Task.Delay(Jittered(wait), clock, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait * 2 < Longest ? wait * 2 : Longest;
        }
    }

    private async Task DialAsync(Func<Link<PartyFrame, HubFrame>, CancellationToken, Task> serve, CancellationToken cancellation)
    {
        using var certificate = NodeCertificate.Issue(identity, key, clock.GetUtcNow(), CertificateLifetime, RandomBytes.OperatingSystem);
        using var channel = GrpcChannel.ForAddress(hub, new GrpcChannelOptions
        {
            HttpHandler = HubTls.Handler(certificate, () => consortia().Current, clock),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = 64 * 1024 * 1024,
            MaxSendMessageSize = 64 * 1024 * 1024,
        });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var call = new Network.NetworkClient(channel).Connect(cancellationToken: ended.Token);
        var toHub = LinkPair.NewChannel<PartyFrame>();
        var fromHub = LinkPair.NewChannel<HubFrame>();
        var sending = SendAsync(toHub.Reader, call.RequestStream, ended.Token);
        var receiving = ReceiveAsync(call.ResponseStream, fromHub.Writer, ended.Token);
        try
        {
            await serve(new Link<PartyFrame, HubFrame>(toHub.Writer, fromHub.Reader), ended.Token);
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(sending, receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task SendAsync(System.Threading.Channels.ChannelReader<PartyFrame> frames, IClientStreamWriter<PartyFrame> stream, CancellationToken cancellation)
    {
        await foreach (var frame in frames.ReadAllAsync(cancellation))
            await stream.WriteAsync(frame, cancellation);
        await stream.CompleteAsync();
    }

    private static async Task ReceiveAsync(IAsyncStreamReader<HubFrame> stream, System.Threading.Channels.ChannelWriter<HubFrame> frames, CancellationToken cancellation)
    {
        Exception? fault = null;
        try
        {
            await foreach (var frame in stream.ReadAllAsync(cancellation))
                await frames.WriteAsync(frame, cancellation);
        }
        catch (Exception e)
        {
            fault = e;
        }

        frames.TryComplete(fault);
    }

    private static TimeSpan Jittered(TimeSpan wait)
    {
        Span<byte> random = stackalloc byte[1];
        RandomBytes.OperatingSystem.Fill(random);
        return wait * (0.75 + (random[0] / 512.0));
    }
}
