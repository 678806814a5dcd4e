using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Consilience.Arithmetic;
using Consilience.Protocol.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Consilience.Hub;

/// <summary>What a hub is started with.</summary>
public sealed record HubConfig
{
    public required string Keys { get; init; }

    public required string Consortium { get; init; }

    public required string Data { get; init; }

    /// <summary>Port 0 takes a free one.</summary>
    public required IPEndPoint Listen { get; init; }

    public HubLimits Limits { get; init; } = new();
}

/// <summary>The hub's program: Kestrel with HTTP/2 over TLS 1.3, where a caller without a certificate of the consortium does not get past the handshake.</summary>
public sealed class HubHost : IAsyncDisposable
{
    private static readonly TimeSpan CertificateLifetime = TimeSpan.FromDays(365);

    private readonly WebApplication application;
    private readonly HubNetwork network;
    private readonly KeyFolder keys;
    private readonly X509Certificate2 certificate;

    private HubHost(WebApplication application, HubNetwork network, KeyFolder keys, X509Certificate2 certificate)
    {
        this.application = application;
        this.network = network;
        this.keys = keys;
        this.certificate = certificate;
    }

    /// <summary>Where it listens, with the actual port.</summary>
    public Uri Address { get; private set; } = new("https://localhost");

    /// <exception cref="KeyFolderException">The keys are not those of the consortium's hub.</exception>
    public static async Task<HubHost> StartAsync(HubConfig config, TimeProvider clock, ILoggerFactory logging, Action<string>? onStep, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(logging);
        var consortium = ConsortiumFile.Parse(await File.ReadAllBytesAsync(config.Consortium, cancellation));
        var member = consortium.Current.Hub;
        var keys = KeyFolder.Open(config.Keys);
        if (!keys.Signing.Public.Equals(member.SigningKey))
            throw new KeyFolderException($"{config.Keys}: not the keys the consortium lists for hub {member.Id}; name the right folder");
        Directory.CreateDirectory(config.Data);
        var certificate = NodeCertificate.Issue(new NodeIdentity(member.Id, NodeRole.Hub, member.Id.ToString()), keys.Signing, clock.GetUtcNow(), CertificateLifetime, RandomBytes.OperatingSystem);
        var network = new HubNetwork(Path.Combine(config.Data, "hub.db"), keys.Signing, () => consortium, config.Limits, clock, logging.CreateLogger("hub"), onStep);
        var application = Build(config, network, consortium, certificate, clock, logging);
        await application.StartAsync(cancellation);
        return new HubHost(application, network, keys, certificate) { Address = new Uri(application.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        network.Dispose();
        await application.DisposeAsync();
        certificate.Dispose();
        keys.Dispose();
    }

    private static WebApplication Build(HubConfig config, HubNetwork network, ConsortiumFile consortium, X509Certificate2 certificate, TimeProvider clock, ILoggerFactory logging)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(logging);
        builder.Services.AddSingleton(new NetworkService(network, () => consortium, clock));
        builder.Services.AddGrpc(o => o.MaxReceiveMessageSize = 8 * 1024 * 1024);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(20);
            kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
            kestrel.Limits.Http2.InitialStreamWindowSize = 4 * 1024 * 1024;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 8 * 1024 * 1024;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(config.Listen, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.SslProtocols = SslProtocols.Tls13;
                    https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                    https.ClientCertificateValidation = (presented, _, _) => NodeCertificate.TryValidate(presented, consortium.Current, clock.GetUtcNow(), out _, out _);
                });
            });
        });
        var application = builder.Build();
        application.MapGrpcService<NetworkService>();
        return application;
    }
}
