using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Consilience.Cli.Commands;
using Consilience.Cli.Demo;
using Consilience.Client.Analyse;
using Consilience.Client.Study;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Grpc.Core;

using Consilience.Tests;

namespace Consilience.EndToEnd.Tests;

/// <summary>
/// The demonstration's network, one of whose programs kills itself with SIGKILL at a named step and is started again, as an operating system's supervisor would.
/// </summary>
internal sealed class RestartingNetwork : IAsyncDisposable
{
    private const string KillAt = "CONSILIENCE_KILL_AT";

    private readonly ConcurrentDictionary<string, Process> programs = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> supervisors = [];
    private readonly int port = FreePort();

    private RestartingNetwork(DemoFolder folder) => Folder = folder;

    internal DemoFolder Folder { get; }

    /// <summary>How often a program ended without being told to, all of them killed.</summary>
    internal int Kills;

    internal static RestartingNetwork Start(string victim, string step)
    {
        var network = new RestartingNetwork(DemoFolder.Create(Directory.CreateTempSubdirectory("consilience-kill-").FullName));
        network.Supervise("hub", DemoFolder.Hub, victim == "hub" ? step : null, "hub", "run", "--keys", network.Folder.Of(DemoFolder.Hub, "keys"), "--listen", $"127.0.0.1:{network.port}");
        foreach (var institution in DemoFolder.Institutions)
        {
            foreach (var program in new[] { "site", "keyholder" })
            {
                string[] mapping = program == "site" ? ["--mapping", network.Folder.Of(institution, "mapping.yaml")] : [];
                network.Supervise(program, institution, institution == "aster" && victim == program ? step : null,
                    [program, "run", "--organisation", institution, "--keys", network.Folder.Of(institution, "keys"), "--policy", network.Folder.Of(institution, "policy.yaml"), "--hub", $"https://127.0.0.1:{network.port}", .. mapping]);
            }
        }

        return network;
    }

    /// <summary>Founds the study and asks for a noised cross-tabulation, patient as a user's script would be.</summary>
    internal async Task<Answer> AskAsync(CancellationToken cancellation)
    {
        using var keys = KeyFolder.Open(Folder.ResearcherKeys);
        using var hub = Shared.Connect(new Uri($"https://127.0.0.1:{port}"), Folder.ResearcherKeys, Folder.Consortium);
        var studies = new ProposeStudy(hub, Folder.Consortium, TimeProvider.System);
        var card = await File.ReadAllBytesAsync(Path.Combine(Folder.ResearcherKeys, ResearcherFiles.Card), cancellation);

        // One proposal's bytes, sent as often as it takes: signing it anew would be another proposal.
        var envelope = Proposal.Sign(Folder.Consortium.Current, DemoFolder.StudyText(), [card], DemoFolder.Researcher, keys.Signing);
        await PatientlyAsync(() => hub.ProposeAsync(new() { Proposal = Google.Protobuf.ByteString.CopyFrom(envelope) }, cancellation), cancellation);
        Proposal.TryOpen(envelope, Folder.Consortium, out var proposal, out _);
        var agreement = await PatientlyAsync(() => studies.WaitUntilInForceAsync(proposal!.Digest, null, cancellation), cancellation);
        var ask = new AskQuestion(hub, Folder.Consortium, agreement, DemoFolder.Researcher, keys, TimeProvider.System);
        return await ask.AskAsync(new Question("table", "count", JsonSerializer.SerializeToElement(new { by = new[] { "stage", "histol" } }), "", Precision.Noised, "1"), null, cancellation);
    }

    /// <summary>The ledger of a site, read by its operator's command.</summary>
    internal async Task<IReadOnlyList<(string Kind, string Run, long Charge)>> LedgerAsync(string institution)
    {
        var (code, output, errors) = await CommandLine.RunAsync(
            "site", "ledger", "--json", "--organisation", institution, "--keys", Folder.Of(institution, "keys"), "--consortium", Folder.ConsortiumPath, "--policy", Folder.Of(institution, "policy.yaml"), "--data", Folder.Of(institution, "site"));
        Assert.True(code == 0, errors + output);
        return [.. JsonDocument.Parse(output).RootElement.GetProperty("entries").EnumerateArray().Select(e => (e.GetProperty("kind").GetString()!, e.GetProperty("run").GetString()!, e.GetProperty("chargeNanoRho").GetInt64()))];
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        foreach (var program in programs.Values)
            program.Kill();
        await Task.WhenAll(supervisors).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Directory.Delete(Folder.Root, recursive: true);
        stopping.Dispose();
    }

    private static async Task<T> PatientlyAsync<T>(Func<Task<T>> act, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await act();
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.Internal)
            {
                await Task.Delay(100, cancellation);
            }
        }
    }

    private void Supervise(string program, string member, string? step, params string[] arguments)
    {
        Directory.CreateDirectory(Folder.Of(member, program));
        string[] all = [.. arguments, "--consortium", Folder.ConsortiumPath, "--data", Folder.Of(member, program), "--until-stdin-ends"];
        supervisors.Add(Task.Run(async () =>
        {
            while (!stopping.IsCancellationRequested)
            {
                using var process = StartProgram(all, step);
                programs[$"{program} {member}"] = process;
                if (stopping.IsCancellationRequested)
                    process.Kill();
                await process.WaitForExitAsync();
                if (!stopping.IsCancellationRequested)
                    Interlocked.Increment(ref Kills);
                step = null;
            }
        }));
    }

    private static Process StartProgram(string[] arguments, string? step)
    {
        var start = new ProcessStartInfo(CommandLine.Program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (step is not null)
            start.Environment[KillAt] = step;
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
