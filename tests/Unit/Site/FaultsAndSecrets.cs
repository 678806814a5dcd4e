using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Site.Ledger;
using Consilience.Tests.World;
using Microsoft.Extensions.Logging;

namespace Consilience.Site.Tests;

/// <summary>What goes wrong beside the data leaves the site as a code; neither log nor refusal quotes a cell or a key.</summary>
public sealed class FaultsAndSecrets
{
    private const string Cell = "Iphigenia";

    [Fact]
    public async Task A_bad_cell_leaves_the_site_as_a_code_alone()
    {
        var logger = new HeardLogger();
        await using var asked = await Asked.StartAsync($"stage,age\n1,30\n{Cell},40\n2,50\n", logger);
        var answer = await asked.Hub.AskAsync(asked.World.Sign(asked.World.Noised(asked.Agreement)));
        Assert.Equal(RefusalCode.DataUnreadable, answer.Refusal!.Code);
        Assert.DoesNotContain("row", answer.Refusal.Message, StringComparison.Ordinal);
        Assert.Contains("row 2", logger.Text, StringComparison.Ordinal);
        Assert.False(Quotes(answer.Refusal.Message + logger.Text));
        Assert.Equal(0, asked.Host.Ledger.Spent(asked.Agreement.Digest).Amount);
    }

    [Fact]
    public void A_log_that_quotes_a_cell_is_noticed()
    {
        var logger = new HeardLogger();
        logger.LogError(new FormatException($"'{Cell}' is no stage"), "encoding failed");
        Assert.True(Quotes(logger.Text));
    }

    [Fact]
    public async Task The_refusal_is_the_same_whichever_cell_is_bad()
    {
        var messages = new HashSet<string>();
        foreach (var row in new[] { $"{Cell},40\n", "1,30\n3,40\n", "1,1e99\n1,30\n9,9\n" })
        {
            await using var asked = await Asked.StartAsync("stage,age\n" + row);
            messages.Add((await asked.Hub.AskAsync(asked.World.Sign(asked.World.Noised(asked.Agreement) with { Cohort = "age >= 1" }))).Refusal!.Message);
        }

        Assert.Single(messages);
    }

    [Fact]
    public async Task Once_the_data_are_mended_the_same_run_is_answered_and_charged_once()
    {
        await using var asked = await Asked.StartAsync($"stage,age\n{Cell},40\n");
        var request = asked.World.Sign(asked.World.Noised(asked.Agreement));
        Assert.False((await asked.Hub.AskAsync(request)).Gave);
        System.IO.File.WriteAllText(asked.DataFile, Asked.FivePersons);
        Assert.True((await asked.Hub.AskAsync(request)).Gave);
        Assert.Equal(500_000_000, asked.Host.Ledger.Spent(asked.Agreement.Digest).Amount);
        Assert.Equal(LedgerEntryKind.Commit, asked.Host.Ledger.Entries()[^1].Kind);
    }

    [Fact]
    public async Task Data_that_are_gone_are_refused_and_the_link_goes_on()
    {
        await using var asked = await Asked.StartAsync();
        System.IO.File.Delete(asked.DataFile);
        var request = asked.World.Sign(asked.World.Noised(asked.Agreement));
        Assert.Equal(RefusalCode.DataUnreadable, (await asked.Hub.AskAsync(request)).Refusal!.Code);
        System.IO.File.WriteAllText(asked.DataFile, Asked.FivePersons);
        Assert.True((await asked.Hub.AskAsync(request)).Gave);
    }

    [Fact]
    public async Task Logs_hold_no_key_and_no_count()
    {
        var logger = new HeardLogger();
        await using var asked = await Asked.StartAsync(logger: logger);
        await asked.Hub.AskAsync(asked.World.Sign(asked.World.Noised(asked.Agreement)));
        await asked.Hub.AskAsync(asked.World.Sign(asked.World.Noised(asked.Agreement, "2")));
        var sealing = asked.World.KeysOf("cedar").Sealing.Export();
        var said = logger.Text + asked.World.PartyOf("cedar", NodeRole.Site);
        Assert.NotEmpty(logger.Text);
        Assert.DoesNotContain(Convert.ToBase64String(sealing), said, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToHexStringLower(sealing), said, StringComparison.Ordinal);
        Assert.DoesNotContain(asked.World.KeysOf("cedar").Signing.ToPem().Split('\n')[1], said, StringComparison.Ordinal);
    }

    private static bool Quotes(string text) => text.Contains(Cell, StringComparison.OrdinalIgnoreCase);
}
