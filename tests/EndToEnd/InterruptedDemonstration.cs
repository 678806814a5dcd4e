using System.Diagnostics;
using System.Globalization;
using Consilience.Tests;

namespace Consilience.EndToEnd.Tests;

/// <summary>The demonstration interrupted at its beginning and in its middle: it ends at once, says so by its exit code, and leaves no process.</summary>
[Trait("speed", "slow")]
public sealed class InterruptedDemonstration : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("consilience-interrupted-").FullName;

    [Theory]
    [InlineData("INT", "consortium")]
    [InlineData("INT", "network")]
    [InlineData("INT", "asking")]
    [InlineData("TERM", "asking")]
    public async Task Nothing_is_left(string signal, string after)
    {
        using var demo = CommandLine.Start("demo", "--out", folder);
        var errors = demo.StandardError.ReadToEndAsync();
        while (await demo.StandardOutput.ReadLineAsync() is { } line && !line.StartsWith(after, StringComparison.Ordinal))
        {
        }

        using (var kill = Process.Start("kill", [$"-{signal}", demo.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        var rest = demo.StandardOutput.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        await demo.WaitForExitAsync(patience.Token);
        Assert.True(demo.ExitCode == 130, $"{demo.ExitCode}: {await errors}");
        await rest;
        for (var i = 0; i < 50 && CommandLine.Running(folder).Count > 0; i++)
            await Task.Delay(100);
        Assert.Empty(CommandLine.Running(folder));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
