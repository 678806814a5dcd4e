using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Layers;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Models;

/// <summary>What a model says of persons, one after the other. Not for two threads at once.</summary>
public sealed class ModelScorer : IScorer
{
    private readonly ModelDeclaration model;
    private readonly float[] weights;
    private readonly Chain chain;
    private readonly float[] inputs;

    /// <exception cref="ArgumentException">The weights are another model's.</exception>
    public ModelScorer(ModelDeclaration model, ModelWeights weights)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Count != model.ParameterCount)
            throw new ArgumentException($"weights: {weights.Count} (expected {model.ParameterCount}); use those of this model", nameof(weights));
        (this.model, this.weights) = (model, weights.Values.ToArray());
        chain = new Chain(model.Layers, 1, 0);
        inputs = new float[model.Inputs.Sum(i => i.Width)];
    }

    public double[]? Predict(ReadOnlySpan<double> values)
    {
        var at = 0;
        for (var i = 0; i < model.Inputs.Count; at += model.Inputs[i++].Width)
        {
            if (!model.Inputs[i].Holds(values[i]))
                return null;
            model.Inputs[i].Write(values[i], inputs.AsSpan(at, model.Inputs[i].Width));
        }

        return Shown(chain.Forward(weights, inputs, 1, Pass.ToPredict).AsSpan(0, model.Outputs));
    }

    private double[] Shown(ReadOnlySpan<float> outputs)
    {
        var shown = new double[outputs.Length];
        var alive = 1.0;
        for (var i = 0; i < shown.Length; i++)
        {
            shown[i] = model.Head switch
            {
                HeadKind.Linear => model.Outcome.Centre + (outputs[i] * model.Outcome.Half),
                HeadKind.Logistic => Elementary.Sigmoid(outputs[i]),
                HeadKind.Softmax => ShareOf(outputs, i),
                HeadKind.DiscreteSurvival => alive *= Elementary.Sigmoid(-outputs[i]),
                _ => outputs[i],
            };
        }

        return shown;
    }

    private static double ShareOf(ReadOnlySpan<float> scores, int i)
    {
        double sum = 0;
        foreach (var score in scores)
            sum += Elementary.Exp((double)score - scores[i]);
        return 1 / sum;
    }
}
