using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Consilience.Protocol.Identity;

namespace Consilience.Protocol.Wire;

/// <summary>TLS towards the hub: TLS 1.3, both ends with certificates of the consortium, and the other end must be its hub.</summary>
public static class HubTls
{
    /// <summary>An HTTP handler for a gRPC channel to the hub.</summary>
    /// <param name="own">The caller's certificate with its private key.</param>
    /// <param name="consortium">Read at every handshake, so that a newer version counts at once.</param>
    /// <param name="clock">For the certificate's dates.</param>
    public static SocketsHttpHandler Handler(X509Certificate2 own, Func<Consortium> consortium, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(own);
        ArgumentNullException.ThrowIfNull(consortium);
        ArgumentNullException.ThrowIfNull(clock);
        return new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = TimeSpan.FromSeconds(20),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(20),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            InitialHttp2StreamWindowSize = 4 * 1024 * 1024,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls13,
                ClientCertificates = [own],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => own,
                RemoteCertificateValidationCallback = (_, certificate, _, _) => IsHub(certificate, consortium(), clock),
            },
        };
    }

    private static bool IsHub(X509Certificate? certificate, Consortium consortium, TimeProvider clock) =>
        certificate is X509Certificate2 presented
        && NodeCertificate.TryValidate(presented, consortium, clock.GetUtcNow(), out var identity, out _)
        && identity.Role == NodeRole.Hub;
}
