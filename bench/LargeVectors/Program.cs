// One training round of 100 million 32-bit counters, weights attached: hub and key holders are processes of their own, whose peak memory is read from /proc; sites and researcher share this one.
// dotnet run -c Release --project bench/LargeVectors [-- MILLIONS]
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Consilience.Arithmetic;
using Consilience.Client;
using Consilience.Client.Analyse;
using Consilience.Client.Study;
using Consilience.Connectors.Mapping;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Policy;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;
using Consilience.Site;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;

var millions = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100;
var units = (int)Math.Ceiling(Math.Sqrt(millions * 1e6));
string[] names = ["north", "south"];
var root = Directory.CreateTempSubdirectory("consilience-bench-").FullName;
string Of(string name) => Path.Combine(root, name);
var clock = TimeProvider.System;
var random = RandomBytes.OperatingSystem;
var keys = names.Append("hub").ToDictionary(n => n, n => KeyFolder.Create(Of(n), random));
var entries = keys.Select(k => new MemberEntry(OrganisationId.Parse(k.Key), k.Key, k.Key == "hub" ? ["hub"] : ["site", "key-holder"], k.Value.Signing.Public.Bytes.ToArray(), k.Value.Sealing.PublicKey.Bytes.ToArray())).ToList();
var consortium = ConsortiumFile.Append(null, keys.Values.Aggregate(ConsortiumFile.Draft(null, "bench", entries, keys["hub"].Signing), (d, k) => d.WithSignature(k.Signing)));
File.WriteAllBytes(Of("consortium.json"), consortium.ToBytes());
const string Study = """
    study: bench
    title: Bench
    purpose: {code: DUO:0000007, text: bench}
    researchers: [{name: ada, organisation: north}]
    sites: [north, south]
    keyHolders: [north, south]
    minimumSites: 2
    schema: {variables: {age: {type: integer, minimum: 0, maximum: 100}, died: {type: boolean}}}
    methods: [training-round]
    precision: {exact: {minimumSites: 2, minimumPersons: 2}}
    expires: 2099-12-31
    """;
File.WriteAllText(Of("policy.yaml"), """
    decide: automatic
    purposes: [DUO:0000007]
    researchersFrom: [north]
    methods: [training-round]
    exact: {minimumSites: 2, minimumPersons: 2}
    keyHolders: {minimum: 1}
    latestExpiry: 2099-12-31
    """);

using var hub = Start("hub", "run", "--keys", Of("hub"), "--consortium", Of("consortium.json"), "--data", Of("hub-data"), "--listen", "127.0.0.1:0");
string? line;
while ((line = hub.StandardOutput.ReadLine()) is not null && !line.StartsWith("ready ", StringComparison.Ordinal))
{
}

var address = new Uri(line!["ready ".Length..]);
var keyHolders = names.Select(n => Start("keyholder", "run", "--organisation", n, "--keys", Of(n), "--policy", Of("policy.yaml"), "--consortium", Of("consortium.json"), "--data", Of($"{n}-keyholder"), "--hub", $"{address}")).ToList();
using var stopping = new CancellationTokenSource();
foreach (var name in names)
{
    File.WriteAllLines(Of($"{name}.csv"), ["age,died", "40,0", "50,1", "60,1"]);
    var party = new Party(OrganisationId.Parse(name), NodeRole.Site, keys[name], () => consortium, SitePolicy.Read(File.ReadAllText(Of("policy.yaml"))));
    var site = new SiteHost(party, Of($"{name}-site.db"), s => DataMapping.Direct(Of($"{name}.csv"), s.Schema), address, clock, NullLogger.Instance);
    _ = site.RunAsync(stopping.Token);
}

var ada = KeyFolder.Create(Of("ada"), random);
var north = OrganisationId.Parse("north");
var card = Signed<ResearcherCard>.By(keys["north"].Signing, new ResearcherCard
{
    Organisation = north, Name = "ada", SigningKey = ada.Signing.Public.Bytes.ToArray(), SealingKey = ada.Sealing.PublicKey.Bytes.ToArray(), ExpiresAt = clock.GetUtcNow().AddDays(1),
}).Envelope;
var certificate = NodeCertificate.Issue(new NodeIdentity(north, NodeRole.Researcher, "ada"), keys["north"].Signing, clock.GetUtcNow(), TimeSpan.FromDays(1), random);
using var connection = new GrpcHubConnection(address, HubTls.Handler(certificate, () => consortium.Current, clock));
var studies = new ProposeStudy(connection, consortium, clock);
var standing = await studies.ProposeAsync(Study, [card], "ada", ada.Signing, CancellationToken.None);
var agreement = await studies.WaitUntilInForceAsync(standing.Proposal.Digest, null, CancellationToken.None);
Report("before the run");

var floats = new float[(2 * units) + ((units + 1) * units) + units + 1];
for (var i = 0; i < floats.Length; i++)
    floats[i] = (((i * 7919L) % 101) - 50) * 1e-6f;
var weights = MemoryMarshal.AsBytes<float>(floats).ToArray();
var model = new { inputs = new[] { "age" }, layers = new[] { new { dense = units }, new { dense = units } }, head = "logistic", outcome = "died" };
var parameters = JsonSerializer.SerializeToElement(new { model, weights = new { sha256 = $"{Digest.Of(weights)}" }, local = new { epochs = 1, batch = 3, rate = 0.1 }, clip = 1 });
var ask = new AskQuestion(connection, consortium, agreement, "ada", ada, clock);
var request = ask.Sign(new Question("round", "training-round", parameters, "", Precision.Exact, null) { Attached = weights });
Console.WriteLine($"{floats.Length} counters, {weights.Length} bytes attached");

var watch = Stopwatch.StartNew();
var transfers = new Dictionary<string, MemoryStream>();
RunOpening? opening = null;
var told = "";
await foreach (var frame in connection.SubmitAsync(new SubmitRequest { Statement = ByteString.CopyFrom(request.Envelope) }, CancellationToken.None))
{
    if (frame.FrameCase == RunFrame.FrameOneofCase.Wanted)
        await connection.AttachAsync(Pieces(), CancellationToken.None);
    else if (frame.FrameCase == RunFrame.FrameOneofCase.Opening)
        opening = frame.Opening;
    else if (frame.FrameCase == RunFrame.FrameOneofCase.Failed)
        throw new InvalidOperationException(frame.Failed.Message);
    else if (frame.FrameCase == RunFrame.FrameOneofCase.Chunk)
        (transfers.TryGetValue(frame.Chunk.Transfer, out var bytes) ? bytes : transfers[frame.Chunk.Transfer] = new MemoryStream()).Write(frame.Chunk.Data.Span);
    if ((frame.Progress is { } p ? $"{p.State}" : $"{frame.FrameCase}") is var now && now != told)
        Console.WriteLine($"{watch.Elapsed.TotalSeconds,7:0.0} s {told = now}");
}

var roll = DsseEnvelope.TryParse(opening!.Roll.Span, out var envelope) ? envelope.PayloadDigest : throw new InvalidOperationException("no roll");
var shares = opening.Shares.Select(s => SealedShare.TryOpen(transfers[s.Transfer].ToArray(), RunContexts.Share(request, roll, Signed<ShareStatement>.PeekUnverified(s.Statement.Span)!.KeyHolder), ada.Sealing, out var opened)
    ? opened.Share
    : throw new InvalidOperationException("a share does not open"));
var total = SealedSums.Unseal(Ring.Bits32, transfers[opening.MaskedSumTransfer].ToArray(), shares);
Console.WriteLine($"{watch.Elapsed.TotalSeconds,7:0.0} s opened: {total[0]} persons, expected 6; a site sent {(double)transfers[opening.MaskedSumTransfer].Length / floats.Length:0.00} bytes a parameter");
Report("after the run");
Noise(floats.Length);
await stopping.CancelAsync();
foreach (var process in keyHolders.Append(hub))
    process.Kill();
Directory.Delete(root, recursive: true);

Process Start(params string[] arguments)
{
    var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
    foreach (var argument in arguments.Prepend(Path.Combine(AppContext.BaseDirectory, "consilience.dll")))
        start.ArgumentList.Add(argument);
    var process = Process.Start(start)!;
    process.ErrorDataReceived += (_, _) => { };
    process.BeginErrorReadLine();
    return process;
}

void Report(string when)
{
    foreach (var (name, process) in keyHolders.Select((k, i) => ($"key holder {names[i]}", k)).Prepend(("hub", hub)))
    {
        var peak = File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        Console.WriteLine($"{when}: {name}: peak {long.Parse(peak, CultureInfo.InvariantCulture) / 1024} MiB, {process.TotalProcessorTime.TotalSeconds:0.0} s of processor time");
    }
}

async IAsyncEnumerable<AttachmentChunk> Pieces()
{
    for (var at = 0; at < weights.Length; at += 1 << 20)
    {
        await Task.CompletedTask;
        yield return new AttachmentChunk { Run = request.Statement.Run.ToString(), Offset = (ulong)at, Data = UnsafeByteOperations.UnsafeWrap(weights.AsMemory(at, Math.Min(1 << 20, weights.Length - at))) };
    }
}

// What noise adds at a key holder: time, and what is live beside the blocks.
void Noise(int length)
{
    var mechanism = new DiscreteGaussian(Rational.Parse("1000000"));
    var before = GC.GetTotalAllocatedBytes();
    var clocked = Stopwatch.StartNew();
    SealedSums.OpenShare(Ring.Bits32, length, [], draws => mechanism.Fill(draws, random), _ => { });
    Console.WriteLine($"noise: discrete Gaussian of variance 10^6, {clocked.Elapsed.TotalSeconds:0.0} s, {(GC.GetTotalAllocatedBytes() - before) >> 20} MiB allocated in all");
}
