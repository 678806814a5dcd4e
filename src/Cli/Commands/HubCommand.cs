using System.CommandLine;
using System.Net;
using Consilience.Cli.Hosting;
using Consilience.Hub;

namespace Consilience.Cli.Commands;

internal static class HubCommand
{
    /// <summary>The line a hub prints once it listens; the demonstration waits for it.</summary>
    internal const string Ready = "ready ";

    internal static Command Create() => new("hub", "Runs the hub: carries messages and adds what it cannot read.") { Run() };

    /// <summary>For programs started by another: they end when their parent does.</summary>
    internal static Option<bool> ChildOption() => new("--until-stdin-ends") { Description = "End when standard input ends.", Hidden = true };

    private static Command Run()
    {
        var keys = Shared.Keys();
        var consortium = Shared.Consortium();
        var data = new Option<string>("--data") { Description = "Folder of the hub's database.", Required = true };
        var listen = new Option<string>("--listen") { Description = "Address and port; port 0 takes a free one.", DefaultValueFactory = _ => "0.0.0.0:7443" };
        var child = ChildOption();
        var limits = new HubLimitOptions();
        var command = new Command("run", "Listens until stopped.\nExample: consilience hub run --keys keys --consortium consortium.json --data hub --listen 0.0.0.0:7443")
        {
            keys, consortium, data, listen, child,
        };
        limits.AddTo(command);
        return command.Does(async (result, cancellation) =>
        {
            if (!IPEndPoint.TryParse(result.GetRequiredValue(listen), out var address))
                throw new BadInputException($"--listen: '{result.GetRequiredValue(listen)}' (expected address:port, such as 0.0.0.0:7443)");
            using var logging = HostLifetime.Logging(result.GetValue(Shared.Json));
            using var told = HostLifetime.UntilTold(result.GetValue(child), cancellation);
            await using var host = await HubHost.StartAsync(
                new HubConfig { Keys = result.GetRequiredValue(keys), Consortium = result.GetRequiredValue(consortium), Data = result.GetRequiredValue(data), Listen = address, Limits = limits.Read(result) },
                TimeProvider.System, logging, HostLifetime.OnStep(), told.Token);
            Console.WriteLine($"{Ready}{host.Address}");
            await Task.Delay(Timeout.Infinite, told.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return ExitCode.Success;
        });
    }
}
