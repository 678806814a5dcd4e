using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Identity;

namespace Consilience.Site.Ledger;

/// <summary>Where one study's privacy budget stands at this site.</summary>
/// <param name="Agreement">The study.</param>
/// <param name="Limit">What it may spend here in all, as agreement and policy stand today.</param>
/// <param name="Committed">Charges whose answers were stored: they stand for ever.</param>
/// <param name="Reserved">Charges taken for answers that are not stored yet.</param>
/// <param name="ByResearcher">What each researcher who asked has spent of it, reservations included.</param>
public sealed record StudyBudget(Digest Agreement, NanoRho Limit, NanoRho Committed, NanoRho Reserved, IReadOnlyDictionary<string, NanoRho> ByResearcher)
{
    /// <summary>Never negative: a policy tightened later may leave a study with more spent than it may spend.</summary>
    public NanoRho Left => new(Math.Max(0, Limit.Amount - Committed.Amount - Reserved.Amount));

    /// <summary>How many more questions of pure ε the rest pays for.</summary>
    public long QuestionsLeft(Epsilon epsilon) => Left.Amount / NanoRho.FromPureEpsilon(epsilon).Amount;

    internal static StudyBudget Of(Digest agreement, NanoRho limit, IEnumerable<LedgerEntry> entries)
    {
        var last = entries.Where(e => e.Agreement == agreement).GroupBy(e => (e.Run, e.Round)).Select(r => r.MaxBy(e => e.Sequence)!).ToList();
        NanoRho Sum(Func<LedgerEntry, bool> counts) => last.Where(counts).Aggregate(NanoRho.Zero, (sum, e) => sum + new NanoRho(e.Charge));
        var researchers = last.Select(e => e.Researcher).Distinct().ToDictionary(r => r, r => Sum(e => e.Researcher == r && e.Kind != LedgerEntryKind.Release));
        return new StudyBudget(agreement, limit, Sum(e => e.Kind == LedgerEntryKind.Commit), Sum(e => e.Kind == LedgerEntryKind.Reserve), researchers);
    }
}
