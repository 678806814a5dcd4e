using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.Tests.World;
using Google.Protobuf;

namespace Consilience.Site.Tests;

/// <summary>An old copy of the data folder, or a second instance of the site: free budget, unless somebody remembers.</summary>
public sealed class LedgersThatForked
{
    private static void Copy(Asked asked, string to)
    {
        foreach (var suffix in new[] { "", "-wal" }.Where(s => File.Exists(asked.World.Path("site.db") + s)))
            File.Copy(asked.World.Path("site.db") + suffix, asked.World.Path(to) + suffix);
    }

    private static Signed<RequestStatement> Fresh(Asked asked) => asked.World.Sign(asked.World.Noised(asked.Agreement) with { Again = true });

    /// <summary>What an instance of the site on another database answers, when the hub shows it a contribution as its newest.</summary>
    private static async Task<PartyAnswer> AskInstanceAsync(Asked asked, string database, byte[]? witness)
    {
        using var host = Asked.HostOn(asked.World, asked.World.Path(database));
        await using var hub = new HubEnd(host.ServeAsync, asked.World.KeysOf("cedar").Signing.Public);
        if (witness is not null)
            await hub.SendAsync(new HubFrame { Welcome = new Welcome { Witness = ByteString.CopyFrom(witness) } });
        return await hub.AskAsync(Fresh(asked));
    }

    [Fact]
    public async Task A_site_restored_from_an_old_copy_answers_nothing_once_it_is_shown_what_it_signed_since()
    {
        await using var asked = await Asked.StartAsync();
        await asked.Hub.AskAsync(Fresh(asked));
        Copy(asked, "old.db");
        var answered = await asked.Hub.AskAsync(Fresh(asked));
        var refusal = (await AskInstanceAsync(asked, "old.db", answered.Statement)).Refusal!;
        Assert.Equal(RefusalCode.LedgerForked, refusal.Code);
        Assert.Contains("restore the newest data folder", refusal.Message, StringComparison.Ordinal);

        // A hub that shows nothing leaves the old copy its budget: this is what key holders look for forks for.
        Assert.True((await AskInstanceAsync(asked, "old.db", null)).Gave);
    }

    [Fact]
    public async Task A_second_instance_of_a_site_answers_nothing_once_the_first_has()
    {
        await using var asked = await Asked.StartAsync();
        await asked.Hub.AskAsync(Fresh(asked));
        Copy(asked, "clone.db");
        var newest = await asked.Hub.AskAsync(Fresh(asked));
        Assert.Equal(RefusalCode.LedgerForked, (await AskInstanceAsync(asked, "clone.db", newest.Statement)).Refusal!.Code);
    }

    [Fact]
    public async Task A_ledger_that_holds_what_it_is_shown_goes_on()
    {
        await using var asked = await Asked.StartAsync();
        var first = await asked.Hub.AskAsync(Fresh(asked));
        var second = await asked.Hub.AskAsync(Fresh(asked));
        Copy(asked, "moved.db");
        Assert.True((await AskInstanceAsync(asked, "moved.db", second.Statement)).Gave);
        foreach (var shown in new[] { first, second })
        {
            await asked.Hub.SendAsync(new HubFrame { Welcome = new Welcome { Witness = ByteString.CopyFrom(shown.Statement) } });
            Assert.True((await asked.Hub.AskAsync(Fresh(asked))).Gave);
        }
    }

    [Fact]
    public async Task A_hub_cannot_stop_a_site_with_an_entry_that_the_site_did_not_sign()
    {
        await using var asked = await Asked.StartAsync();
        var forged = asked.World.Contribute(asked.Agreement, Fresh(asked), "cedar", [1, 2], signer: "harbour").Signed.Envelope;
        foreach (var witness in new[] { forged, [], [1, 2, 3] })
        {
            await asked.Hub.SendAsync(new HubFrame { Welcome = new Welcome { Witness = ByteString.CopyFrom(witness) } });
            Assert.True((await asked.Hub.AskAsync(asked.World.Sign(asked.World.Noised(asked.Agreement, "1/2") with { Again = true }))).Gave);
        }
    }
}
