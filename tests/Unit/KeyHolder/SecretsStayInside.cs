using Consilience.Tests.World;
using Microsoft.Extensions.Logging;

namespace Consilience.KeyHolder.Tests;

/// <summary>Neither logs nor refusals nor text forms hold a key, a seed or a share.</summary>
public sealed class SecretsStayInside
{
    [Fact]
    public async Task Logs_and_refusals_hold_no_secret()
    {
        var logger = new HeardLogger();
        await using var attacked = await Attacked.StartAsync(logger);
        var world = attacked.World;
        var request = world.Sign(world.Exact(attacked.Agreement));
        var all = world.ContributeAll(attacked.Agreement, request);
        var roll = world.RollOf(request, all);
        var opened = await attacked.Hub.AskAsync(roll);
        var refused = await attacked.Hub.AskAsync(world.RollOf(request, [.. all.Take(1)]));
        var share = world.ReadShare(request, roll, "aster", opened)!;
        var secrets = SecretsOf(world, share);
        var said = logger.Text + refused.Refusal!.Message + world.KeysOf("aster") + world.PartyOf("aster", Protocol.Identity.NodeRole.KeyHolder);
        Assert.NotEmpty(logger.Text);
        Assert.Empty(Found(said, secrets));
    }

    [Fact]
    public void A_log_that_says_a_share_or_a_key_is_noticed()
    {
        using var world = new Consortia();
        var logger = new HeardLogger();
        byte[] share = [.. BitConverter.GetBytes(0x1234_5678_9abc_def0), 17, 0, 0, 0, 0, 0, 0, 0];
        logger.LogInformation("opened {Share} with {Key}", BitConverter.ToUInt64(share), Convert.ToBase64String(world.KeysOf("aster").Sealing.Export()));
        Assert.Equal(2, Found(logger.Text, SecretsOf(world, share)).Count());
    }

    private static List<string> SecretsOf(Consortia world, byte[] share)
    {
        var sealing = world.KeysOf("aster").Sealing.Export();
        var pem = world.KeysOf("aster").Signing.ToPem().Split('\n')[1];
        return [Convert.ToBase64String(sealing), Convert.ToHexStringLower(sealing), Convert.ToHexString(sealing), pem, $"{BitConverter.ToUInt64(share)}", $"{BitConverter.ToUInt64(share):x}"];
    }

    private static IEnumerable<string> Found(string text, IEnumerable<string> secrets) => secrets.Where(s => text.Contains(s, StringComparison.Ordinal));
}
