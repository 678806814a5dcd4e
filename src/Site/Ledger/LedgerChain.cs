using Consilience.Protocol.Identity;

namespace Consilience.Site.Ledger;

/// <summary>An entry and the hash stored beside it.</summary>
internal sealed record LedgerRow(LedgerEntry Entry, Digest Hash);

/// <summary>Recomputes a ledger from its first entry: hashes, sequence, and every study's spending.</summary>
internal static class LedgerChain
{
    /// <exception cref="LedgerDamagedException">The first entry that does not follow from those before it.</exception>
    internal static void Verify(IReadOnlyList<LedgerRow> rows)
    {
        var previous = LedgerEntry.Genesis;
        var spent = new Dictionary<Digest, long>();
        var open = new Dictionary<(RunId, int), LedgerEntry>();
        for (var i = 0; i < rows.Count; i++)
        {
            var (entry, hash) = rows[i];
            if (entry.Sequence != i + 1)
                throw new LedgerDamagedException(i + 1, $"missing (the next one is {entry.Sequence})");
            if (entry.Previous != previous)
                throw new LedgerDamagedException(entry.Sequence, "its predecessor was changed or replaced");
            if (entry.Hash() != hash)
                throw new LedgerDamagedException(entry.Sequence, "it was changed after it was written");
            if (entry.Spent != spent.GetValueOrDefault(entry.Agreement) + Change(entry))
                throw new LedgerDamagedException(entry.Sequence, "its sum does not follow from the entries before");
            if (!Follows(open.GetValueOrDefault((entry.Run, entry.Round)), entry))
                throw new LedgerDamagedException(entry.Sequence, "it does not follow from the entries of its run");
            open[(entry.Run, entry.Round)] = entry;
            spent[entry.Agreement] = entry.Spent;
            previous = hash;
        }
    }

    private static long Change(LedgerEntry entry) => entry.Kind switch
    {
        LedgerEntryKind.Reserve => entry.Charge,
        LedgerEntryKind.Release => -entry.Charge,
        _ => 0,
    };

    private static bool Follows(LedgerEntry? last, LedgerEntry next) => next.Kind switch
    {
        LedgerEntryKind.Reserve => last is null || (last.Kind == LedgerEntryKind.Release && last.Request == next.Request),
        LedgerEntryKind.Commit or LedgerEntryKind.Release =>
            last is { Kind: LedgerEntryKind.Reserve } && last.Request == next.Request && last.Charge == next.Charge && last.Agreement == next.Agreement && last.Researcher == next.Researcher && last.Blocks == next.Blocks,
        _ => false,
    };
}
