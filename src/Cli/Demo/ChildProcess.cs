using System.Diagnostics;

namespace Consilience.Cli.Demo;

/// <summary>A process of the network could not be started, or ended when it should not have.</summary>
internal sealed class PartyEndedException(string message) : Exception(message);

/// <summary>
/// A party's program, started from this very binary. It ends when its standard input does, which the operating system closes with this process, however that ends.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private readonly Process process;

    private ChildProcess(string name, string log, Process process)
    {
        Name = name;
        Log = log;
        this.process = process;
    }

    internal string Log { get; }

    internal string Name { get; }

    internal int Id => process.Id;

    /// <summary>Completes when the program has ended, wanted or not.</summary>
    internal Task Ended => process.WaitForExitAsync();

    /// <param name="name">For messages and the log's name.</param>
    /// <param name="log">Its standard error goes to this file.</param>
    internal static ChildProcess Start(string name, string log, params string[] arguments)
    {
        var program = Environment.ProcessPath ?? throw new PartyEndedException("the path of this program is not known");
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "consilience.dll"));
        foreach (var argument in arguments.Append("--until-stdin-ends"))
            start.ArgumentList.Add(argument);
        start.Environment["DOTNET_TieredCompilation"] = "1";
        var process = Process.Start(start) ?? throw new PartyEndedException($"{name}: could not be started");
        var writer = new StreamWriter(log, append: true) { AutoFlush = true };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
                writer.WriteLine(line.Data);
            else
                writer.Dispose();
        };
        process.BeginErrorReadLine();
        return new ChildProcess(name, log, process);
    }

    /// <summary>The rest of the first line of standard output that starts with <paramref name="prefix"/>.</summary>
    internal async Task<string> WaitForLineAsync(string prefix, CancellationToken cancellation)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            if (line.StartsWith(prefix, StringComparison.Ordinal))
                return line[prefix.Length..];
        }

        throw new PartyEndedException($"{Name}: ended before it was ready; its log says why");
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        using var grace = new CancellationTokenSource(Grace);
        try
        {
            await process.WaitForExitAsync(grace.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }
}
