using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;

namespace Consilience.KeyHolder.Analyse;

/// <summary>
/// Ledger entries that sites named in the contributions this key holder opened. <b>Guarantee:</b> two answers of one site that were paid for by different entries of the same
/// number are not both opened: such a ledger was restored from an old copy, or runs twice, and its budget would be spent twice. No trust in the hub is needed for this.
/// </summary>
internal static class SeenLedgers
{
    /// <summary>Makes the table.</summary>
    internal const string Tables = """
        CREATE TABLE IF NOT EXISTS seen_ledger (
            site     TEXT NOT NULL,
            sequence INTEGER NOT NULL,
            hash     TEXT NOT NULL,      -- of the entry, immutable
            PRIMARY KEY (site, sequence)
        ) STRICT;
        """;

    /// <summary>Keeps the entries; why the roll must not be opened, otherwise.</summary>
    internal static Refusal? Add(PartyTransaction transaction, IReadOnlyList<(string Site, LedgerHead Entry)> named)
    {
        foreach (var (site, entry) in named)
        {
            var seen = transaction.First("SELECT hash FROM seen_ledger WHERE site = @p0 AND sequence = @p1", r => r.GetString(0), site, entry.Sequence);
            if (seen is not null && seen != entry.Hash.ToString())
                return new(RefusalCode.LedgerForked, $"site {site}: its privacy ledger has two entries {entry.Sequence}: an old copy was restored, or a second instance runs; its operator must restore the newest data folder and stop the other");
        }

        foreach (var (site, entry) in named)
            transaction.Execute("INSERT OR IGNORE INTO seen_ledger (site, sequence, hash) VALUES (@p0, @p1, @p2)", site, entry.Sequence, entry.Hash.ToString());

        return null;
    }
}
