using System.Net;
using System.Net.Sockets;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;

namespace Consilience.KeyHolder.Tests;

/// <summary>A party whose hub is away keeps dialling, with growing waits, until it is told to stop.</summary>
public sealed class DiallingAgain
{
    [Fact]
    public async Task A_hub_that_is_away_is_dialled_again_with_growing_waits_until_cancelled()
    {
        using var world = new Consortia();

        // A listener that hangs up on everyone stands for a hub that is restarting.
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        var hangingUp = Task.Run(async () =>
        {
            while (true)
                (await listener.AcceptTcpClientAsync(stop.Token)).Dispose();
        });

        var logger = new HeardLogger();
        var dialler = new HubDialler(
            new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), new NodeIdentity(Consortia.Id("aster"), NodeRole.KeyHolder, "aster"),
            world.KeysOf("aster").Signing, () => world.File, TimeProvider.System, logger);
        var started = TimeProvider.System.GetTimestamp();
        var dialling = dialler.RunAsync(async (link, cancellation) => await link.Incoming.WaitToReadAsync(cancellation), stop.Token);
        while (logger.Text.Split("connection to the hub ended").Length - 1 < 4)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, stop.Token).WaitAsync(TimeSpan.FromSeconds(60));

        // Waits double from 0.1 s, each between three and five quarters of it: three of them lie between the first and the fourth attempt.
        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(0.5));
        await stop.CancelAsync();
        await dialling.WaitAsync(TimeSpan.FromSeconds(60));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hangingUp);
    }
}
