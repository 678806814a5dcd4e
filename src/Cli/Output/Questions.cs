using Consilience.Cli.Report;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Spectre.Console;

namespace Consilience.Cli.Output;

/// <summary>Asks a list of questions and leaves results, receipts, drawings and a report in a folder. What was answered is kept whatever happens later.</summary>
internal sealed class Questions(AskQuestion ask, string folder, bool show, NamedVariants? variants = null)
{
    /// <summary>More questions than this are followed as a whole, and their results read in the report.</summary>
    private const int MostShown = 12;

    private readonly SortedDictionary<int, AnalysisResult> results = [];

    private string Receipts => Path.Combine(folder, "receipts");

    /// <param name="questions">With names of their own.</param>
    /// <param name="resume">Whether to take what the folder's receipts answer already, and ask only the rest.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task<IReadOnlyList<AnalysisResult>> AskAllAsync(IReadOnlyList<Question> questions, bool resume, CancellationToken cancellation)
    {
        // Faults in any question are found before the first is asked.
        Programme.Of(ask.Agreement.Study, questions);
        Directory.CreateDirectory(Receipts);
        var places = questions.Select((q, i) => (q, i)).ToDictionary(p => p.q, p => p.i);
        if (resume)
            Take(places, questions);
        var programme = Programme.Of(ask.Agreement.Study, [.. questions.Where(q => !results.ContainsKey(places[q]))]);
        try
        {
            if (questions.Count > MostShown)
                await ProgrammeView.FollowAsync(questions.Count, results.Count, programme, show, run => AskAsync(run, places, isAlone: false, cancellation));
            else
                foreach (var run in programme.Runs)
                    await AskAsync(run, places, isAlone: true, cancellation);
        }
        catch when (results.Count > 0 && questions.Count > 1)
        {
            await WriteAsync(CancellationToken.None);
            Commands.Shared.Errors.MarkupLineInterpolated($"[yellow]{results.Count} of {questions.Count} questions are answered, in {folder}; go on with --resume[/]");
            throw;
        }

        await WriteAsync(cancellation);
        return [.. results.Values];
    }

    private void Take(Dictionary<Question, int> places, IReadOnlyList<Question> questions)
    {
        foreach (var (question, (result, file)) in EarlierAnswers.In(Directory.EnumerateFiles(Receipts, "*.receipt.json").Order(StringComparer.Ordinal), ask.Agreement, ask.Consortia, questions))
            results[places[question]] = (variants?.In(result) ?? result) with { Receipt = $"receipts/{Path.GetFileName(file)}" };
        if (show)
            AnsiConsole.MarkupLineInterpolated($"[dim]{results.Count} of {questions.Count} questions are answered by receipts in {folder}, which verify[/]");
    }

    private async Task AskAsync(SharedRun run, Dictionary<Question, int> places, bool isAlone, CancellationToken cancellation)
    {
        var name = string.Join("; ", run.Questions.Select(q => q.Name));
        var answers = await RunView.FollowAsync(name, ask.Agreement.Study, show && isAlone, (p, fit) => ask.AskTogetherAsync(run.Questions, p, cancellation, fit, Receipts));
        foreach (var (question, answer) in run.Questions.Zip(answers))
        {
            results[places[question]] = await WriteAsync(places[question], question, answer, cancellation);
            if (!show || !isAlone)
                continue;
            if (answer.IsRepeated)
                AnsiConsole.MarkupLineInterpolated($"[dim]{question.Name}: answered before; this is the release of run {answer.Result.Run}, and nothing was charged[/]");
            ResultView.Write(AnsiConsole.Console, results[places[question]], ask.Agreement.Study.Schema);
        }
    }

    /// <summary>A question's files. The receipt is written last: where it is, the others are.</summary>
    private async Task<AnalysisResult> WriteAsync(int place, Question question, Answer answer, CancellationToken cancellation)
    {
        // The run's id keeps an answer that was paid for from being written over by the next one of its name.
        var name = $"{place + 1}-{Slug(question.Name)}-{$"{answer.Result.Run}"[..8]}";
        var receipt = $"receipts/{name}.receipt.json";
        var result = (variants?.In(answer.Result) ?? answer.Result) with { Receipt = receipt };
        foreach (var (suffix, text) in TidyCsv.Files(result))
            await File.WriteAllTextAsync(Path.Combine(folder, $"{name}{suffix}.csv"), text, cancellation);
        foreach (var drawing in Drawings.Of(result, ask.Agreement.Study.Schema))
            await File.WriteAllTextAsync(Path.Combine(folder, $"{name}{drawing.Suffix}.svg"), drawing.Alone(), cancellation);
        await File.WriteAllBytesAsync(Path.Combine(folder, receipt), answer.Receipt, cancellation);
        return result;
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        var study = ask.Agreement.Study;
        await File.WriteAllTextAsync(Path.Combine(folder, "results.json"), Json.Of(new ResultDocument([.. results.Values])), cancellation);
        await File.WriteAllTextAsync(Path.Combine(folder, "report.html"), HtmlReport.Write(study.Title, $"{study.Purpose.Text} Study {study.Id}.", [.. results.Values], study.Schema), cancellation);
    }

    private static string Slug(string name) =>
        string.Join('-', new string([.. name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
