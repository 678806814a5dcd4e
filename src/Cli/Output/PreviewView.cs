using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Spectre.Console;

namespace Consilience.Cli.Output;

/// <summary>Previews of questions: price, accuracy and what is left, before anything is asked.</summary>
internal static class PreviewView
{
    /// <summary>Beyond so many a table has a line for each.</summary>
    private const int MostInFull = 6;

    /// <param name="console">Where to.</param>
    /// <param name="programme">All questions, as they will be asked.</param>
    /// <param name="previews">Of those at noised precision that would be answered.</param>
    /// <param name="refused">What the agreement does not permit.</param>
    /// <param name="left">What each site's budget has left, in billionths of ρ.</param>
    internal static void Write(IAnsiConsole console, Programme programme, IReadOnlyList<QuestionPreview> previews, IReadOnlyDictionary<Question, Refusal> refused, IReadOnlyList<(OrganisationId Site, long Left)> left)
    {
        if (previews.Count <= MostInFull)
        {
            foreach (var preview in previews)
                Write(console, preview);
        }
        else
        {
            console.Write(Lines(programme, previews.ToDictionary(p => p.Name)));
            if (previews.Count(p => p.Warning is not null) is > 0 and var drowned)
                console.MarkupLineInterpolated($"[yellow]! {drowned} questions: noise would be larger than chance with {previews[0].Persons} persons; say how many you expect with --persons, or preview one of them alone for what repairs it[/]");
        }

        var questions = programme.Runs.Sum(r => r.Questions.Count);
        if (questions > 1)
            Write(console, programme, questions, left);
        if (programme.Runs.Count(r => r.Charge is null) is > 0 and var exact)
            console.MarkupLineInterpolated($"[dim]{exact} exact run{(exact == 1 ? "" : "s")}: no noise, no charge[/]");
        foreach (var (question, refusal) in refused)
            console.MarkupLineInterpolated($"[red]would be refused[/]  {question.Name}: {refusal.Message}");
    }

    /// <summary>A line for each noised run: what it answers, its charge and accuracy, and a mark where noise drowns chance.</summary>
    private static Table Lines(Programme programme, Dictionary<string, QuestionPreview> previews)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("noised run").AddColumn(new TableColumn("ρ").RightAligned()).AddColumn(new TableColumn("±, 19 in 20").RightAligned().NoWrap()).AddColumn("");
        foreach (var run in programme.Runs.Where(r => previews.ContainsKey(r.Questions[0].Name)))
        {
            var first = previews[run.Questions[0].Name];
            var width = first.Plans.Min(p => p.HalfWidth);
            table.AddRow(Markup.Escape(first.Name) + (run.Questions.Count > 1 ? $" [dim]and {run.Questions.Count - 1} more of the same sums[/]" : ""), $"{run.Charge}", width is null ? "–" : $"{width}", first.Warning is null ? "" : "[yellow]![/]");
        }

        return table;
    }

    private static void Write(IAnsiConsole console, QuestionPreview preview)
    {
        console.WriteLine();
        console.Write(new Rule($"[bold]{Markup.Escape(preview.Name)}[/]  [dim]{Markup.Escape($"{preview.Price} costs ρ {preview.Charge} at every site")}[/]") { Justification = Justify.Left });
        var table = new Table().Border(TableBorder.Simple).AddColumn("noise of each key holder").AddColumn(new TableColumn("a counter, 19 in 20").RightAligned())
            .AddColumn(new TableColumn(preview.StreamLength > 1 ? "running sums, rms" : "counters, rms").RightAligned()).AddColumn("");
        foreach (var (plan, first) in preview.Plans.Select((p, i) => (p, i == 0)))
        {
            table.AddRow(
                Markup.Escape(plan.HalfWidth is null ? $"{plan.Draws}, running sums factorised" : plan.Draws),
                plan.HalfWidth is { } width ? $"±{width}" : "–", $"{plan.Error:0.0}", first ? "[green]least error: used[/]" : "");
        }

        console.Write(table);
        foreach (var sentence in preview.Expect)
            console.MarkupLineInterpolated($"  {sentence}");
        console.MarkupLineInterpolated($"  protects {preview.PrivacyUnit}");
        console.MarkupLineInterpolated($"  questions of this kind left: {string.Join(", ", preview.QuestionsLeft.Select(q => $"{q.Value} at {q.Key}"))}");
        if (preview.Warning is { } warning)
            console.MarkupLineInterpolated($"  [yellow]{warning}[/]");
    }

    /// <summary>What all questions charge together, where those of the same sums are charged once.</summary>
    private static void Write(IAnsiConsole console, Programme programme, int questions, IReadOnlyList<(OrganisationId Site, long Left)> left)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]all together[/]: {questions} questions in {programme.Runs.Count} runs, {programme.Runs.Count(r => r.Charge is not null)} of them noised, cost ρ {programme.Charge} at every site");
        console.MarkupLineInterpolated($"  left: {string.Join(", ", left.Select(l => $"ρ {new NanoRho(l.Left)} at {l.Site}"))}");
        if (left.Any(l => l.Left < programme.Charge.Amount))
            console.MarkupLineInterpolated($"  [yellow]more than a budget has left: it would not be asked[/]");
    }
}
