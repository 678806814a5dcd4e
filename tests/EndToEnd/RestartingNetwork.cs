using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Consilience.Cli.Commands;
using Consilience.Cli.Demo;
using Consilience.Client.Analyse;
using Consilience.Client.Study;
using Consilience.KeyHolder;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Site;
using Consilience.Site.Ledger;
using Consilience.Tests;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Consilience.EndToEnd.Tests;

/// <summary>
/// The demonstration's network under a supervisor as an operating system has one: a program that ends is started again. One program at a time is armed to kill itself with SIGKILL
/// at a named step.
/// </summary>
internal sealed class RestartingNetwork : IAsyncDisposable
{
    private const string KillAt = "CONSILIENCE_KILL_AT";

    private readonly ConcurrentDictionary<string, Process> programs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> armed = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> supervisors = [];
    private readonly int port = FreePort();
    private int kills;

    private RestartingNetwork(DemoFolder folder) => Folder = folder;

    internal DemoFolder Folder { get; }

    internal Uri Hub => new($"https://127.0.0.1:{port}");

    internal static RestartingNetwork Start() => Start(_ => { });

    /// <param name="prepare">What is done to the members' files before their programs start.</param>
    internal static RestartingNetwork Start(Action<DemoFolder> prepare)
    {
        var network = new RestartingNetwork(DemoFolder.Create(Directory.CreateTempSubdirectory("consilience-kill-").FullName));
        prepare(network.Folder);
        network.Supervise("hub", DemoFolder.Hub, "hub", "run", "--keys", network.Folder.Of(DemoFolder.Hub, "keys"), "--listen", $"127.0.0.1:{network.port}");
        foreach (var institution in DemoFolder.Institutions)
        {
            foreach (var program in new[] { "site", "keyholder" })
            {
                string[] mapping = program == "site" ? ["--mapping", network.Folder.Of(institution, "mapping.yaml")] : [];
                network.Supervise(program, institution,
                    [program, "run", "--organisation", institution, "--keys", network.Folder.Of(institution, "keys"), "--policy", network.Folder.Of(institution, "policy.yaml"), "--hub", $"https://127.0.0.1:{network.port}", .. mapping]);
            }
        }

        return network;
    }

    /// <summary>Starts a program afresh, armed to kill itself at a step. Returns what to wait for until it has.</summary>
    internal async Task<Func<Task>> ArmAsync(string program, string member, string step, CancellationToken cancellation)
    {
        var (name, before) = ($"{program} {member}", kills);
        armed[name] = step;
        while (armed.ContainsKey(name))
        {
            if (programs.TryGetValue(name, out var running))
                Kill(running);
            await Task.Delay(50, cancellation);
        }

        return async () =>
        {
            while (kills == before)
                await Task.Delay(20, cancellation);
        };
    }

    /// <summary>Kills a program where it stands; the supervisor starts it again.</summary>
    internal void KillNow(string program, string member) => Kill(programs[$"{program} {member}"]);

    internal int ProcessOf(string program, string member) => programs[$"{program} {member}"].Id;

    /// <summary>Founds a study of this title and asks for a cross-tabulation, patient as a user's script would be.</summary>
    internal async Task<Answer> AskAsync(string title, CancellationToken cancellation, Precision precision = Precision.Noised)
    {
        using var keys = KeyFolder.Open(Folder.ResearcherKeys);
        using var hub = Shared.Connect(Hub, Folder.ResearcherKeys, Folder.Consortium);
        var agreement = await AgreeAsync(hub, keys, DemoFolder.StudyText().Replace("title: ", $"title: {title}, ", StringComparison.Ordinal), cancellation);
        var ask = new AskQuestion(hub, Folder.Consortium, agreement, DemoFolder.Researcher, keys, TimeProvider.System);
        return await ask.AskAsync(new Question("table", "count", JsonSerializer.SerializeToElement(new { by = new[] { "stage", "histol" } }), "", precision, precision == Precision.Noised ? "1" : null, Again: true), null, cancellation);
    }

    /// <summary>Founds a study of this text.</summary>
    internal async Task<Agreement> AgreeAsync(string text, CancellationToken cancellation)
    {
        using var keys = KeyFolder.Open(Folder.ResearcherKeys);
        using var hub = Shared.Connect(Hub, Folder.ResearcherKeys, Folder.Consortium);
        return await AgreeAsync(hub, keys, text, cancellation);
    }

    private async Task<Agreement> AgreeAsync(Client.HubConnection hub, KeyFolder keys, string text, CancellationToken cancellation)
    {
        var studies = new ProposeStudy(hub, Folder.Consortium, TimeProvider.System);
        var card = await File.ReadAllBytesAsync(Path.Combine(Folder.ResearcherKeys, ResearcherFiles.Card), cancellation);

        // One proposal's bytes, sent as often as it takes: signing it anew would be another proposal.
        var envelope = Proposal.Sign(Folder.Consortium.Current, text, [card], DemoFolder.Researcher, keys.Signing);
        await PatientlyAsync(() => hub.ProposeAsync(new() { Proposal = Google.Protobuf.ByteString.CopyFrom(envelope) }, cancellation), cancellation);
        Proposal.TryOpen(envelope, Folder.Consortium, out var proposal, out _);
        return await PatientlyAsync(() => studies.WaitUntilInForceAsync(proposal!.Digest, null, cancellation), cancellation);
    }

    /// <summary>The ledger of a site, read beside the running program as its operator's command reads it.</summary>
    internal IReadOnlyList<LedgerEntry> LedgerOf(string institution)
    {
        var config = new PartyConfig
        {
            Organisation = OrganisationId.Parse(institution), Keys = Folder.Of(institution, "keys"), Consortium = Folder.ConsortiumPath, Policy = Folder.Of(institution, "policy.yaml"),
            Data = Folder.Of(institution, "site"), Hub = new Uri("https://localhost"),
        };
        var party = config.Load(NodeRole.Site);
        using var keys = party.Keys;
        using var site = new SiteHost(party, Path.Combine(config.Data, "site.db"), _ => throw new NotSupportedException(), null, TimeProvider.System, NullLogger.Instance);
        return site.Ledger.Entries();
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        foreach (var program in programs.Values)
            Kill(program);
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

    private void Supervise(string program, string member, params string[] arguments)
    {
        Directory.CreateDirectory(Folder.Of(member, program));
        var name = $"{program} {member}";
        string[] all = [.. arguments, "--consortium", Folder.ConsortiumPath, "--data", Folder.Of(member, program), "--until-stdin-ends"];
        supervisors.Add(Task.Run(async () =>
        {
            while (!stopping.IsCancellationRequested)
            {
                var step = armed.TryRemove(name, out var wanted) ? wanted : null;
                using var process = StartProgram(all, step);
                programs[name] = process;
                if (stopping.IsCancellationRequested)
                    Kill(process);
                await process.WaitForExitAsync();
                if (!stopping.IsCancellationRequested && step is not null)
                    Interlocked.Increment(ref kills);
            }
        }));
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself, and the supervisor is about to start the next.
        }
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
