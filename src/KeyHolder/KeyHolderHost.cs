using Consilience.Arithmetic;
using Consilience.KeyHolder.Analyse;
using Consilience.KeyHolder.Storage;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace Consilience.KeyHolder;

/// <summary>A key holder's program: its database, its node, and the line to the hub.</summary>
public sealed class KeyHolderHost : IDisposable
{
    private readonly PartyDatabase database;
    private readonly KeyHolderNode node;
    private readonly HubDialler? dialler;

    /// <param name="party">Whose.</param>
    /// <param name="databasePath">Its database.</param>
    /// <param name="hub">Where to dial; null when the link is in memory.</param>
    public KeyHolderHost(Party party, string databasePath, Uri? hub, TimeProvider clock, ILogger logger, Action<string>? onStep = null)
    {
        ArgumentNullException.ThrowIfNull(party);
        database = PartyDatabase.Open(databasePath, PartyDatabaseKind.KeyHolder, PartyStudies.Tables, OpenRoll.Tables);
        Studies = new PartyStudies(database, party, clock);
        OpenRoll = new OpenRoll(database, Studies, clock, RandomBytes.OperatingSystem, onStep);
        node = new KeyHolderNode(Studies, OpenRoll, logger, onStep);
        dialler = hub is null
            ? null
            : new HubDialler(hub, new NodeIdentity(party.Organisation, NodeRole.KeyHolder, party.Organisation.ToString()), party.Keys.Signing, party.Consortia, clock, logger);
    }

    public PartyStudies Studies { get; }

    public OpenRoll OpenRoll { get; }

    /// <summary>Dials and serves until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellation) =>
        dialler?.RunAsync(node.RunAsync, cancellation) ?? throw new InvalidOperationException("no hub to dial");

    /// <summary>Serves one link, in memory.</summary>
    public Task ServeAsync(Link<PartyFrame, HubFrame> link, CancellationToken cancellation) => node.RunAsync(link, cancellation);

    public void Dispose() => database.Dispose();
}
