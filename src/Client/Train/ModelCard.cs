using System.Globalization;
using System.Text;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;

namespace Consilience.Client.Train;

/// <summary>
/// The card of a model, after Mitchell et al. 2019, <i>Model cards for model reporting</i>. Made of the plan and of released figures alone: every number in it stands in a receipt of the folder.
/// </summary>
internal static class ModelCard
{
    internal static string Write(TrainedModel trained, Agreement agreement, bool hasOnnx)
    {
        var (plan, study) = (trained.Course.Plan, agreement.Study);
        var last = trained.Rounds[^1];
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
            | reads | {Inputs(trained.Course.Model, study.Schema)} |
            | predicts | {string.Join(", ", trained.Course.Model.OutcomeVariables)} ({trained.Course.Model.Head.ToString().ToLowerInvariant()}) |
            | weights | {trained.Course.Model.ParameterCount}, single precision, SHA-256 {trained.State.Weights.Digest} |
            | files | model.safetensors, model.yaml{(hasOnnx ? ", model.onnx" : "; no ONNX: the model has a layer that is not written to it")} |

            ## Data

            {last.Round.Persons} persons of {last.Result.Sites.Answered.Count} sites in the last round{(last.Round.Skipped > 0 ? $", {last.Round.Skipped} left out because a value was not what the schema says" : "")}. Cohort: {(last.Result.Cohort.Length > 0 ? $"`{last.Result.Cohort}`" : "everybody of the study")}.
            Rows with a missing value among those the model reads were not trained on.{(plan.Precision == Precision.Noised ? " These numbers carry noise." : "")}

            ## Training

            Strategy {plan.Strategy.Name}, at most {plan.Rounds} rounds{(plan.Stop is null ? "" : ", stopped early as the plan says")}; the plan is plan.yaml. Each round was a signed request, asked at the weights the round before gave; its receipt is in receipts/.

            | round | persons | loss before | length of the update | sites | receipt (SHA-256) |
            |---|---|---|---|---|---|

            """);
        foreach (var (round, i) in trained.Rounds.Select((r, i) => (r, i)))
            card.Append(CultureInfo.InvariantCulture, $"| {i + 1} | {round.Round.Persons} | {round.Round.Loss:0.0000} | {round.Round.UpdateNorm:0.0000} | {round.Result.Sites.Answered.Count} | {round.Receipt} |\n");
        Evaluation(card, trained);
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

    /// <summary>Variables that were declared together are named together.</summary>
    private static string Inputs(ModelDeclaration model, StudySchema schema) => string.Join(", ", model.InputVariables.GroupBy(v => schema.Find(v)!.Series ?? v, StringComparer.Ordinal)
        .Select(s => s.Count() == 1 ? s.First() : $"{s.Count()} of {s.Key} ({s.First()} to {s.Last()})"));

    /// <summary>Every table of the evaluation on held-out persons; that by group shows whom the model serves less well.</summary>
    private static void Evaluation(StringBuilder card, TrainedModel trained)
    {
        if (trained.Evaluation is not { HeldOut: var result })
            return;
        card.Append(CultureInfo.InvariantCulture, $"\n## Evaluation\n\nOn persons who were not trained on: `{result.Cohort}`, at {result.Sites.Answered.Count} sites (run {result.Run}; held-out.receipt.json).\n");
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
        ? $"All rounds together: {price.Words}, ρ = {trained.Course.ChargeOfRound} a round at each site. Rounds were fixed beforehand and their ρ adds up."
        : "No noise protects single persons: the weights are a function of the data, and a model trained without noise can remember persons. Whoever releases it has judged that it may be released.";
}
