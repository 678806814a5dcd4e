using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Identity;
using Spectre.Console;

namespace Consilience.Cli.Output;

/// <summary>Previews of questions: price, accuracy and what is left, before anything is asked.</summary>
internal static class PreviewView
{
    internal static void Write(IAnsiConsole console, QuestionPreview preview)
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
    internal static void Write(IAnsiConsole console, Programme programme, int questions, IReadOnlyList<(OrganisationId Site, long Left)> left)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]all together[/]: {questions} questions in {programme.Runs.Count} runs, {programme.Runs.Count(r => r.Charge is not null)} of them noised, cost ρ {programme.Charge} at every site");
        console.MarkupLineInterpolated($"  left: {string.Join(", ", left.Select(l => $"ρ {new NanoRho(l.Left)} at {l.Site}"))}");
        if (left.Any(l => l.Left < programme.Charge.Amount))
            console.MarkupLineInterpolated($"  [yellow]more than a budget has left: it would not be asked[/]");
    }
}
