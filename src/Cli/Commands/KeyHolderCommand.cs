using System.CommandLine;
using Consilience.Cli.Hosting;
using Consilience.KeyHolder;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Consilience.Cli.Commands;

internal static class KeyHolderCommand
{
    private const string Database = "keyholder.db";

    internal static Command Create()
    {
        var command = new Command("keyholder", "Runs a key holder: opens sums, one roll per run, with noise; nothing else.") { Run() };
        foreach (var verb in PartyOptions.Operator("keyholder", Open))
            command.Subcommands.Add(verb);
        return command;
    }

    private static Command Run()
    {
        var options = new PartyOptions();
        var hub = Shared.Hub();
        var child = HubCommand.ChildOption();
        var command = new Command("run", "Dials the hub and serves until stopped.\nExample: consilience keyholder run --organisation aster --keys keys --consortium consortium.json --policy policy.yaml --data keyholder --hub https://hub:7443") { hub, child };
        options.AddTo(command);
        return command.Does(async (result, cancellation) =>
        {
            var config = options.Read(result, result.GetRequiredValue(hub));
            using var logging = HostLifetime.Logging(result.GetValue(Shared.Json));
            using var told = HostLifetime.UntilTold(result.GetValue(child), cancellation);
            using var host = Host(config, logging);
            await host.RunAsync(told.Token);
            return ExitCode.Success;
        });
    }

    /// <summary>A key holder that serves, by itself or beside the site of its organisation.</summary>
    internal static KeyHolderHost Host(PartyConfig config, ILoggerFactory logging) =>
        new(config.Load(NodeRole.KeyHolder), Path.Combine(config.Data, Database), config.Hub, TimeProvider.System, logging.CreateLogger("keyholder"), HostLifetime.OnStep());

    private static PartyStudies Open(PartyConfig config) =>
        new KeyHolderHost(config.Load(NodeRole.KeyHolder), Path.Combine(config.Data, Database), null, TimeProvider.System, NullLogger.Instance).Studies;
}
