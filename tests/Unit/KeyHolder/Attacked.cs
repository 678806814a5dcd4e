using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Consilience.KeyHolder.Tests;

/// <summary>The key holder of aster, real, with a study in force, at the end of a link that an attacker holds; and its credulous twin.</summary>
internal sealed class Attacked : IAsyncDisposable
{
    private readonly KeyHolderHost host;

    private Attacked(ILogger logger, string? study, Func<string, string>? policy)
    {
        host = new KeyHolderHost(World.PartyOf("aster", NodeRole.KeyHolder, policy), World.Path("keyholder.db"), null, World.Clock, logger);
        Hub = new HubEnd(host.ServeAsync, World.KeysOf("aster").Signing.Public);
        Agreement = World.Agree(World.Propose(study));
        Twin = new CredulousKeyHolder(
            World.KeysOf("aster"), "aster", digest => new[] { "ada", "bo", "eve" }.Select(n => World.KeysOf(n).Sealing.PublicKey).First(k => RunPlan.Fingerprint(k) == digest));
    }

    internal Consortia World { get; } = new();

    internal HubEnd Hub { get; }

    internal Agreement Agreement { get; }

    internal CredulousKeyHolder Twin { get; }

    internal static async Task<Attacked> StartAsync(ILogger? logger = null, string? study = null, Func<string, string>? policy = null)
    {
        var attacked = new Attacked(logger ?? NullLogger.Instance, study, policy);
        await attacked.Hub.AgreeAsync(attacked.Agreement);
        return attacked;
    }

    /// <summary>The real one refuses the roll with <paramref name="code"/>; its twin, asked the same, hands a share out.</summary>
    internal async Task OnlyTheTwinOpensAsync(RollToOpen roll, RefusalCode code)
    {
        var answer = await Hub.AskAsync(roll);
        Assert.False(answer.Gave);
        Assert.Equal(code, answer.Refusal!.Code);
        Assert.True((await Twin.AskAsync(roll)).Gave);
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        host.Dispose();
        World.Dispose();
    }
}
