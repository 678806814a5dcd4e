using Consilience.Connectors.Mapping;
using Consilience.KeyHolder;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Site;
using Consilience.Site.Ledger;
using Consilience.Tests.World;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Consilience.Hub.Tests.World;

/// <summary>
/// A real hub with real sites and key holders on in-memory links, but for the parties a test plays itself. The hub can be replaced by another on the same or another
/// database, as after a kill; parties then dial again.
/// </summary>
internal sealed class WholeNetwork : IAsyncDisposable
{
    /// <summary>The first question of most tests: exact, two sites suffice.</summary>
    internal const string Study = "exact: {minimumSites: 2, minimumPersons: 2}";

    private const string StrictTerms = "exact: {minimumSites: 3, minimumPersons: 3}";

    private readonly Dictionary<NodeIdentity, IDisposable> hosts = [];
    private readonly Dictionary<NodeIdentity, Func<Link<PartyFrame, HubFrame>, CancellationToken, Task>> parties = [];
    private readonly List<Task> running = [];
    private readonly ILogger logger;
    private CancellationTokenSource stopping = new();
    private readonly Func<string, string> terms;
    private Proposal? proposal;

    private readonly Wiretap? tap;

    private WholeNetwork(HubLimits? limits, ILogger? logger, (string Step, string Survivor)? killedAt, Func<string, string>? terms, Wiretap? tap)
    {
        this.terms = terms ?? (text => text);
        this.tap = tap;
        Limits = limits ?? new HubLimits { ClockInterval = TimeSpan.FromMilliseconds(20) };
        this.logger = logger ?? NullLogger.Instance;
        Kill = killedAt is { } kill ? new KilledAt(kill.Step, World.Path("hub.db"), World.Path(kill.Survivor)) : null;
        Hub = NewHub("hub.db", Kill is null ? null : Kill.OnStep);
    }

    internal Consortia World { get; } = new();

    internal HubLimits Limits { get; }

    internal HubNetwork Hub { get; private set; }

    /// <summary>What kills the first hub, if anything does.</summary>
    internal KilledAt? Kill { get; }

    internal Agreement Agreement { get; private set; } = null!;

    /// <summary>A network with both key holders and these sites, each with the rows it is given. Studies and policies alike may be changed by <paramref name="terms"/>.</summary>
    internal static WholeNetwork Start(
        HubLimits? limits = null, ILogger? logger = null, (string Step, string Survivor)? killedAt = null, Func<string, string>? terms = null, Wiretap? tap = null, params (string Site, string? Rows)[] sites)
    {
        var network = new WholeNetwork(limits, logger, killedAt, terms, tap);
        foreach (var keyHolder in new[] { "aster", "birch" })
            network.AttachKeyHolder(keyHolder);
        foreach (var (site, rows) in sites)
            network.AttachSite(site, rows);
        return network;
    }

    internal static readonly (string Site, string? Rows)[] ThreeSites =
        [("aster", "stage,age\n1,10\n1,11\n2,12\n"), ("birch", "stage,age\n1,10\n2,11\n2,12\n"), ("cedar", "stage,age\n2,10\n2,11\n2,12\n")];

    /// <summary>A real site over these rows; null: its data file is missing, so it signs and then refuses.</summary>
    internal void AttachSite(string id, string? rows)
    {
        if (rows is not null)
            File.WriteAllText(World.Path($"{id}.csv"), rows);
        var host = new SiteHost(
            World.PartyOf(id, NodeRole.Site, Loosen), World.Path($"{id}-site.db"), study => DataMapping.Direct(World.Path($"{id}.csv"), study.Schema), null, World.Clock, logger);
        Attach(new NodeIdentity(Consortia.Id(id), NodeRole.Site, id), host, host.ServeAsync);
    }

    internal void AttachKeyHolder(string id)
    {
        var host = new KeyHolderHost(World.PartyOf(id, NodeRole.KeyHolder, Loosen), World.Path($"{id}-keyholder.db"), null, World.Clock, logger);
        Attach(new NodeIdentity(Consortia.Id(id), NodeRole.KeyHolder, id), host, host.ServeAsync);
    }

    /// <summary>A party that the test plays.</summary>
    internal async Task<PartyEnd> PlayAsync(string id, NodeRole role)
    {
        var end = new PartyEnd(id, role, tap);
        running.Add(end.ServedBy(Hub, stopping.Token));
        await end.GreetAsync();
        return end;
    }

    /// <summary>What a real site's ledger says.</summary>
    internal IEnumerable<LedgerEntryKind> LedgerOf(string site) =>
        ((SiteHost)hosts.Single(h => h.Key is { Role: NodeRole.Site } id && id.Organisation == Consortia.Id(site)).Value).Ledger.Entries().Select(e => e.Kind);

    /// <summary>The party dials no more.</summary>
    internal void Forsake(string id, NodeRole role) => parties.Remove(parties.Keys.Single(p => p.Organisation == Consortia.Id(id) && p.Role == role));

    /// <summary>The real party takes its place again.</summary>
    internal void Redial(string id, NodeRole role)
    {
        var (identity, serve) = parties.Single(p => p.Key.Organisation == Consortia.Id(id) && p.Key.Role == role);
        Link(identity, serve);
    }

    /// <summary>Proposes the study and waits until it is in force; parties the test plays sign it.</summary>
    internal async Task<Agreement> AgreeAsync(params PartyEnd[] played)
    {
        var proposal = Proposal();
        Hub.Propose(Researcher("ada"), new ProposeRequest { Proposal = ByteString.CopyFrom(proposal.Envelope) });
        foreach (var end in played)
        {
            var decision = Agreement.Decide(proposal, end.Organisation, end.Role, agrees: true, ["test"], World.Clock.Now, World.KeysOf(end.Organisation.ToString()).Signing);
            await end.SendAsync(new PartyFrame { Decision = ByteString.CopyFrom(decision) });
        }

        return Agreement = await InForceAsync(proposal);
    }

    internal Proposal Proposal() => proposal ??= World.Propose(Loosen(Consortia.StudyText));

    /// <summary>A request under the agreement that is going to be.</summary>
    internal Signed<RequestStatement> SignBeforehand() => World.Sign(World.Exact(World.Agree(Proposal())));

    internal async Task<Agreement> InForceAsync(Proposal proposal)
    {
        var patience = DateTime.UtcNow.AddSeconds(20);
        while (DateTime.UtcNow < patience)
        {
            var study = Hub.ListStudies(Researcher("ada")).Studies.FirstOrDefault(s => s.Agreement == proposal.Digest.ToString());
            if (study is { InForce.IsEmpty: false } && Agreement.TryOpen(study.InForce.Span, World.File, out var agreement, out _))
                return agreement;
            await Task.Delay(5);
        }

        throw new TimeoutException("the study did not come into force");
    }

    internal static NodeIdentity Researcher(string name) => new(Consortia.Id(name == "ada" ? "aster" : "birch"), NodeRole.Researcher, name);

    /// <summary>Submits a request and collects everything the hub says until the run ends.</summary>
    internal async Task<SeenRun> SubmitAsync(Signed<RequestStatement> request, string researcher = "ada", Action<RunFrame>? onFrame = null, byte[]? attached = null)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var seen = new SeenRun(request);
        await foreach (var frame in Hub.SubmitAsync(Researcher(researcher), new SubmitRequest { Statement = ByteString.CopyFrom(request.Envelope) }, patience.Token))
        {
            seen.Frames.Add(frame);
            onFrame?.Invoke(frame);
            if (frame.FrameCase == RunFrame.FrameOneofCase.Wanted && attached is not null)
                await Hub.AttachAsync(Researcher(researcher), Pieces(request, attached, (int)frame.Wanted.Offset), patience.Token);
        }

        return seen;
    }

    /// <summary>An attachment as a researcher sends it.</summary>
    internal static async IAsyncEnumerable<AttachmentChunk> Pieces(Signed<RequestStatement> request, byte[] attached, int from = 0, int until = int.MaxValue)
    {
        for (var at = from; at < Math.Min(until, attached.Length); at += 1 << 20)
        {
            await Task.Yield();
            yield return new AttachmentChunk { Run = request.Statement.Run.ToString(), Offset = (ulong)at, Data = ByteString.CopyFrom(attached.AsSpan(at, Math.Min(1 << 20, attached.Length - at))) };
        }
    }

    /// <summary>Submits a request and waits until this many sites have answered it; the run goes on.</summary>
    internal async Task<Task<SeenRun>> SubmitUntilAnsweredAsync(Signed<RequestStatement> request, int sites)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = SubmitAsync(request, onFrame: f =>
        {
            if (f.Progress is { Role: Role.Site, State: "answered" } && --sites == 0)
                answered.SetResult();
        });
        await answered.Task.WaitAsync(TimeSpan.FromSeconds(20));
        return running;
    }

    internal Signed<RequestStatement> Request(Func<RequestStatement, RequestStatement>? change = null)
    {
        var terms = World.Exact(Agreement);
        return World.Sign(change is null ? terms : change(terms));
    }

    /// <summary>A run under way in which the others have answered, and cedar has announced an honest answer and was told to send it.</summary>
    internal async Task<(Task<SeenRun> Running, Contribution Contribution, byte[] Bytes)> AnnounceAsync(PartyEnd cedar)
    {
        var request = Request();
        var running = await SubmitUntilAnsweredAsync(request, sites: 2);
        await cedar.NextAsync(HubFrame.FrameOneofCase.Request);
        var made = World.Contribute(Agreement, request, "cedar", [10, 20]);
        var bytes = made.Masked;
        var contribution = new Contribution
        {
            Run = request.Statement.Run.ToString(), Statement = ByteString.CopyFrom(made.Signed.Envelope), Transfer = Digest.Of(bytes).ToString(), SizeInBytes = (ulong)bytes.Length,
        };
        await cedar.SendAsync(new PartyFrame { Contribution = contribution });
        await cedar.NextAsync(HubFrame.FrameOneofCase.Resume);
        return (running, contribution, bytes);
    }

    /// <summary>Another hub takes the place of this one; every real party dials again.</summary>
    internal async Task ReplaceHubAsync(string database)
    {
        await StopAsync();
        stopping = new CancellationTokenSource();
        Hub = NewHub(database, null);
        foreach (var (identity, serve) in parties)
            Link(identity, serve);
    }

    /// <summary>Every site's program ends, and begins anew over what it stored, under the policy that holds now; the hub with them.</summary>
    internal async Task RestartSitesAsync()
    {
        await StopAsync();
        stopping = new CancellationTokenSource();
        Hub = NewHub("hub.db", null);
        var sites = hosts.Keys.Where(h => h.Role == NodeRole.Site).ToList();
        foreach (var site in sites)
        {
            hosts[site].Dispose();
            hosts.Remove(site);
            parties.Remove(site);
        }

        foreach (var (identity, serve) in parties)
            Link(identity, serve);
        foreach (var site in sites)
            AttachSite(site.Organisation.ToString(), null);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stopping.Dispose();
        foreach (var host in hosts.Values)
            host.Dispose();
        World.Dispose();
    }

    /// <summary>Two sites suffice, and two persons at each.</summary>
    private string Loosen(string text) => terms(text.Replace(StrictTerms, Study, StringComparison.Ordinal));

    private HubNetwork NewHub(string database, Action<string>? onStep) =>
        new(World.Path(database), World.KeysOf("harbour").Signing, () => World.File, Limits, World.Clock, logger, onStep);

    private void Attach(NodeIdentity identity, IDisposable host, Func<Link<PartyFrame, HubFrame>, CancellationToken, Task> serve)
    {
        hosts.Add(identity, host);
        parties.Add(identity, serve);
        Link(identity, serve);
    }

    private void Link(NodeIdentity identity, Func<Link<PartyFrame, HubFrame>, CancellationToken, Task> serve)
    {
        var pair = LinkPair.Create();
        running.Add(Task.Run(() => EndAfterAsync(Hub.ServeAsync(identity, pair.Hub, stopping.Token), pair)));
        var held = tap?.Before(identity, pair.Party) ?? pair.Party;
        running.Add(Task.Run(() => serve(held, stopping.Token)));
    }

    /// <summary>A hub that dies takes its end of the link with it.</summary>
    private static async Task EndAfterAsync(Task serving, LinkPair pair)
    {
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pair.Hub.Outgoing.TryComplete();
    }

    private async Task StopAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        running.Clear();
        Hub.Dispose();
        stopping.Dispose();
    }
}
