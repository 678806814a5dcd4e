using System.CommandLine;
using System.Text.Json;
using Consilience.Cli.Output;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Client.Study;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class AnalyseCommand
{
    internal static Command Create()
    {
        var request = new Argument<string?>("request") { Description = "A request file.", Arity = ArgumentArity.ZeroOrOne };
        var asking = new Asking();
        var command = new Command("analyse", "Asks the questions of a request file, or one by its shorthand.\nExample: consilience analyse requests.yaml --study wilms-relapse --researcher ada-lindqvist --keys ada --hub https://hub:7443 --consortium consortium.json") { request };
        asking.AddTo(command);
        command.Does((result, cancellation) =>
        {
            var path = result.GetValue(request) ?? throw new BadInputException("request: none given (expected a request file, or one of the shorthands count and km; see 'consilience analyse --help')");
            return asking.AskAsync(result, QuestionReader.Read(File.ReadAllText(path), Path.GetFileName(path)), cancellation);
        });
        command.Subcommands.Add(Count());
        command.Subcommands.Add(KaplanMeier());
        return command;
    }

    private static Command Count()
    {
        var by = By();
        return Shorthand("count", "Persons in each cell.\nExample: consilience analyse count --by stage histol --epsilon 1 …", [by], r => new { by = r.GetRequiredValue(by) });
    }

    private static Command KaplanMeier()
    {
        var time = new Option<string>("--time") { Description = "Time to event or last contact.", Required = true };
        var occurred = new Option<string>("--event") { Description = "Whether the event occurred.", Required = true };
        var by = By();
        var grid = new Option<string>("--grid") { Description = "Grid times: FROM:TO:STEP, or a list such as 90,180,365.", Required = true };
        return Shorthand("km", "A Kaplan–Meier curve.\nExample: consilience analyse km --time edrel --event rel --by histol --grid 90,180,365,730,1825 --epsilon 1 …", [time, occurred, by, grid], r => new
        {
            time = r.GetRequiredValue(time),
            @event = r.GetRequiredValue(occurred),
            by = r.GetRequiredValue(by),
            grid = Grid(r.GetRequiredValue(grid)),
        });
    }

    private static Option<string[]> By()
    {
        var by = new Option<string[]>("--by") { Description = "Variables to group by.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [] };
        by.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.StartsWith('-')))
                result.AddError($"{token.Value}: not an option of this command (see --help)");
        });
        return by;
    }

    private static Command Shorthand(string name, string description, Option[] options, Func<ParseResult, object> parameters)
    {
        var asking = new Asking();
        var cohort = new Option<string>("--cohort") { Description = "A cohort expression.", DefaultValueFactory = _ => "" };
        var epsilon = new Option<string?>("--epsilon") { Description = "Pure ε of the answer, at noised precision." };
        var rho = new Option<string?>("--rho") { Description = "ρ of the answer, in place of ε: leaves the choice of noise to the planner." };
        var again = new Option<bool>("--again") { Description = "Pay for new noise where the question was answered before." };
        var exact = new Option<bool>("--exact") { Description = "Ask at exact precision." };
        var command = new Command(name, description) { cohort, epsilon, rho, exact, again };
        foreach (var option in options)
            command.Options.Add(option);
        asking.AddTo(command);
        var method = name == "km" ? "kaplan-meier" : name;
        return command.Does((result, cancellation) => asking.AskAsync(
            result,
            [
                new Question(method, method, JsonSerializer.SerializeToElement(parameters(result)), result.GetRequiredValue(cohort), result.GetValue(exact) ? Precision.Exact : Precision.Noised, result.GetValue(epsilon),
                    result.GetValue(rho), result.GetValue(again)),
            ],
            cancellation));
    }

    private static object Grid(string text)
    {
        if (text.Split(':') is [var from, var to, var step])
            return new { from = Number(from), to = Number(to), step = Number(step) };
        return new { edges = text.Split(',').Select(Number) };
    }

    private static decimal Number(string text) =>
        decimal.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : throw new BadInputException($"--grid: '{text}' (expected FROM:TO:STEP, or numbers with commas between)");
}

/// <summary>The options of every asking command, and the asking itself.</summary>
internal sealed class Asking
{
    private readonly Option<string> study = new("--study") { Description = "The study's short name, or its agreement's digest.", Required = true };
    private readonly Option<string> researcher = new("--researcher") { Description = "Your name in the study.", Required = true };
    private readonly Option<Uri> hub = Shared.Hub();
    private readonly Option<string> consortium = Shared.Consortium();
    private readonly Option<string> keys = Shared.Keys();
    private readonly Option<string> folder = new("--out") { Description = "Folder for results and receipts.", DefaultValueFactory = _ => "consilience-results" };

    private readonly Option<bool> resume = new("--resume") { Description = "Take what receipts in the folder answer already, once they verify, and ask the rest." };
    private readonly Option<bool> partial = new("--partial") { Description = "Ask a programme though its charges are more than a site's budget has left: for what is answered before, or as far as it goes." };

    private readonly Option<bool> preview = new("--preview") { Description = "Tell price and accuracy from the question alone: no data are read, nothing is charged." };
    private readonly Option<long> persons = new("--persons") { Description = "With --preview: how many persons you expect to be counted.", DefaultValueFactory = _ => 100 };
    private readonly Option<long?> accuracy = new("--accuracy") { Description = "With --preview: the least price at which a counter is within this many persons of the truth nineteen times in twenty." };

    internal void AddTo(Command command)
    {
        foreach (var option in new Option[] { study, researcher, hub, consortium, keys, folder, resume, partial, preview, persons, accuracy })
            command.Options.Add(option);
    }

    internal async Task<ExitCode> AskAsync(ParseResult result, IReadOnlyList<Question> questions, CancellationToken cancellation)
    {
        var consortia = Shared.ReadConsortium(result.GetRequiredValue(consortium));
        using var own = KeyFolder.Open(result.GetRequiredValue(keys));
        using var connection = Shared.Connect(result.GetRequiredValue(hub), result.GetRequiredValue(keys), consortia);
        var standing = await FindAsync(new ProposeStudy(connection, consortia, TimeProvider.System), result.GetRequiredValue(study), cancellation);
        var agreement = standing.InForce!;
        if (result.GetValue(preview))
            return Preview(result, standing, questions);
        if (!result.GetValue(resume) && !result.GetValue(partial))
            RequireBudget(standing, questions);
        var ask = new AskQuestion(connection, consortia, agreement, result.GetRequiredValue(researcher), own, TimeProvider.System);
        var results = await new Questions(ask, result.GetRequiredValue(folder), !result.GetValue(Shared.Json)).AskAllAsync(questions, result.GetValue(resume), cancellation);
        if (result.GetValue(Shared.Json))
            Console.WriteLine(Json.Of(new ResultDocument(results)));
        return ExitCode.Success;
    }

    private ExitCode Preview(ParseResult result, StudyStanding standing, IReadOnlyList<Question> questions)
    {
        var (expected, wanted) = (result.GetValue(persons), result.GetValue(accuracy));
        if (expected < 1 || wanted is < 0)
            throw new BadInputException($"--persons, --accuracy: {expected} and {wanted} (expected 1 or more persons, and an accuracy of 0 or more)");
        var previews = questions.Where(q => q.Precision == Precision.Noised).Select(q => PreviewQuestion.Of(standing.InForce!.Study, standing.Charged, q, expected, wanted)).ToList();
        var programme = Programme.Of(standing.InForce!.Study, questions);
        Shared.Print(result, new
        {
            programme = new { questions = questions.Count, runs = programme.Runs.Count, noisedRuns = programme.Runs.Count(r => r.Charge is not null), chargeNanoRho = programme.Charge.Amount, leftNanoRho = Left(standing).ToDictionary(l => $"{l.Site}", l => l.Left) },
            previews = previews.Select(p => new
            {
                p.Name, p.Method, p.Counters, p.StreamLength, p.Price, chargeNanoRho = p.Charge.Amount, p.PrivacyUnit, p.Plans, questionsLeft = p.QuestionsLeft.ToDictionary(q => $"{q.Key}", q => q.Value),
                p.Persons, p.Expect, p.Warning,
            }),
        }, console =>
        {
            foreach (var one in previews)
                PreviewView.Write(console, one);
            if (questions.Count > 1)
                PreviewView.Write(console, programme, questions.Count, Left(standing));
            if (questions.Count > previews.Count)
                console.MarkupLineInterpolated($"[dim]{questions.Count - previews.Count} exact: no noise, no charge[/]");
        });
        return ExitCode.Success;
    }

    /// <summary>What each site's budget has left, in billionths of ρ, by what the hub knows and the study allows.</summary>
    private static List<(OrganisationId Site, long Left)> Left(StudyStanding standing)
    {
        var study = standing.InForce!.Study;
        return [.. study.Sites.Select(s => (s, Math.Max(0, (study.Noised?.Budget.Amount ?? 0) - (standing.Charged.GetValueOrDefault(s)?.Amount ?? 0))))];
    }

    /// <summary>A programme that cannot be paid for to its end spends nothing.</summary>
    private static void RequireBudget(StudyStanding standing, IReadOnlyList<Question> questions)
    {
        var programme = Programme.Of(standing.InForce!.Study, questions);
        var least = Left(standing).MinBy(l => l.Left);
        if (programme.Runs.Count > 1 && programme.Charge.Amount > least.Left)
        {
            throw new BadInputException($"budget: the programme charges ρ = {programme.Charge} at each site (expected at most ρ = {new NanoRho(least.Left)}, which site {least.Site} has left); " +
                "offer less for its questions or ask fewer, see --preview; where some were answered before and cost nothing, add --partial");
        }
    }

    /// <summary>The study in force of this name or digest.</summary>
    internal static async Task<StudyStanding> FindAsync(ProposeStudy studies, string name, CancellationToken cancellation)
    {
        var named = (await studies.ListAsync(cancellation)).Where(s => s.Proposal.Study.Id.ToString() == name || s.Proposal.Digest.ToString() == name).ToList();
        var inForce = named.Where(s => s.InForce is not null).ToList();
        return inForce switch
        {
            [var one] => one,
            [] when named.Count > 0 => throw new BadInputException($"study {name}: not in force yet; still to decide: {string.Join(", ", named[0].Waiting)}"),
            [] => throw new BadInputException($"study {name}: not known at the hub; see 'consilience study list'"),
            _ => throw new BadInputException($"study {name}: {inForce.Count} agreements in force; name one by its digest: {string.Join(", ", inForce.Select(s => s.Proposal.Digest.Short))}"),
        };
    }
}
