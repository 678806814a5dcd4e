using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Heads;

/// <summary>The loss of outputs, and its derivatives by them.</summary>
internal abstract class Loss
{
    /// <summary>Whether each row's loss is its own, so that a row has a gradient.</summary>
    internal virtual bool IsByRow => true;

    internal static Loss Of(Outcome outcome) => outcome.Kind switch
    {
        HeadKind.Linear => new SquaredLoss(),
        HeadKind.Logistic => new LogisticLoss(),
        _ => throw new System.Diagnostics.UnreachableException("every head has a loss"),
    };

    /// <summary>Writes each row's loss and the derivatives of their sum by the outputs; returns nothing else.</summary>
    internal abstract void Differentiate(ReadOnlySpan<float> outputs, ReadOnlySpan<Target> targets, Span<float> byOutputs, Span<double> losses);
}

/// <summary>½(η − y)².</summary>
internal sealed class SquaredLoss : Loss
{
    internal override void Differentiate(ReadOnlySpan<float> outputs, ReadOnlySpan<Target> targets, Span<float> byOutputs, Span<double> losses)
    {
        for (var row = 0; row < targets.Length; row++)
        {
            var error = outputs[row] - targets[row].Value;
            (byOutputs[row], losses[row]) = (error, 0.5 * error * error);
        }
    }
}

/// <summary>log(1 + e^η) − yη.</summary>
internal sealed class LogisticLoss : Loss
{
    internal override void Differentiate(ReadOnlySpan<float> outputs, ReadOnlySpan<Target> targets, Span<float> byOutputs, Span<double> losses)
    {
        for (var row = 0; row < targets.Length; row++)
        {
            double eta = outputs[row];
            var y = targets[row].Value;
            byOutputs[row] = (float)(Elementary.Sigmoid(eta) - y);
            losses[row] = Elementary.Softplus(eta) - (y * eta);
        }
    }
}
