using Consilience.Protocol.Identity;
using Consilience.Site.Ledger;
using Consilience.Tests.World;

namespace Consilience.Site.Tests;

/// <summary>The ledger as an auditor gets it.</summary>
public sealed class ExportedLedgers
{
    private static async Task<(Asked Asked, LedgerExport Export)> ExportAsync()
    {
        var asked = await Asked.StartAsync();
        foreach (var cohort in new[] { "", "age >= 40" })
            await asked.Hub.AskAsync(asked.World.Sign(asked.World.Noised(asked.Agreement) with { Cohort = cohort }));
        Assert.True(LedgerExport.TryOpen(asked.Host.Export(asked.World.Clock.Now), asked.World.File.Current, out var export, out _));
        return (asked, export);
    }

    [Fact]
    public async Task A_signed_export_holds_every_entry_and_is_read_with_the_consortium_file_alone()
    {
        var (asked, export) = await ExportAsync();
        await using (asked)
        {
            Assert.Equal(asked.Host.Ledger.Entries(), export.Entries);
            Assert.Equal(4, export.Entries.Count);
            Assert.All(export.Entries, e => Assert.Equal(("ada", "*"), (e.Researcher, e.Blocks)));
        }
    }

    [Theory]
    [InlineData("an entry left out")]
    [InlineData("a smaller charge")]
    [InlineData("another researcher")]
    [InlineData("two entries exchanged")]
    public async Task An_export_that_was_changed_is_refused_even_when_the_site_signs_it(string change)
    {
        var (asked, export) = await ExportAsync();
        await using (asked)
        {
            var entries = export.Entries.ToList();
            switch (change)
            {
                case "an entry left out":
                    entries.RemoveAt(1);
                    break;
                case "a smaller charge":
                    entries[0] = entries[0] with { Charge = 1, Spent = 1 };
                    break;
                case "another researcher":
                    entries[1] = entries[1] with { Researcher = "bo" };
                    break;
                default:
                    (entries[0], entries[1]) = (entries[1], entries[0]);
                    break;
            }

            var signed = Signed<LedgerExport>.By(asked.World.KeysOf("cedar").Signing, export with { Entries = entries }).Envelope;
            Assert.False(LedgerExport.TryOpen(signed, asked.World.File.Current, out _, out var reason));
            Assert.Contains("does not follow", reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_export_that_another_member_signed_is_refused()
    {
        var (asked, export) = await ExportAsync();
        await using (asked)
        {
            var forged = Signed<LedgerExport>.By(asked.World.KeysOf("birch").Signing, export).Envelope;
            Assert.False(LedgerExport.TryOpen(forged, asked.World.File.Current, out _, out var reason));
            Assert.Contains("not signed", reason, StringComparison.Ordinal);
        }
    }
}
