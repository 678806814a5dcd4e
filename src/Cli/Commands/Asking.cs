using System.CommandLine;
using Consilience.Analyses.Schema;
using Consilience.Cli.Output;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Client.Study;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Cli.Commands;

/// <summary>The options of every asking command, and the asking itself.</summary>
internal sealed class Asking
{
    private readonly Option<string> study = new("--study") { Description = "The study's short name, or its agreement's digest.", Required = true };
    private readonly Option<string> researcher = Shared.OrFromEnvironment(new Option<string>("--researcher") { Description = "Your name in the study.", Required = true });
    private readonly Option<Uri> hub = Shared.OrFromEnvironment(Shared.Hub());
    private readonly Option<string> consortium = Shared.OrFromEnvironment(Shared.Consortium());
    private readonly Option<string> keys = Shared.OrFromEnvironment(Shared.Keys());
    private readonly Option<string> folder = new("--out") { Description = "Folder for results and receipts.", DefaultValueFactory = _ => "consilience-results" };
    private readonly Option<string[]> panels = Panels();

    private readonly Option<bool> resume = new("--resume") { Description = "Take what receipts in the folder answer already, once they verify, and ask the rest." };
    private readonly Option<bool> partial = new("--partial") { Description = "Ask a programme though its charges are more than a site's budget has left: for what is answered before, or as far as it goes." };

    private readonly Option<bool> preview = new("--preview") { Description = "Tell price and accuracy from the question alone: no data are read, nothing is charged." };
    private readonly Option<long> persons = new("--persons") { Description = "With --preview: how many persons you expect to be counted.", DefaultValueFactory = _ => 100 };
    private readonly Option<long?> accuracy = new("--accuracy") { Description = "With --preview: the least price at which a counter is within this many persons of the truth nineteen times in twenty." };

    internal static Option<string[]> Panels() => new("--panel") { Description = "A study's list of a panel of variants, a .bim file: names and places the rows of a scan. Repeat for each.", DefaultValueFactory = _ => [] };

    internal void AddTo(Command command)
    {
        foreach (var option in new Option[] { study, researcher, hub, consortium, keys, folder, panels, resume, partial, preview, persons, accuracy })
            command.Options.Add(option);
    }

    /// <param name="result">The command line.</param>
    /// <param name="ask">The questions, for a study of this schema.</param>
    /// <param name="cancellation">Ends the wait.</param>
    internal async Task<ExitCode> AskAsync(ParseResult result, Func<StudySchema, IReadOnlyList<Question>> ask, CancellationToken cancellation)
    {
        var consortia = Shared.ReadConsortium(result.GetRequiredValue(consortium));
        using var own = KeyFolder.Open(result.GetRequiredValue(keys));
        using var connection = Shared.Connect(result.GetRequiredValue(hub), result.GetRequiredValue(keys), consortia);
        var standing = await FindAsync(new ProposeStudy(connection, consortia, TimeProvider.System), result.GetRequiredValue(study), cancellation);
        var agreement = standing.InForce!;
        var questions = ask(agreement.Study.Schema);
        var asking = new AskQuestion(connection, consortia, agreement, result.GetRequiredValue(researcher), own, TimeProvider.System);
        if (result.GetValue(preview))
            return Preview(result, standing, asking, questions);
        if (!result.GetValue(partial))
            RequirePermission(asking, questions);
        if (!result.GetValue(resume) && !result.GetValue(partial))
            RequireBudget(standing, questions);
        var results = await new Questions(asking, result.GetRequiredValue(folder), !result.GetValue(Shared.Json), new NamedVariants(agreement.Study.Schema, result.GetRequiredValue(panels))).AskAllAsync(questions, result.GetValue(resume), cancellation);
        if (result.GetValue(Shared.Json))
            Console.WriteLine(Json.Of(new ResultDocument(results)));
        return ExitCode.Success;
    }

    private ExitCode Preview(ParseResult result, StudyStanding standing, AskQuestion asking, IReadOnlyList<Question> questions)
    {
        var (expected, wanted) = (result.GetValue(persons), result.GetValue(accuracy));
        if (expected < 1 || wanted is < 0)
            throw new BadInputException($"--persons, --accuracy: {expected} and {wanted} (expected 1 or more persons, and an accuracy of 0 or more)");
        var programme = Programme.Of(standing.InForce!.Study, questions);
        var refused = asking.Foresee(questions);
        var previews = questions.Where(q => q.Precision == Precision.Noised && !refused.ContainsKey(q)).Select(q => PreviewQuestion.Of(standing.InForce!.Study, standing.Charged, q, expected, wanted)).ToList();
        Shared.Print(result, new
        {
            programme = new
            {
                questions = questions.Count, runs = programme.Runs.Count, noisedRuns = programme.Runs.Count(r => r.Charge is not null), chargeNanoRho = programme.Charge.Amount, leftNanoRho = Left(standing).ToDictionary(l => $"{l.Site}", l => l.Left),
                plan = programme.Runs.Select(r => new { questions = r.Questions.Select(q => q.Name), chargeNanoRho = r.Charge?.Amount }),
                refused = refused.Select(r => new { r.Key.Name, code = Refusal.NameOf(r.Value.Code), r.Value.Message }),
            },
            previews = previews.Select(p => new
            {
                p.Name, p.Method, p.Counters, p.StreamLength, p.Price, chargeNanoRho = p.Charge.Amount, p.PrivacyUnit, p.Plans, questionsLeft = p.QuestionsLeft.ToDictionary(q => $"{q.Key}", q => q.Value),
                p.Persons, p.Expect, p.Warning,
            }),
        }, console => PreviewView.Write(console, programme, previews, refused, Left(standing)));
        return refused.Count == 0 ? ExitCode.Success : ExitCode.CheckFailed;
    }

    /// <summary>A programme of which the agreement does not permit a part asks nothing of it.</summary>
    private static void RequirePermission(AskQuestion asking, IReadOnlyList<Question> questions)
    {
        if (questions.Count > 1 && asking.Foresee(questions) is { Count: > 0 } refused)
        {
            throw new AskFailedException(refused.First().Value.Code,
                $"programme: {refused.Count} of {questions.Count} questions would be refused, so none was asked; mend them, or add --partial to ask as far as it goes\n{string.Join('\n', refused.Select(r => $"  {r.Key.Name}: {r.Value.Message}"))}", [], []);
        }
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
