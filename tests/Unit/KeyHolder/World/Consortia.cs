using Consilience.Arithmetic;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Policy;

namespace Consilience.Tests.World;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class StandingClock : TimeProvider
{
    internal DateTimeOffset Now { get; set; } = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Now.UtcTicks;
}

/// <summary>A hub, three sites of which two are key holders, an outsider with a site of its own, two researchers, and a folder that goes with the test.</summary>
internal sealed class Consortia : IDisposable
{
    internal const string Researcher = "ada";

    internal const string StudyText = """
        study: tumours
        title: Tumours by stage
        purpose: {code: "DUO:0000007", text: Research on tumours.}
        researchers:
          - {name: ada, organisation: aster}
          - {name: bo, organisation: birch}
        sites: [aster, birch, cedar]
        keyHolders: [aster, birch]
        minimumSites: 2
        schema:
          variables:
            stage:
              type: category
              codes: {"1": early, "2": late}
            age: {type: integer, minimum: 0, maximum: 200}
        methods: [count]
        precision:
          exact: {minimumSites: 3, minimumPersons: 3}
          noised: {maximumEpsilon: 1, budget: 2}
        expires: 2030-12-31
        """;

    /// <summary>Studies and policies alike, where training is permitted too.</summary>
    internal static string WithTraining(string text) => text.Replace("methods: [count]", "methods: [count, training-round]", StringComparison.Ordinal);

    private const string PolicyText = """
        decide: automatic
        purposes: ["DUO:0000007"]
        researchersFrom: [aster, birch]
        methods: [count]
        exact: {minimumSites: 3, minimumPersons: 3}
        noised: {maximumEpsilon: 1, budget: 2}
        keyHolders: {minimum: 2}
        latestExpiry: 2030-12-31
        """;

    private readonly Dictionary<string, KeyFolder> keys = [];

    internal Consortia()
    {
        (string Id, string[] Roles)[] members =
            [("harbour", ["hub"]), ("aster", ["site", "key-holder"]), ("birch", ["site", "key-holder"]), ("cedar", ["site"]), ("dogwood", ["site"])];
        foreach (var name in members.Select(m => m.Id).Concat(["ada", "bo", "eve"]))
            keys[name] = KeyFolder.Create(Path(name), RandomBytes.OperatingSystem);
        var entries = members.Select(m => new MemberEntry(
            Id(m.Id), m.Id, m.Roles, keys[m.Id].Signing.Public.Bytes.ToArray(), keys[m.Id].Sealing.PublicKey.Bytes.ToArray())).ToList();
        var draft = ConsortiumFile.Draft(null, "test", entries, keys["harbour"].Signing);
        File = ConsortiumFile.Append(null, members.Aggregate(draft, (d, m) => d.WithSignature(keys[m.Id].Signing)));
    }

    internal StandingClock Clock { get; } = new();

    internal ConsortiumFile File { get; }

    internal string Folder { get; } = Directory.CreateTempSubdirectory("consilience-").FullName;

    internal static OrganisationId Id(string id) => OrganisationId.Parse(id);

    internal KeyFolder KeysOf(string name) => keys[name];

    internal string Path(string name) => System.IO.Path.Combine(Folder, name);

    internal Party PartyOf(string id, NodeRole role, Func<string, string>? policy = null) =>
        new(Id(id), role, keys[id], () => File, SitePolicy.Read((policy ?? (p => p))(PolicyText)));

    /// <summary>A proposal signed by its researcher.</summary>
    internal Proposal Propose(string? text = null)
    {
        var cards = new[] { Card("ada", "aster"), Card("bo", "birch") };
        return Proposal.TryOpen(Proposal.Sign(File.Current, text ?? StudyText, cards, Researcher, keys[Researcher].Signing), File, out var proposal, out var reason)
            ? proposal
            : throw new InvalidOperationException(reason);
    }

    /// <summary>The decisions of every party of a proposal; those of <paramref name="except"/> are left out.</summary>
    internal List<byte[]> Decisions(Proposal proposal, params string[] except) =>
        [.. proposal.Parties.Where(p => !except.Contains(p.Party.ToString()))
            .Select(p => Agreement.Decide(proposal, p.Party, p.Role, agrees: true, ["test"], Clock.Now, keys[p.Party.ToString()].Signing))];

    internal Agreement Agree(Proposal? proposal = null)
    {
        proposal ??= Propose();
        return Agreement.TryPutInForce(proposal, Decisions(proposal), out var missing) ?? throw new InvalidOperationException(string.Join(", ", missing));
    }

    public void Dispose()
    {
        foreach (var folder in keys.Values)
            folder.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private byte[] Card(string name, string organisation) => Signed<ResearcherCard>.By(keys[organisation].Signing, new ResearcherCard
    {
        Organisation = Id(organisation),
        Name = name,
        SigningKey = keys[name].Signing.Public.Bytes.ToArray(),
        SealingKey = keys[name].Sealing.PublicKey.Bytes.ToArray(),
        ExpiresAt = Clock.Now.AddYears(10),
    }).Envelope;
}
