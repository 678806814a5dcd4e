using Consilience.Arithmetic;
using Consilience.Cli.Commands;
using Consilience.Client.Analyse;
using Consilience.Client.Study;
using Consilience.Connectors.Mapping;
using Consilience.Hub;
using Consilience.KeyHolder;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Policy;
using Consilience.Protocol.Wire;
using Consilience.Site;
using Microsoft.Extensions.Logging.Abstractions;

namespace Consilience.Cli.Simulate;

/// <summary>
/// All parties of a study in one process: the hub, sites and key holders the network runs, over in-memory links, with keys and agreement made for the occasion. Policies
/// grant what the study asks for.
/// </summary>
internal sealed class SimulatedNetwork : IAsyncDisposable
{
    private const string HubId = "simulated-hub";

    private readonly CancellationTokenSource stopping = new();
    private readonly List<Task> running = [];
    private readonly List<IDisposable> owned = [];
    private readonly TimeProvider clock = TimeProvider.System;
    private readonly HubNetwork hub;

    private SimulatedNetwork(string folder, ConsortiumFile consortium, KeyFolder hubKeys)
    {
        Folder = folder;
        Consortium = consortium;
        hub = new HubNetwork(Path.Combine(folder, "hub.db"), hubKeys.Signing, () => consortium, new HubLimits { AwayAllowance = TimeSpan.Zero }, clock, NullLogger.Instance);
        owned.Add(hub);
    }

    /// <summary>Temporary; goes with the network.</summary>
    internal string Folder { get; }

    internal ConsortiumFile Consortium { get; }

    internal AskQuestion Ask { get; private set; } = null!;

    internal static async Task<SimulatedNetwork> StartAsync(
        Study study, IReadOnlyDictionary<string, string> data, IReadOnlyDictionary<string, string> mappings, CancellationToken cancellation)
    {
        // Faults of a mapping are found before anything starts.
        foreach (var site in data.Keys)
            MappingOf(study, site, data, mappings);
        var folder = Directory.CreateTempSubdirectory("consilience-simulation-").FullName;
        var roles = Roles(study);
        var keys = roles.Keys.ToDictionary(id => id, id => KeyFolder.Create(Path.Combine(folder, id), RandomBytes.OperatingSystem));
        var entries = roles.Select(r => NetworkFiles.EntryOf(keys[r.Key], r.Key, r.Key, r.Value)).ToList();
        var draft = keys.Values.Skip(1).Aggregate(ConsortiumFile.Draft(null, "simulation", entries, keys.Values.First().Signing), (d, k) => d.WithSignature(k.Signing));
        var network = new SimulatedNetwork(folder, ConsortiumFile.Append(null, draft), keys[HubId]);
        network.owned.AddRange(keys.Values);
        try
        {
            // Key holders first: a run waits for them, and for sites only as long as they are connected.
            foreach (var keyHolder in study.KeyHolders)
                network.StartKeyHolder(keyHolder, study, keys[keyHolder.ToString()]);
            foreach (var site in study.Sites.Where(s => data.ContainsKey(s.ToString())))
                network.StartSite(site, study, keys[site.ToString()], study => MappingOf(study, site.ToString(), data, mappings));
            await network.AgreeAsync(study, keys, cancellation);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var item in owned)
            item.Dispose();
        stopping.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static Dictionary<string, List<string>> Roles(Study study)
    {
        var roles = new Dictionary<string, List<string>>(StringComparer.Ordinal) { [HubId] = ["hub"] };
        void Add(OrganisationId id, string? role)
        {
            if (!roles.TryGetValue(id.ToString(), out var list))
                roles[id.ToString()] = list = [];
            if (role is not null)
                list.Add(role);
        }

        foreach (var site in study.Sites)
            Add(site, "site");
        foreach (var keyHolder in study.KeyHolders)
            Add(keyHolder, "key-holder");
        foreach (var researcher in study.Researchers)
            Add(researcher.Organisation, null);
        return roles;
    }

    private static DataMapping MappingOf(Study study, string site, IReadOnlyDictionary<string, string> data, IReadOnlyDictionary<string, string> mappings)
    {
        if (!mappings.TryGetValue(site, out var path))
            return DataMapping.Direct(data[site], study.Schema);
        return MappingReader.Read(File.ReadAllText(path), Path.GetDirectoryName(Path.GetFullPath(path))!, study.Schema, Path.GetFileName(path), data[site]);
    }

    private void StartKeyHolder(OrganisationId id, Study study, KeyFolder keys)
    {
        var host = new KeyHolderHost(PartyOf(id, NodeRole.KeyHolder, study, keys), Path.Combine(Folder, $"{id}-keyholder.db"), null, clock, NullLogger.Instance);
        owned.Add(host);
        Link(new NodeIdentity(id, NodeRole.KeyHolder, id.ToString()), host.ServeAsync);
    }

    private void StartSite(OrganisationId id, Study study, KeyFolder keys, Func<Study, DataMapping> mappingOf)
    {
        var host = new SiteHost(PartyOf(id, NodeRole.Site, study, keys), Path.Combine(Folder, $"{id}-site.db"), mappingOf, null, clock, NullLogger.Instance);
        owned.Add(host);
        Link(new NodeIdentity(id, NodeRole.Site, id.ToString()), host.ServeAsync);
    }

    private void Link(NodeIdentity identity, Func<Link<PartyFrame, HubFrame>, CancellationToken, Task> serve)
    {
        var pair = LinkPair.Create();
        running.Add(hub.ServeAsync(identity, pair.Hub, stopping.Token));
        running.Add(serve(pair.Party, stopping.Token));
    }

    private Party PartyOf(OrganisationId id, NodeRole role, Study study, KeyFolder keys) => new(id, role, keys, () => Consortium, new SitePolicy
    {
        DecidesAutomatically = true,
        Purposes = [study.Purpose.Code],
        ResearchersFrom = [.. study.Researchers.Select(r => r.Organisation.ToString())],
        Methods = study.Methods,
        Exact = study.Exact,
        Noised = study.Noised,
        GrantsSiteFigures = true,
        MinimumKeyHolders = 1,
        RequiredKeyHolders = [],
        LatestExpiry = DateOnly.MaxValue,
    });

    private async Task AgreeAsync(Study study, Dictionary<string, KeyFolder> keys, CancellationToken cancellation)
    {
        var cards = new List<byte[]>();
        KeyFolder? own = null;
        foreach (var researcher in study.Researchers)
        {
            var folder = KeyFolder.Create(Path.Combine(Folder, $"researcher-{researcher.Name}"), RandomBytes.OperatingSystem);
            owned.Add(folder);
            own ??= folder;
            cards.Add(NetworkFiles.WriteCard(keys[researcher.Organisation.ToString()], researcher.Organisation, folder, researcher.Name, TimeSpan.FromDays(1), clock));
        }

        var first = study.Researchers[0];
        var connection = new InMemoryHubConnection(hub, new NodeIdentity(first.Organisation, NodeRole.Researcher, first.Name));
        owned.Add(connection);
        var agreement = await PutInForceAsync(study, cards, first.Name, own!, connection, cancellation);
        Ask = new AskQuestion(connection, Consortium, agreement, first.Name, own!, clock);
    }

    /// <summary>Sites without data are not there to sign, so the simulation signs for them: what a run does without them is what it is to show.</summary>
    private async Task<Agreement> PutInForceAsync(Study study, List<byte[]> cards, string researcher, KeyFolder own, InMemoryHubConnection connection, CancellationToken cancellation)
    {
        var studies = new ProposeStudy(connection, Consortium, clock);
        var standing = await studies.ProposeAsync(study.Text, cards, researcher, own.Signing, cancellation);
        var silent = study.Sites.Where(s => !owned.OfType<SiteHost>().Any(h => h.Studies.Party.Organisation == s)).ToList();
        foreach (var site in silent)
        {
            var keys = owned.OfType<KeyFolder>().First(k => Path.GetFileName(k.FolderPath) == site.ToString());
            var pair = LinkPair.Create();
            using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var serving = hub.ServeAsync(new NodeIdentity(site, NodeRole.Site, site.ToString()), pair.Hub, done.Token);
            await pair.Party.Outgoing.WriteAsync(new PartyFrame { Hello = new Hello { ProtocolVersion = 1, Role = Role.Site } }, cancellation);
            var decision = Agreement.Decide(standing.Proposal, site, NodeRole.Site, agrees: true, ["simulated"], clock.GetUtcNow(), keys.Signing);
            await pair.Party.Outgoing.WriteAsync(new PartyFrame { Decision = Google.Protobuf.ByteString.CopyFrom(decision) }, cancellation);
            pair.Party.Outgoing.Complete();
            await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return await studies.WaitUntilInForceAsync(standing.Proposal.Digest, null, cancellation);
    }
}
