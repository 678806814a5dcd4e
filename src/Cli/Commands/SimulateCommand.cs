using System.CommandLine;
using Consilience.Analyses.Schema;
using Consilience.Cli.Output;
using Consilience.Cli.Simulate;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Client.Train;
using Consilience.Protocol.Agreements;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class SimulateCommand
{
    internal static Command Create()
    {
        var study = new Option<string>("--study") { Description = "The study document.", Required = true };
        var sites = new Option<string[]>("--site") { Description = "NAME=FILE: a site of the study and its data, CSV or Parquet; repeat for each.", Required = true };
        var mappings = new Option<string[]>("--mapping") { Description = "NAME=FILE: a site's mapping file; without one, columns and codes are the schema's own.", DefaultValueFactory = _ => [] };
        var request = new Option<string?>("--request") { Description = "The request file." };
        var train = new Option<string?>("--train") { Description = "A training plan, in place of a request file." };
        var panels = Asking.Panels();
        var folder = new Option<string?>("--out") { Description = "Folder for results, receipts and a report; without one nothing is kept." };
        return new Command("simulate", """
            Runs a study in one process on your own files, with the programs' own code, before anyone signs anything.
            Example: consilience simulate --study study.yaml --site aster=aster.csv --site birch=birch.csv --request request.yaml
            """) { study, sites, mappings, request, train, panels, folder }.Does(async (result, cancellation) =>
        {
            var path = result.GetRequiredValue(study);
            var document = StudyReader.Read(await File.ReadAllTextAsync(path, cancellation), DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime), Path.GetFileName(path));
            var (asked, plan) = (result.GetValue(request), result.GetValue(train));
            if (asked is null == plan is null)
                throw new BadInputException("--request, --train: expected one of them; name a request file or a training plan");
            var questions = asked is null ? [] : QuestionReader.Read(await File.ReadAllTextAsync(asked, cancellation), Path.GetFileName(asked));
            var course = plan is null ? null : Course.Of(TrainCommand.Read(plan), document);
            var data = Shared.Pairs(result.GetRequiredValue(sites), "--site");
            CheckSites(document, data.Keys, Path.GetFileName(path));
            var variants = new NamedVariants(document.Schema, result.GetRequiredValue(panels));
            await using var network = await SimulatedNetwork.StartAsync(document, data, Shared.Pairs(result.GetRequiredValue(mappings), "--mapping"), cancellation);
            var show = !result.GetValue(Shared.Json);
            var kept = result.GetValue(folder);
            if (course is not null)
                return await TrainAsync(network, course, kept, show, cancellation);
            var results = await new Questions(network.Ask, kept ?? network.Folder, show, variants).AskAllAsync(questions, resume: false, cancellation);
            if (kept is null)
                results = [.. results.Select(r => r with { Receipt = null })];
            if (!show)
                Console.WriteLine(Json.Of(new ResultDocument(results)));
            else if (kept is not null)
                AnsiConsole.MarkupLineInterpolated($"results, receipts and report.html are in {kept}; nothing here was signed by anyone but this simulation");
            return ExitCode.Success;
        });
    }

    /// <summary>With the simulation's consortium beside what was trained, so that its release can be verified.</summary>
    private static async Task<ExitCode> TrainAsync(SimulatedNetwork network, Course course, string? kept, bool show, CancellationToken cancellation)
    {
        var folder = kept ?? Path.Combine(network.Folder, "training");
        await new TrainingRun(network.Ask, course, folder, show).RunAsync(resume: false, cancellation);
        await File.WriteAllBytesAsync(Path.Combine(folder, "consortium.json"), network.Consortium.ToBytes(), cancellation);
        return ExitCode.Success;
    }

    /// <summary>Sites of the study without a file are absent, which a simulation may well want to see; others are mistakes.</summary>
    private static void CheckSites(Study study, IEnumerable<string> given, string file)
    {
        var known = study.Sites.Select(s => s.ToString()).ToList();
        var faults = given.Where(g => !known.Contains(g)).Select(g => new Fault("--site", $"a site of {file}", $"'{g}'", Suggestion.For(g, known))).ToList();
        if (faults.Count > 0)
            throw new FaultyInputException("simulate", faults);
    }
}
