using System.Globalization;
using System.Text;
using Consilience.Analyses.Schema;
using Consilience.Client.Publish;
using Consilience.FederatedLearning.Models;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;

namespace Consilience.Client.Train;

/// <summary>
/// The card of a model, after Mitchell et al. 2019, <i>Model cards for model reporting</i>. Made of the plan and of released figures alone: every number in it stands in a receipt of the folder.
/// </summary>
internal static class ModelCard
{
    internal static string Write(TrainedModel trained, Agreement agreement, IReadOnlyList<string> files)
    {
        var (plan, study) = (trained.Course.Plan, agreement.Study);
        var (last, model) = (trained.Rounds.Last(r => r.Round.HeldOutLoss is null), trained.Course.Declared);
        var words = trained.Course.Words(trained.State);
        var card = new StringBuilder();
        card.Append(CultureInfo.InvariantCulture, $"""
            # {plan.Name}

            Trained on data that stayed at {last.Result.Sites.Answered.Count} sites of the study {study.Id} ({study.Title}), in {trained.Rounds.Count} rounds of sealed sums.

            ## Intended use

            {(plan.IntendedUse.Length > 0 ? plan.IntendedUse : "Not stated. The data were used for this purpose:")}

            Purpose of the study: {study.Purpose.Text} ({study.Purpose.Code})

            ## Model

            | | |
            |---|---|
            | reads | {Inputs(model, study.Schema)} |
            | predicts | {string.Join(", ", model.OutcomeVariables)} ({model.Head.ToString().ToLowerInvariant()}) |
            | made of | {words.Model}; SHA-256 {trained.State.Digest} |
            | files | {string.Join(", ", files)}, model.yaml{(files.Contains(ReleaseModel.Onnx) ? "" : "; no ONNX: the model has a layer that is not written to it")} |

            {(plan.Personal is null ? "" : "Some layers are each site's own (`personal` in plan.yaml): the weights hold what they begin with. Fit them to rows of your own with 'consilience personalise' before you predict.\n")}
            ## Data

            {last.Round.Persons} persons of {last.Result.Sites.Answered.Count} sites in the last round{(last.Round.Skipped > 0 ? $", {last.Round.Skipped} left out because a value was not what the schema says" : "")}. Cohort: {(last.Result.Cohort.Length > 0 ? $"`{last.Result.Cohort}`" : "everybody of the study")}.
            {(model.TakesMissing ? "Missing inputs are a value of their own; rows without an outcome were not trained on." : "Rows with a missing value among those the model reads were not trained on.")}{(plan.Precision == Precision.Noised ? " These numbers carry noise." : "")}

            ## Training

            {words.Training}; the plan is plan.yaml. Each round was a signed request, asked at what the round before gave; its receipt is in receipts/.

            | round | persons | loss before | length of the update | {(plan.Validation is null ? "" : "validation | ")}sites | receipt (SHA-256) |
            |---|---|---|---|{(plan.Validation is null ? "" : "---|")}---|---|

            """);
        foreach (var (round, i) in trained.Rounds.Select((r, i) => (r, i)))
            card.Append(CultureInfo.InvariantCulture, $"| {i + 1} | {round.Round.Persons} | {round.Round.Loss ?? round.Round.HeldOutLoss:0.0000}{(round.Round.HeldOutLoss is null ? "" : " (held out)")} | {round.Round.UpdateNorm:0.0000} | {(plan.Validation is null ? "" : $"{round.Validation?.Words} | ")}{round.Result.Sites.Answered.Count} | {round.Receipt} |\n");
        Validated(card, trained);
        Evaluation(card, trained);
        LeftOut(card, trained);
        card.Append(CultureInfo.InvariantCulture, $"""

            ## Privacy

            {last.Result.Privacy}

            {Privacy(trained)}

            {Membership(trained)}

            ## Limits

            {(trained.Evaluation is null ? "Accuracy, calibration, fairness by group and what the model tells of who was trained on were not measured. " : "")}Sums hide a single site's update from everybody, and so also a site that sends a
            harmful one: no site's update was looked at. See docs/train.md.

            """);
        return card.ToString();
    }

    /// <summary>Which round's weights these are, where that was chosen.</summary>
    private static void Validated(StringBuilder card, TrainedModel trained)
    {
        if (trained.Course.Plan.Validation is not { } validation || trained.State is not TrainingState state)
            return;
        var best = state.Validations.FirstOrDefault(v => v.Round == state.BestRound) is { } round ? $"The weights are those of round {round.Round}, the best of these by {Validation.NameOf(validation.Measure)}: {round.Words}." : "No round had a figure: the weights are those of the last.";
        card.Append(CultureInfo.InvariantCulture, $"\nValidated on `{validation.Cohort}`, who were not trained on, but chose the round: the evaluation of others tells what to expect. {best}\n");
    }

    /// <summary>Variables that were declared together are named together.</summary>
    private static string Inputs(DeclaredModel model, StudySchema schema) => string.Join(", ", model.InputVariables.GroupBy(v => schema.Find(v)!.Series ?? v, StringComparer.Ordinal)
        .Select(s => s.Count() == 1 ? s.First() : $"{s.Count()} of {s.Key} ({s.First()} to {s.Last()})"));

    /// <summary>Every table of the evaluation on held-out persons; that by group shows whom the model serves less well.</summary>
    private static void Evaluation(StringBuilder card, TrainedModel trained)
    {
        if (trained.Evaluation is not { HeldOut: var result })
            return;
        var whom = trained.Course.Plan.Personal is null ? $"`{result.Cohort}`" : $"those of `{result.Cohort}` whom sites did not fit their own layers on";
        card.Append(CultureInfo.InvariantCulture, $"\n## Evaluation\n\nOn persons who were not trained on: {whom}, at {result.Sites.Answered.Count} sites (run {result.Run}; held-out.receipt.json).\n");
        Tables(card, result);
        if (trained.Evaluation.Tuned is not { } tuned)
            return;
        card.Append(CultureInfo.InvariantCulture, $"\n## Evaluation after fine-tuning\n\nOn the same persons, once each of {tuned.Sites.Answered.Count} sites had tuned the model to its own persons trained on, as the plan says (run {tuned.Run}; fine-tuned.receipt.json). The tuned weights left no site.\n");
        Tables(card, tuned);
    }

    /// <summary>How a training without each group did on it.</summary>
    private static void LeftOut(StringBuilder card, TrainedModel trained)
    {
        if (trained.LeftOut is not { } leftOut || trained.Course.Plan.LeaveOut is not { } leaveOut)
            return;
        card.Append(CultureInfo.InvariantCulture, $"\n## Without each group\n\nThe whole training once more without the persons of a group by `{leaveOut.By}`, evaluated on them alone: what to expect of a group that was never seen. Groups of fewer than {leaveOut.Smallest} persons, and those whose size is hidden, were left alone. Receipts are in left-out/.\n\n| {leaveOut.By} | persons of it | rounds | of a model that never saw it |\n|---|---|---|---|\n");
        foreach (var group in leftOut.Groups)
        {
            var found = group.Without is { } without ? $"{Validation.NameOf(Validation.MeasuresOf(without.Course.Declared.Head)[0])} {Validation.Read(0, new([], without.Evaluation!.HeldOut.Tables)).Words}" : group.IsRefused ? "not answered: at too many sites too few of them, or of the others" : "left alone: too few";
            card.Append(CultureInfo.InvariantCulture, $"| {group.Code} | {(group.Persons is { } persons ? $"{persons}" : "hidden")} | {group.Without?.Rounds.Count} | {found} |\n");
        }
    }

    private static void Tables(StringBuilder card, AnalysisResult result)
    {
        foreach (var table in result.Tables)
        {
            card.Append(CultureInfo.InvariantCulture, $"\n{table.Name}:\n\n| {string.Join(" | ", table.Columns)} |\n|{string.Concat(table.Columns.Select(_ => "---|"))}\n");
            foreach (var row in table.Rows)
                card.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row.Cells.Select(c => c.Text ?? (c.Number is { } n ? n.ToString("0.####", CultureInfo.InvariantCulture) : "")))} |\n");
        }
    }

    private static string Membership(TrainedModel trained) => trained.Evaluation?.Attack is { } attack
        ? string.Create(CultureInfo.InvariantCulture, $"Who guesses from the loss whether a person was trained on has an advantage of {attack.Advantage:0.000} over chance (between {attack.Lower:0.000} and {attack.Upper:0.000}, 19 times in 20; {attack.Members} trained on, {attack.Others} held out); 0 is none, 1 certainty. Other attacks may do better.")
        : "How well a membership attack does was not measured.";

    private static string Privacy(TrainedModel trained) => trained.Course.Plan.Price is { } price
        ? string.Create(CultureInfo.InvariantCulture, $"All rounds together, as the plan fixed them: ε = {Math.Ceiling(trained.Course.Epsilon!.Value * 1000) / 1000} at δ = {price.Delta}, of all their noise together (offered: {price.Words}). Each site's ledger was charged ρ = {trained.Course.ChargeOfRound} for a round that asks it, with all that is asked beside the rounds at most ρ = {trained.Course.Charge}, which adds up with whatever else is asked.")
        : "No noise protects single persons: the weights are a function of the data, and a model trained without noise can remember persons. Whoever releases it has judged that it may be released.";
}
