using Consilience.Analyses.Cohorts;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Agreements;
using Consilience.Site.Ledger;
using Spectre.Console;

namespace Consilience.Cli.Output;

/// <summary>Budgets of a site's studies, in ρ and in questions that are left.</summary>
internal static class BudgetView
{
    private const int BarWidth = 40;

    internal static void Write(IAnsiConsole console, IReadOnlyList<(Study Study, StudyBudget Budget)> budgets, IReadOnlyList<BlockBudget> lifetime)
    {
        foreach (var (study, budget) in budgets)
        {
            console.MarkupLineInterpolated($"[bold]{study.Id}[/] {study.Title}  [dim]{budget.Agreement.Short}[/]");
            console.MarkupLineInterpolated($"  {Bar(budget)}  ρ {budget.Committed} spent, {budget.Reserved} reserved, {budget.Left} left of {budget.Limit}");
            console.MarkupLineInterpolated($"  {Words(study, budget)}");
            if (budget.ByResearcher.Count > 0)
                console.MarkupLineInterpolated($"  spent by {string.Join(", ", budget.ByResearcher.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => $"{r.Key}: {r.Value}"))}");
        }

        if (budgets.Count == 0)
            console.WriteLine("no study in force here may ask at noised precision");
        WriteLifetime(console, lifetime);
    }

    /// <summary>Only blocks that were ever charged, and how many were not.</summary>
    private static void WriteLifetime(IAnsiConsole console, IReadOnlyList<BlockBudget> lifetime)
    {
        if (lifetime.Count == 0)
            return;
        console.MarkupLineInterpolated($"[bold]all studies together, for ever[/]  at most ρ {lifetime[0].Limit} for any person");
        foreach (var block in lifetime.Where(b => b.Spent > NanoRho.Zero))
            console.MarkupLineInterpolated($"  {(block.Block == CohortBlocks.All ? "everyone" : block.Block),10}  ρ {block.Spent} spent, {block.Left} left");
        console.MarkupLineInterpolated($"[dim]  {lifetime.Count(b => b.Spent == NanoRho.Zero)} of {lifetime.Count} blocks of persons never charged[/]");
    }

    internal static string Words(Study study, StudyBudget budget)
    {
        var largest = study.Noised!.MaximumEpsilon;
        var half = Epsilon.Parse((largest.Value / 2).ToString());
        return $"left: {Questions(budget.QuestionsLeft(largest))} at ε = {largest}, or {budget.QuestionsLeft(half)} at ε = {half}";
    }

    private static string Questions(long count) => count == 1 ? "1 question" : $"{count} questions";

    /// <summary>Filled where spent, dotted where reserved.</summary>
    private static string Bar(StudyBudget budget)
    {
        var limit = Math.Max(1, Math.Max(budget.Limit.Amount, budget.Committed.Amount + budget.Reserved.Amount));
        var spent = (int)(BarWidth * (decimal)budget.Committed.Amount / limit);
        var reserved = (int)Math.Ceiling(BarWidth * (decimal)budget.Reserved.Amount / limit);
        return $"{new string('█', spent)}{new string('▒', Math.Min(reserved, BarWidth - spent))}".PadRight(BarWidth, '·');
    }
}
