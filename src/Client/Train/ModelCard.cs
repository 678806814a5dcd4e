using System.Globalization;
using System.Text;
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
            | reads | {string.Join(", ", trained.Course.Model.InputVariables)} |
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
        card.Append(CultureInfo.InvariantCulture, $"""

            ## Privacy

            {last.Result.Privacy}

            {Privacy(trained)}

            ## What was not measured

            Accuracy, calibration, fairness by group and what the model tells of who was in its training are not in this card unless a section above shows them. Sums hide a single site's update from everybody, and so also a site that sends a
            harmful one: no site's update was looked at. See docs/train.md.

            """);
        return card.ToString();
    }

    private static string Privacy(TrainedModel trained) => trained.Course.Plan.Price is { } price
        ? $"All rounds together: {price.Words}, ρ = {trained.Course.ChargeOfRound} a round at each site. Rounds were fixed beforehand and their ρ adds up."
        : "No noise protects single persons: the weights are a function of the data, and a model trained without noise can remember persons. Whoever releases it has judged that it may be released.";
}
