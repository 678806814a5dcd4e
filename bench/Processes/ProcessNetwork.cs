using System.Diagnostics;
using System.Globalization;
using Consilience.Arithmetic;
using Consilience.Client;
using Consilience.Client.Analyse;
using Consilience.Client.Study;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;

namespace Consilience.Processes.Benchmarks;

/// <summary>What a network is asked about: the schema of its study, and each site's mapping, whose files lie in the site's folder.</summary>
internal sealed record Subject(string Schema, IReadOnlyList<string> Methods, IReadOnlyList<string> Mappings);

/// <summary>A hub, sites and two key holders as processes, the product's own program, over mutual TLS on loopback; the researcher is this process.</summary>
internal sealed class ProcessNetwork : IAsyncDisposable
{
    private const int KeyHolders = 2;
    private static readonly TimeProvider Clock = TimeProvider.System;

    private readonly string root;
    private readonly List<Process> processes = [];
    private readonly List<string> names = [];
    private GrpcHubConnection? connection;

    private ProcessNetwork(string root) => this.root = root;

    internal AskQuestion Ask { get; private set; } = null!;

    /// <summary>Processor time of every party so far, the researcher too.</summary>
    internal TimeSpan ProcessorTime => processes.Aggregate(Environment.CpuUsage.TotalTime, (sum, p) =>
    {
        p.Refresh();
        return sum + p.TotalProcessorTime;
    });

    /// <summary>Largest memory any site has had so far, in bytes.</summary>
    internal long SitePeak { get; private set; }

    /// <summary>Of every process, the researcher's own too, the most memory it has had, and its share of what it has now, in bytes: pages that several processes share are counted in parts. Of Linux.</summary>
    internal IEnumerable<(string Name, long Peak, long Share)> Memory => processes.Select((p, i) => (Name: names[i], Id: p.Id)).Append((Name: "researcher", Id: Environment.ProcessId))
        .Select(p => (p.Name, Kibibytes($"/proc/{p.Id}/status", "VmHWM:") << 10, Kibibytes($"/proc/{p.Id}/smaps_rollup", "Pss:") << 10));

    /// <summary>Of this process: the most memory it has had since this was asked last, in bytes. Of Linux.</summary>
    internal static long OwnPeak()
    {
        var peak = Kibibytes("/proc/self/status", "VmHWM:") << 10;
        File.WriteAllText("/proc/self/clear_refs", "5");
        return peak;
    }

    private static long Kibibytes(string file, string name) =>
        long.Parse(File.ReadLines(file).First(l => l.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    /// <summary>The folder of site number <paramref name="site"/>, for its data.</summary>
    internal static string SiteFolder(string root, int site) => Directory.CreateDirectory(Path.Combine(root, $"site{site + 1}")).FullName;

    /// <param name="root">For everybody's files.</param>
    /// <param name="subject">What is asked about.</param>
    /// <param name="areKeyHoldersApart">Whether key holders are processes of their own, and not beside the first sites.</param>
    internal static async Task<ProcessNetwork> StartAsync(string root, Subject subject, bool areKeyHoldersApart = false)
    {
        var network = new ProcessNetwork(root);
        var sites = subject.Mappings.Select((_, i) => $"site{i + 1}").ToList();
        var keys = sites.Prepend("hub").ToDictionary(n => n, n => KeyFolder.Create(Path.Combine(root, n, "keys"), RandomBytes.OperatingSystem));
        var entries = keys.Select(k => new MemberEntry(OrganisationId.Parse(k.Key), k.Key, k.Key == "hub" ? ["hub"] : ["site", "key-holder"], k.Value.Signing.Public.Bytes.ToArray(), k.Value.Sealing.PublicKey.Bytes.ToArray())).ToList();
        var draft = keys.Values.Skip(1).Aggregate(ConsortiumFile.Draft(null, "bench", entries, keys["hub"].Signing), (d, k) => d.WithSignature(k.Signing));
        var consortium = ConsortiumFile.Append(null, draft);
        File.WriteAllBytes(Path.Combine(root, "consortium.json"), consortium.ToBytes());
        var methods = string.Join(", ", subject.Methods);
        var hub = network.Start("hub", "hub", "--listen", "127.0.0.1:0");
        string? line;
        do
            line = await hub.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"the hub did not start; see {root}");
        while (!line.StartsWith("ready ", StringComparison.Ordinal));
        var address = new Uri(line["ready ".Length..]);
        for (var i = 0; i < sites.Count; i++)
        {
            File.WriteAllText(Path.Combine(root, sites[i], "mapping.yaml"), subject.Mappings[i]);
            File.WriteAllText(Path.Combine(root, sites[i], "policy.yaml"), $$"""
                decide: automatic
                purposes: ["DUO:0000007"]
                researchersFrom: [site1]
                methods: [{{methods}}]
                exact: {minimumSites: 2, minimumPersons: 10}
                keyHolders:
                  minimum: {{KeyHolders}}
                latestExpiry: 2099-12-31
                """);
            string[] keyHolder = i < KeyHolders && !areKeyHoldersApart ? ["--keyholder", Path.Combine(root, sites[i], "keyholder")] : [];
            if (i < KeyHolders && areKeyHoldersApart)
                network.StartParty("keyholder", sites[i], address);
            network.StartParty("site", sites[i], address, ["--mapping", Path.Combine(root, sites[i], "mapping.yaml"), .. keyHolder]);
        }

        await network.AgreeAsync(subject, sites, keys["site1"], consortium, address, methods);
        return network;
    }

    /// <summary>Asks, and says how long it took from the first signature to the last verified receipt.</summary>
    internal async Task<(Answer Answer, TimeSpan Elapsed)> AskAsync(string method, string parameters)
    {
        var question = new Question(method, method, System.Text.Json.JsonDocument.Parse(parameters).RootElement, "", Precision.Exact, null);
        var watch = Stopwatch.GetTimestamp();
        return (await Ask.AskAsync(question, null, CancellationToken.None, folder: root), Stopwatch.GetElapsedTime(watch));
    }

    internal void NoteMemory() => SitePeak = processes.Skip(1).Select(p =>
    {
        p.Refresh();
        return p.PeakWorkingSet64;
    }).Max();

    public async ValueTask DisposeAsync()
    {
        connection?.Dispose();
        foreach (var process in processes.AsEnumerable().Reverse())
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    private async Task AgreeAsync(Subject subject, List<string> sites, KeyFolder organisation, ConsortiumFile consortium, Uri address, string methods)
    {
        var researcher = KeyFolder.Create(Path.Combine(root, "ada"), RandomBytes.OperatingSystem);
        var id = OrganisationId.Parse("site1");
        var card = Signed<ResearcherCard>.By(organisation.Signing, new ResearcherCard
        {
            Organisation = id, Name = "ada", SigningKey = researcher.Signing.Public.Bytes.ToArray(), SealingKey = researcher.Sealing.PublicKey.Bytes.ToArray(), ExpiresAt = Clock.GetUtcNow().AddDays(1),
        }).Envelope;
        var certificate = NodeCertificate.Issue(new NodeIdentity(id, NodeRole.Researcher, "ada"), organisation.Signing, Clock.GetUtcNow(), TimeSpan.FromDays(1), RandomBytes.OperatingSystem);
        connection = new GrpcHubConnection(address, HubTls.Handler(certificate, () => consortium.Current, Clock));
        var text = $$"""
            study: bench
            title: Bench
            purpose: {code: "DUO:0000007", text: bench}
            researchers: [{name: ada, organisation: site1}]
            sites: [{{string.Join(", ", sites)}}]
            keyHolders: [{{string.Join(", ", sites.Take(KeyHolders))}}]
            minimumSites: {{sites.Count}}
            schema: {{subject.Schema}}
            methods: [{{methods}}]
            precision:
              exact: {minimumSites: 2, minimumPersons: 10}
            expires: 2099-12-31
            """;
        var studies = new ProposeStudy(connection, consortium, Clock);
        var standing = await studies.ProposeAsync(text, [card], "ada", researcher.Signing, CancellationToken.None);
        Ask = new AskQuestion(connection, consortium, await studies.WaitUntilInForceAsync(standing.Proposal.Digest, null, CancellationToken.None), "ada", researcher, Clock);
    }

    private void StartParty(string program, string member, Uri hub, params string[] more) =>
        Start(program, member, ["--organisation", member, "--policy", Path.Combine(root, member, "policy.yaml"), "--hub", $"{hub}", .. more]);

    private Process Start(string program, string member, params string[] more)
    {
        var data = Directory.CreateDirectory(Path.Combine(root, member, program)).FullName;
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "consilience.dll"), program, "run", "--keys", Path.Combine(root, member, "keys"), "--consortium", Path.Combine(root, "consortium.json"), "--data", data, .. more, "--until-stdin-ends"];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, e) =>
        {
            if (e.Data is { } said && said.Contains("rror", StringComparison.Ordinal))
                Console.Error.WriteLine($"{program} of {member}: {said}");
        };
        process.BeginErrorReadLine();
        processes.Add(process);
        names.Add($"{program} of {member}");
        return process;
    }
}
