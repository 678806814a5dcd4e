using Consilience.Analyses.Cohorts;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;

namespace Consilience.Site.Ledger;

/// <summary>What was spent, by researcher and by block of persons; and whether a charge still fits every limit that holds for it.</summary>
internal static class LedgerSums
{
    private const string Spent = "coalesce(sum(CASE kind WHEN 1 THEN charge WHEN 3 THEN -charge ELSE 0 END), 0)";

    /// <summary>Why the charge does not fit; null when it does. A charge of nothing always does.</summary>
    internal static Refusal? Overdrawn(PartyTransaction transaction, Charge charge, long spentByStudy)
    {
        if (charge.Amount == NanoRho.Zero)
            return null;
        if (Exceeds(charge, charge.Limits.Study, spentByStudy))
            return Refuse(charge, "budget spent", charge.Limits.Study, spentByStudy, $"for a larger budget in agreement {charge.Agreement.Short}");
        if (charge.Limits.Researcher is { } own && ByResearcher(transaction, charge) is var mine && Exceeds(charge, own, mine))
            return Refuse(charge, $"budget of researcher {charge.Researcher} spent", own, mine, "let another researcher of the study ask");
        if (charge.Limits.Lifetime is { } lifetime && MostSpent(ByBlock(transaction), charge.Blocks) is var most && Exceeds(charge, lifetime, most))
            return Refuse(charge, "lifetime budget of these persons spent", lifetime, most, "ask about other years");
        return null;
    }

    /// <summary>nano-ρ spent by all studies on each set of blocks that was ever charged together.</summary>
    internal static IReadOnlyList<(string Blocks, long Spent)> ByBlock(PartyTransaction transaction) =>
        transaction.Query($"SELECT blocks, {Spent} FROM ledger GROUP BY blocks", r => (r.GetString(0), r.GetInt64(1)));

    /// <summary>The most that any one of these blocks has been charged: a charge of several blocks counts in full in each.</summary>
    internal static long MostSpent(IReadOnlyList<(string Blocks, long Spent)> spent, string blocks)
    {
        var everyone = spent.Where(s => s.Blocks == CohortBlocks.All).Sum(s => s.Spent);
        var single = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (set, amount) in spent.Where(s => s.Blocks != CohortBlocks.All))
        {
            foreach (var block in set.Split(' '))
                single[block] = single.GetValueOrDefault(block) + amount;
        }

        var touched = blocks == CohortBlocks.All ? single.Values : blocks.Split(' ').Select(b => single.GetValueOrDefault(b));
        return everyone + touched.DefaultIfEmpty().Max();
    }

    private static long ByResearcher(PartyTransaction transaction, Charge charge) =>
        transaction.Query($"SELECT {Spent} FROM ledger WHERE agreement = @p0 AND researcher = @p1", r => r.GetInt64(0), charge.Agreement.ToString(), charge.Researcher)[0];

    private static bool Exceeds(Charge charge, NanoRho limit, long spent) => charge.Amount.Amount > Math.Max(0, limit.Amount - spent);

    private static Refusal Refuse(Charge charge, string what, NanoRho limit, long spent, string fix) =>
        new(RefusalCode.BudgetSpent, $"run {charge.Run}: {what} (asked ρ {charge.Amount}, left {new NanoRho(Math.Max(0, limit.Amount - spent))} of {limit}); ask with a smaller ε or ρ, or {fix}");
}
