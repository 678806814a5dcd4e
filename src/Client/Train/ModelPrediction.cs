using System.Globalization;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;
using Consilience.FederatedLearning.Training;

namespace Consilience.Client.Train;

/// <summary>Scores rows with a model, one at a time.</summary>
public sealed class ModelPrediction
{
    private readonly ModelFile file;
    private readonly ModelWeights weights;
    private readonly Network network;
    private readonly float[] inputs;

    public ModelPrediction(ModelFile file, ModelWeights weights)
    {
        ArgumentNullException.ThrowIfNull(file);
        (this.file, this.weights) = (file, weights);
        network = new Network(file.Model, 1);
        inputs = new float[file.Model.Inputs.Sum(i => i.Width)];
    }

    /// <summary>What <see cref="Of"/> gives, in words for the head of a column.</summary>
    public IReadOnlyList<string> Names => file.Model.Head switch
    {
        HeadKind.Softmax => [.. file.Schema.Find(file.Model.OutcomeVariables[0])!.Codes.Select(c => $"p.{c.Code}")],
        HeadKind.Logistic => ["p"],
        HeadKind.Cox => ["log.hazard.ratio"],
        HeadKind.DiscreteSurvival => [.. file.Model.Outcome.Edges.Select(e => string.Create(CultureInfo.InvariantCulture, $"survival.{e}"))],
        _ => ["prediction"],
    };

    /// <summary>A probability of the event, one of each class, the number, the log hazard ratio, or the survival at each edge; null where a value is missing or not what the schema says.</summary>
    /// <param name="values">Of <see cref="ModelDeclaration.InputVariables"/>, in their order, as a file writes them: codes, true and false, numbers.</param>
    public IReadOnlyList<double>? Of(IReadOnlyList<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var at = 0;
        foreach (var (column, text) in file.Model.Inputs.Zip(values))
        {
            if (Read(file.Schema.Find(column.Variable)!, text.Trim()) is not { } value || !column.Holds(value))
                return null;
            column.Write(value, inputs.AsSpan(at, column.Width));
            at += column.Width;
        }

        return Outcome(network.Forward(weights.Values, inputs, 1).AsSpan(0, file.Model.Outputs));
    }

    private double[] Outcome(ReadOnlySpan<float> outputs)
    {
        var model = file.Model;
        switch (model.Head)
        {
            case HeadKind.Logistic:
                return [Elementary.Sigmoid(outputs[0])];
            case HeadKind.Linear:
                return [model.Outcome.Centre + (model.Outcome.Half * outputs[0])];
            case HeadKind.Softmax:
                var largest = (double)outputs.ToArray().Max();
                double[] odds = [.. outputs.ToArray().Select(o => Elementary.Exp(o - largest))];
                return [.. odds.Select(o => o / odds.Sum())];
            case HeadKind.DiscreteSurvival:
                var survival = 1.0;
                return [.. outputs.ToArray().Select(o => survival *= 1 - Elementary.Sigmoid(o))];
            default:
                return [outputs[0]];
        }
    }

    private static double? Read(Variable variable, string text)
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
