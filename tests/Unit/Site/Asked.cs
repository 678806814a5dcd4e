using Consilience.Connectors.Mapping;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Consilience.Tests.World;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Consilience.Site.Tests;

/// <summary>The site of cedar, real, over a CSV file, at the end of a link that a test holds.</summary>
internal sealed class Asked : IAsyncDisposable
{
    internal const string FivePersons = "stage,age\n1,30\n1,40\n2,50\n2,60\n2,70\n";

    private Asked(string rows, ILogger logger, Func<string, string>? policy, string? person, string? study, string? choiceKey)
    {
        System.IO.File.WriteAllText(DataFile, rows);
        Host = HostOn(World, World.Path("site.db"), logger, policy: policy, person: person, choiceKey: choiceKey);
        Hub = new HubEnd(Host.ServeAsync, World.KeysOf("cedar").Signing.Public);
        Agreement = World.Agree(World.Propose(study));
    }

    internal Consortia World { get; } = new();

    internal SiteHost Host { get; }

    internal HubEnd Hub { get; }

    internal Agreement Agreement { get; }

    internal string DataFile => World.Path("rows.csv");

    internal static async Task<Asked> StartAsync(string rows = FivePersons, ILogger? logger = null, Func<string, string>? policy = null, string? person = null, string? study = null, string? choiceKey = null)
    {
        var asked = new Asked(rows, logger ?? NullLogger.Instance, policy, person, study, choiceKey);
        await asked.Hub.AgreeAsync(asked.Agreement);
        return asked;
    }

    internal static SiteHost HostOn(Consortia world, string database, ILogger? logger = null, Action<string>? onStep = null, Func<string, string>? policy = null, string? person = null, string? choiceKey = null) =>
        new(world.PartyOf("cedar", NodeRole.Site, policy), database, study => DataMapping.Direct(world.Path("rows.csv"), study.Schema) with { PersonColumn = person, ChoiceKey = choiceKey }, null, world.Clock, logger ?? NullLogger.Instance, onStep);

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        Host.Dispose();
        World.Dispose();
    }
}
