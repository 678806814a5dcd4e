using Consilience.Cli.Report;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Spectre.Console;
using Study = Consilience.Protocol.Agreements.Study;

namespace Consilience.Cli.Output;

/// <summary>Asks a list of questions and leaves results, receipts and a report in a folder.</summary>
internal static class Questions
{
    internal static async Task<IReadOnlyList<AnalysisResult>> AskAllAsync(
        AskQuestion ask, Study study, IReadOnlyList<Question> questions, string folder, bool show, CancellationToken cancellation)
    {
        // Faults in any question are found before the first is asked.
        foreach (var question in questions)
            ask.Sign(question);
        Directory.CreateDirectory(Path.Combine(folder, "receipts"));
        var results = new List<AnalysisResult>();
        foreach (var question in questions)
        {
            var answer = await RunView.FollowAsync(question, study, show, (p, fit) => ask.AskAsync(question, p, cancellation, fit));

            // The run's id keeps an answer that was paid for from being written over by the next one of its name.
            var name = $"{results.Count + 1}-{Slug(question.Name)}-{$"{answer.Result.Run}"[..8]}";
            var receipt = $"receipts/{name}.receipt.json";
            foreach (var (suffix, text) in TidyCsv.Files(answer.Result))
                await File.WriteAllTextAsync(Path.Combine(folder, $"{name}{suffix}.csv"), text, cancellation);
            await File.WriteAllBytesAsync(Path.Combine(folder, receipt), answer.Receipt, cancellation);
            results.Add(answer.Result with { Receipt = receipt });
            if (show && answer.IsRepeated)
                AnsiConsole.MarkupLineInterpolated($"[dim]{question.Name}: answered before; this is the release of run {answer.Result.Run}, and nothing was charged[/]");
            if (show)
                ResultView.Write(AnsiConsole.Console, results[^1], study.Schema);
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "results.json"), Json.Of(new ResultDocument(results)), cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "report.html"), HtmlReport.Write(study.Title, $"{study.Purpose.Text} Study {study.Id}.", results, study.Schema), cancellation);
        return results;
    }

    private static string Slug(string name) =>
        string.Join('-', new string([.. name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
