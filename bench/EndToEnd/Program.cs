// An end-to-end Kaplan–Meier run of 8,192 counters over 10 sites and 3 key holders, gRPC and mutual TLS over loopback, SQLite on disk, steady state.
// dotnet run -c Release --project bench/EndToEnd
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Consilience.Arithmetic;
using Consilience.Client;
using Consilience.Client.Analyse;
using Consilience.Client.Study;
using Consilience.Connectors.Mapping;
using Consilience.Hub;
using Consilience.KeyHolder;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Policy;
using Consilience.Protocol.Wire;
using Consilience.Site;
using Microsoft.Extensions.Logging.Abstractions;

const int Sites = 10, KeyHolders = 3, WarmUp = 200, Runs = 200, Days = 4095;
var root = Directory.CreateTempSubdirectory("consilience-bench-").FullName;
var clock = TimeProvider.System;
var random = RandomBytes.OperatingSystem;
var names = Enumerable.Range(1, Sites).Select(i => $"site{i}").ToList();
var keys = names.Append("hub").ToDictionary(n => n, n => KeyFolder.Create(Path.Combine(root, n), random));
var entries = keys.Select(k => new MemberEntry(OrganisationId.Parse(k.Key), k.Key, k.Key == "hub" ? ["hub"] : ["site", "key-holder"], k.Value.Signing.Public.Bytes.ToArray(), k.Value.Sealing.PublicKey.Bytes.ToArray())).ToList();
var draft = keys.Values.Skip(1).Aggregate(ConsortiumFile.Draft(null, "bench", entries, keys.Values.First().Signing), (d, k) => d.WithSignature(k.Signing));
var consortium = ConsortiumFile.Append(null, draft);
File.WriteAllBytes(Path.Combine(root, "consortium.json"), consortium.ToBytes());
var study = $$$$"""
    study: bench
    title: Bench
    purpose: {code: DUO:0000007, text: bench}
    researchers: [{name: ada, organisation: site1}]
    sites: [{{{{string.Join(", ", names)}}}}]
    keyHolders: [{{{{string.Join(", ", names.Take(KeyHolders))}}}}]
    minimumSites: {{{{Sites}}}}
    schema: {variables: {time: {type: integer}, died: {type: boolean}}}
    methods: [kaplan-meier]
    precision: {noised: {maximumEpsilon: 1, budget: 1000}}
    expires: 2099-12-31
    """;
var policy = SitePolicy.Read("""
    decide: automatic
    purposes: [DUO:0000007]
    researchersFrom: [site1]
    methods: [kaplan-meier]
    noised: {maximumEpsilon: 1, budget: 1000}
    keyHolders: {minimum: 1}
    latestExpiry: 2099-12-31
    """);

await using var hub = await HubHost.StartAsync(
    new HubConfig { Keys = Path.Combine(root, "hub"), Consortium = Path.Combine(root, "consortium.json"), Data = Path.Combine(root, "hub"), Listen = new IPEndPoint(IPAddress.Loopback, 0) },
    clock, NullLoggerFactory.Instance, null, CancellationToken.None);
using var stopping = new CancellationTokenSource();
var running = new List<Task>();
foreach (var name in names)
{
    var csv = Path.Combine(root, $"{name}.csv");
    File.WriteAllLines(csv, Enumerable.Range(0, 2000).Select(i => $"{(i * 7919) % Days},{i % 3 / 2}").Prepend("time,died"));
    var site = new SiteHost(PartyOf(name, NodeRole.Site), Path.Combine(root, $"{name}-site.db"), s => DataMapping.Direct(csv, s.Schema), hub.Address, clock, NullLogger.Instance);
    running.Add(site.RunAsync(stopping.Token));
}

foreach (var name in names.Take(KeyHolders))
    running.Add(new KeyHolderHost(PartyOf(name, NodeRole.KeyHolder), Path.Combine(root, $"{name}-keyholder.db"), hub.Address, clock, NullLogger.Instance).RunAsync(stopping.Token));

var researcher = KeyFolder.Create(Path.Combine(root, "ada"), random);
var organisation = OrganisationId.Parse("site1");
var card = Signed<ResearcherCard>.By(keys["site1"].Signing, new ResearcherCard
{
    Organisation = organisation, Name = "ada", SigningKey = researcher.Signing.Public.Bytes.ToArray(), SealingKey = researcher.Sealing.PublicKey.Bytes.ToArray(), ExpiresAt = clock.GetUtcNow().AddDays(1),
}).Envelope;
var certificate = NodeCertificate.Issue(new NodeIdentity(organisation, NodeRole.Researcher, "ada"), keys["site1"].Signing, clock.GetUtcNow(), TimeSpan.FromDays(1), random);
using var connection = new GrpcHubConnection(hub.Address, HubTls.Handler(certificate, () => consortium.Current, clock));
var studies = new ProposeStudy(connection, consortium, clock);
var standing = await studies.ProposeAsync(study, [card], "ada", researcher.Signing, CancellationToken.None);
var agreement = await studies.WaitUntilInForceAsync(standing.Proposal.Digest, null, CancellationToken.None);
var ask = new AskQuestion(connection, consortium, agreement, "ada", researcher, clock);
var parameters = JsonSerializer.SerializeToElement(new { time = "time", @event = "died", grid = new { from = 1, to = Days, step = 1 } });
var question = new Question("km", "kaplan-meier", parameters, "", Precision.Noised, "1", Again: true);

var times = new List<double>();
var processor = TimeSpan.Zero;
for (var i = 0; i < WarmUp + Runs; i++)
{
    if (i == WarmUp)
        processor = Environment.CpuUsage.TotalTime;
    var watch = Stopwatch.GetTimestamp();
    await ask.AskAsync(question, null, CancellationToken.None);
    if (i >= WarmUp)
        times.Add(Stopwatch.GetElapsedTime(watch).TotalMilliseconds);
}

times.Sort();
Console.WriteLine($"{Sites} sites, {KeyHolders} key holders, {(2 * Days) + 1} counters, {Runs} runs: minimum {times[0]:0.0} ms, median {times[Runs / 2]:0.0} ms, 95 % {times[Runs * 95 / 100]:0.0} ms");
Console.WriteLine($"{(Environment.CpuUsage.TotalTime - processor).TotalMilliseconds / Runs:0.0} ms of processor time a run, all parties and the researcher together");
Console.WriteLine($"from signed request to verified result with its receipt; one process, {Environment.ProcessorCount} cores");
stopping.Cancel();
await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

Party PartyOf(string name, NodeRole role) => new(OrganisationId.Parse(name), role, keys[name], () => consortium, policy);
