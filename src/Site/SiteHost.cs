using Consilience.Arithmetic;
using Consilience.Connectors.Mapping;
using Consilience.KeyHolder.Storage;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Site.Analyse;
using Consilience.Site.Ledger;
using Microsoft.Extensions.Logging;

namespace Consilience.Site;

/// <summary>A site's program: its database with ledger and studies, its data, its node, and the line to the hub.</summary>
public sealed class SiteHost : IDisposable
{
    private readonly PartyDatabase database;
    private readonly StudyData data;
    private readonly SiteNode node;
    private readonly HubDialler? dialler;

    /// <param name="party">Whose.</param>
    /// <param name="databasePath">Its database.</param>
    /// <param name="mappingOf">The mapping of its data to a study's schema.</param>
    /// <param name="hub">Where to dial; null when the link is in memory.</param>
    public SiteHost(Party party, string databasePath, Func<Study, DataMapping> mappingOf, Uri? hub, TimeProvider clock, ILogger logger, Action<string>? onStep = null)
    {
        ArgumentNullException.ThrowIfNull(party);
        database = PartyDatabase.Open(databasePath, PartyDatabaseKind.Site, PartyStudies.Tables, PrivacyLedger.Tables, AnswerRequest.Tables);
        data = new StudyData(party.Organisation, mappingOf);
        Studies = new PartyStudies(database, party, clock);
        Ledger = PrivacyLedger.Open(database, clock);
        var witness = new LedgerWitness(Ledger, party.Organisation, party.Keys.Signing.Public);
        var attachments = new Attachments(database);
        Answer = new AnswerRequest(database, Studies, Ledger, witness, attachments, data, clock, RandomBytes.OperatingSystem, logger, onStep);
        node = new SiteNode(Studies, Answer, attachments, witness, logger, onStep);
        dialler = hub is null
            ? null
            : new HubDialler(hub, new NodeIdentity(party.Organisation, NodeRole.Site, party.Organisation.ToString()), party.Keys.Signing, party.Consortia, clock, logger);
    }

    public PartyStudies Studies { get; }

    public PrivacyLedger Ledger { get; }

    public AnswerRequest Answer { get; }

    /// <summary>The budgets of all studies in force here that may ask at noised precision.</summary>
    public IReadOnlyList<(Study Study, StudyBudget Budget)> Budgets()
    {
        var entries = Ledger.Entries();
        return
        [
            .. Studies.All().Where(s => s is { InForce: true, Proposal.Study.Noised: not null })
                .Select(s => (s.Proposal.Study, Standing: Studies.Find(s.Proposal.Digest)))
                .Where(s => s.Standing is not null)
                .Select(s => (s.Study, StudyBudget.Of(s.Standing!.Agreement.Digest, s.Standing.Budget, entries))),
        ];
    }

    /// <summary>What all studies together have spent on each set of blocks of persons; empty where nothing limits them.</summary>
    public IReadOnlyList<BlockBudget> Lifetime() => Studies.Party.Policy.Lifetime is { } lifetime ? Ledger.Blocks(lifetime) : [];

    /// <summary>The ledger, signed for an auditor.</summary>
    public byte[] Export(DateTimeOffset now) => Signed<LedgerExport>.By(
        Studies.Party.Keys.Signing, new LedgerExport { Site = Studies.Party.Organisation, ExportedAt = now, Entries = Ledger.Entries() }).Envelope;

    /// <summary>Dials and serves until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) =>
        dialler?.RunAsync(node.RunAsync, cancellation) ?? throw new InvalidOperationException("no hub to dial");

    /// <summary>Serves one link, in memory.</summary>
    public Task ServeAsync(Link<PartyFrame, HubFrame> link, CancellationToken cancellation) => node.RunAsync(link, cancellation);

    public void Dispose()
    {
        data.Dispose();
        database.Dispose();
    }
}
