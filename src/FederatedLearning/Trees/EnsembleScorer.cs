using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Trees;

/// <summary>What boosted trees say of persons: the probability of the event, or the number.</summary>
public sealed class EnsembleScorer(TreeModel model, Ensemble ensemble) : IScorer
{
    private readonly ushort[] bins = new ushort[model.Inputs.Count];

    /// <param name="values">As of every model, and NaN for a missing one.</param>
    public double[]? Predict(ReadOnlySpan<double> values)
    {
        if (!model.TryBin(values, bins))
            return null;
        var score = ensemble.Score(model, bins);
        return [model.Head == HeadKind.Logistic ? Elementary.Sigmoid(score) : model.Outcome.Centre + (score * model.Outcome.Half)];
    }
}
