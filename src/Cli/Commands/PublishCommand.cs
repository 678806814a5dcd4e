using System.CommandLine;
using System.Text.Json;
using Consilience.Client.Publish;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class PublishCommand
{
    internal static Command Create() => new("publish", "What may leave.") { Check() };

    private static Command Check()
    {
        var folders = new Argument<string[]>("folder") { Description = "Folders with a results.json, as 'analyse' writes them.", Arity = ArgumentArity.OneOrMore };
        return new Command("check", """
            Refuses results that must not be published together: exact figures beside noised ones of the same persons, sums that give a hidden cell away, different rules, receipts that compute what rules hide.
            Example: consilience publish check consilience-results
            """) { folders }.Does(result =>
        {
            var read = result.GetRequiredValue(folders).SelectMany(f => Read(f).Select(r => (Folder: f, Result: r))).ToList();
            var results = read.ConvertAll(r => r.Result);
            var receipts = read.Where(r => CheckPublication.HasReceipt(r.Result, r.Folder)).Select(r => CheckPublication.OfReceipt(r.Result)).OfType<PublicationFinding>();
            List<PublicationFinding> findings = [.. CheckPublication.Of(results), .. receipts];
            Shared.Print(result, new { mayBePublished = findings.Count == 0, results = results.Count, findings }, console =>
            {
                foreach (var finding in findings)
                    console.MarkupLineInterpolated($"[red]refused[/]  {finding}");
                console.MarkupLine(findings.Count == 0 ? $"[green]{results.Count} results may be published together.[/]" : $"[red]{findings.Count} findings: do not publish these results together.[/]");
            });
            return findings.Count == 0 ? ExitCode.Success : ExitCode.CheckFailed;
        });
    }

    private static IReadOnlyList<AnalysisResult> Read(string folder)
    {
        var path = Path.Combine(folder, "results.json");
        if (!File.Exists(path))
            throw new BadInputException($"{path}: not there (expected a folder that 'consilience analyse' wrote)");
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), ResultJson.Default.ResultDocument)!.Results;
        }
        catch (JsonException)
        {
            throw new BadInputException($"{path}: not a results document (expected one that 'consilience analyse' of this version wrote)");
        }
    }
}
