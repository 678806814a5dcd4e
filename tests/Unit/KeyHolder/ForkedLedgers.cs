using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;

namespace Consilience.KeyHolder.Tests;

/// <summary>A site whose ledger was restored from an old copy pays twice with the same entry number; key holders, who open both answers, notice.</summary>
public sealed class ForkedLedgers
{
    private static (Signed<RequestStatement> Request, RollToOpen Roll) Ask(Attacked attacked, LedgerHead cedars)
    {
        var world = attacked.World;
        var request = world.Sign(world.Noised(attacked.Agreement) with { Again = true });
        var made = world.ContributeAll(attacked.Agreement, request)
            .Select(c => c.Signed.Statement.Site.ToString() != "cedar" ? c : c with
            {
                Signed = Signed<ContributionStatement>.By(world.KeysOf("cedar").Signing, c.Signed.Statement with { Ledger = cedars }),
            }).ToList();
        return (request, world.RollOf(request, made));
    }

    [Fact]
    public async Task Two_answers_paid_for_by_different_entries_of_one_number_are_not_both_opened()
    {
        await using var attacked = await Attacked.StartAsync();
        Assert.True((await attacked.Hub.AskAsync(Ask(attacked, new LedgerHead(7, Digest.Of("one"u8))).Roll)).Gave);
        await attacked.OnlyTheTwinOpensAsync(Ask(attacked, new LedgerHead(7, Digest.Of("another"u8))).Roll, RefusalCode.LedgerForked);
    }

    [Fact]
    public async Task Later_earlier_and_the_same_entries_are_fine()
    {
        await using var attacked = await Attacked.StartAsync();
        foreach (var entry in new[] { new LedgerHead(7, Digest.Of("seven"u8)), new(9, Digest.Of("nine"u8)), new(8, Digest.Of("eight"u8)), new(7, Digest.Of("seven"u8)) })
            Assert.True((await attacked.Hub.AskAsync(Ask(attacked, entry).Roll)).Gave);
    }
}
