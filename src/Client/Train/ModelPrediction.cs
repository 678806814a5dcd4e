using System.Globalization;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;

namespace Consilience.Client.Train;

/// <summary>Scores rows as files write them.</summary>
public sealed class ModelPrediction(ModelFile file, ModelWeights weights)
{
    private readonly ModelScorer scorer = new(file.Model, weights);
    private readonly Variable[] variables = [.. file.Model.InputVariables.Select(v => file.Schema.Find(v)!)];

    /// <summary>What <see cref="Of"/> gives, in words for the head of a column.</summary>
    public IReadOnlyList<string> Names => file.Model.Head switch
    {
        HeadKind.Softmax => [.. file.Schema.Find(file.Model.OutcomeVariables[0])!.Codes.Select(c => $"p.{c.Code}")],
        HeadKind.Logistic => ["p"],
        HeadKind.Cox => ["log.hazard.ratio"],
        HeadKind.DiscreteSurvival => [.. file.Model.Outcome.Edges.Select(e => string.Create(CultureInfo.InvariantCulture, $"survival.{e}"))],
        _ => ["prediction"],
    };

    /// <summary>What <see cref="ModelScorer.Predict"/> says of a row; null where a value is missing or not what the schema says.</summary>
    /// <param name="values">Of <see cref="ModelDeclaration.InputVariables"/>, in their order: codes, true and false, numbers.</param>
    public IReadOnlyList<double>? Of(IReadOnlyList<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        double?[] read = [.. variables.Zip(values, (variable, text) => Read(variable, text.Trim()))];
        return Array.TrueForAll(read, v => v is not null) ? scorer.Predict([.. read.Select(v => v!.Value)]) : null;
    }

    /// <summary>A value as files write it, in the coding of rows; null where it is missing, or not one of the variable's.</summary>
    internal static double? Read(Variable variable, string text)
    {
        if (variable.Type == VariableType.Boolean)
            return text.ToLowerInvariant() switch { "true" or "1" => 1, "false" or "0" => 0, _ => null };
        if (variable.Type == VariableType.Category)
        {
            var position = variable.Codes.ToList().FindIndex(c => c.Code == text);
            return position < 0 ? null : position;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
    }
}
