using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Consilience.Cli.Hosting;

/// <summary>How a hosted program is told to stop, and where it logs: standard error, one line an event.</summary>
internal static class HostLifetime
{
    /// <summary>Names a step at which the process ends itself with SIGKILL: how the tests kill it in the middle of a run.</summary>
    private const string KillAt = "CONSILIENCE_KILL_AT";

    internal static ILoggerFactory Logging(bool json) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        _ = json ? builder.AddJsonConsole() : builder.AddSimpleConsole(o => o.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
    });

    /// <summary>Cancelled on SIGTERM, on SIGINT, and, for a child process, when its parent is gone: the parent holds the other end of standard input.</summary>
    internal static CancellationTokenSource UntilTold(bool untilStandardInputEnds, CancellationToken cancellation)
    {
        var told = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (untilStandardInputEnds)
        {
            _ = Task.Run(async () =>
            {
                await using var input = Console.OpenStandardInput();
                var buffer = new byte[1];
                while (await input.ReadAsync(buffer, CancellationToken.None) > 0)
                {
                }

                await told.CancelAsync();
            }, CancellationToken.None);
        }

        return told;
    }

    internal static Action<string>? OnStep()
    {
        if (Environment.GetEnvironmentVariable(KillAt) is not { Length: > 0 } wanted)
            return null;
        return step =>
        {
            if (step == wanted)
                _ = Kill(Environment.ProcessId, 9);
        };
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
