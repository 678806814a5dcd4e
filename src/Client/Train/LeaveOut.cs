using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Train;

/// <summary>
/// Checks of how much a model owes to one group, and does for one it never saw: for each code of a variable the whole training once more without the persons who have it, evaluated on them. Groups that are too small are left alone.
/// </summary>
/// <param name="By">A variable with codes.</param>
/// <param name="Smallest">Fewest persons trained on who are left out.</param>
/// <param name="Rho">ρ of the question how large the groups are, and of each evaluation, at noised precision; null at exact precision.</param>
public sealed record LeaveOut(string By, int Smallest, NanoRho? Rho)
{
    internal const string Method = "count";

    /// <summary>The name of the receipt that tells how large the groups are.</summary>
    internal const string Groups = "groups";

    /// <summary>Codes of the variable, in the schema's order; none where it has none.</summary>
    internal IReadOnlyList<string> Codes(StudySchema schema) => schema.Find(By) switch
    {
        { Type: VariableType.Boolean } => ["false", "true"],
        { Codes: var codes } => [.. codes.Select(c => c.Code)],
        _ => [],
    };

    /// <summary>How many persons trained on have each code.</summary>
    internal Question AskGroups(TrainingPlan plan) =>
        new($"{plan.Name}, groups by {By}", Method, JsonSerializer.SerializeToElement(new { by = new[] { By } }), plan.Cohort, plan.Precision, null, Rho?.ToString());

    /// <summary>As they are shown: hidden ones are null.</summary>
    internal IReadOnlyList<(string Code, long? Persons)> Sizes(AnalysisResult groups) => [.. groups.Groups.Select(g => (g.Key[By], g.Count))];

    /// <summary>The training without a group: everybody else, those whose group is not known too.</summary>
    internal TrainingPlan Without(TrainingPlan plan, string code)
    {
        var text = code.Replace("'", "''", StringComparison.Ordinal);
        string And(string cohort, string condition) => cohort.Length == 0 ? condition : $"({cohort}) and {condition}";
        var others = $"({By} != '{text}' or {By} is missing)";
        return plan with
        {
            Name = $"{plan.Name}, without {By} {code}",
            Cohort = And(plan.Cohort, others),
            Validation = plan.Validation is { } validation ? validation with { Cohort = And(validation.Cohort, others) } : null,
            Evaluation = new TrainingEvaluation(And(plan.Cohort, $"{By} = '{text}'"), [], plan.Evaluation?.Scores ?? new Dictionary<string, JsonElement>(), null, Rho) { IsAttacked = false },
            LeaveOut = null,
        };
    }

    /// <summary>Where a group's training is kept, in the training's folder and its release alike.</summary>
    /// <param name="place">Of its code, from 1 on.</param>
    internal static string FolderOf(int place) => $"left-out/{place}";
}

/// <summary>What a check found of one group.</summary>
/// <param name="Code">Of the group.</param>
/// <param name="Place">Of the code among all, from 1 on.</param>
/// <param name="Persons">Trained on who have it, as shown; null where that is hidden.</param>
/// <param name="Without">The training without them, evaluated on them; null where they are too few, or sites did not answer.</param>
public sealed record LeftOutGroup(string Code, int Place, long? Persons, TrainedModel? Without)
{
    /// <summary>Whether it was large enough, and sites refused all the same: too few of it, or of the others, are with them.</summary>
    public bool IsRefused { get; init; }
}

/// <summary>The checks of a training.</summary>
/// <param name="Sizes">The receipt of how large the groups are.</param>
/// <param name="Groups">In the schema's order.</param>
public sealed record LeftOutGroups(ReceiptFile Sizes, IReadOnlyList<LeftOutGroup> Groups)
{
    /// <summary>Reads the checks from receipts alone; says what does not hold.</summary>
    /// <param name="course">Of the training.</param>
    /// <param name="agreement">Under which it was asked.</param>
    /// <param name="consortia">Whose signatures count.</param>
    /// <param name="sizes">The receipt of how large the groups are.</param>
    /// <param name="receiptsOf">Those of a group's training, by its place: of runs, and of its evaluation; null where sites refused it.</param>
    internal static (LeftOutGroups? Groups, string? Objection) Of(Course course, Digest agreement, ConsortiumFile consortia, ReceiptFile sizes, Func<int, (IReadOnlyList<ReceiptFile> Runs, ReceiptFile Evaluation)?> receiptsOf)
    {
        var leaveOut = course.Plan.LeaveOut!;
        var (answer, objection) = AnsweringReceipt.Of(sizes, leaveOut.AskGroups(course.Plan), course, agreement, consortia);
        if (answer is null)
            return (null, $"groups by {leaveOut.By}: {objection}");
        var groups = new List<LeftOutGroup>();
        foreach (var (code, persons) in leaveOut.Sizes(answer.Result))
        {
            var place = groups.Count + 1;
            TrainedModel? without = null;
            var receipts = persons >= leaveOut.Smallest ? receiptsOf(place) : null;
            if (receipts is not null)
            {
                (without, objection) = Trained(course.Without(code), agreement, consortia, receipts.Value);
                if (without is null)
                    return (null, $"without {leaveOut.By} {code}: {objection}");
            }

            groups.Add(new(code, place, persons, without) { IsRefused = without is null && persons >= leaveOut.Smallest });
        }

        return (new(sizes, groups), null);
    }

    private static (TrainedModel?, string?) Trained(Course course, Digest agreement, ConsortiumFile consortia, (IReadOnlyList<ReceiptFile> Runs, ReceiptFile Evaluation) receipts)
    {
        var replay = ReplayTraining.Of(course, agreement, consortia, receipts.Runs);
        if (replay.Objection is not null || !course.IsFinished(replay.History.State))
            return (null, replay.Objection ?? "not trained to its end");
        var outcome = replay.History.State.Outcome;
        var (evaluated, objection) = EvaluatedModel.Of(course, outcome, agreement, consortia, new Dictionary<string, ReceiptFile> { [TrainingEvaluation.OfHeldOut] = receipts.Evaluation });
        return evaluated is null ? (null, objection) : (new(course, outcome, replay.History.Rounds, replay.History.Receipts, evaluated, null), null);
    }
}
