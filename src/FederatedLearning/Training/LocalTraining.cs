using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Training;

/// <summary>Trains a model on the rows of one site, from the weights of a round.</summary>
internal sealed class LocalTraining(ModelDeclaration model, TrainingRows rows, LocalSettings settings)
{
    private readonly Loss loss = Loss.Of(model.Outcome);
    private readonly Network network = new(model, settings.Batch);
    private readonly float[] inputs = new float[settings.Batch * model.Inputs.Sum(i => i.Width)];
    private readonly Target[] targets = new Target[settings.Batch];
    private readonly float[] byOutputs = new float[settings.Batch * model.Outputs];
    private readonly double[] losses = new double[settings.Batch];

    /// <summary>The weights after training, and the sum over rows of their loss at the weights it began with.</summary>
    internal (float[] Weights, double Loss) Run(ModelWeights from)
    {
        var weights = from.Values.ToArray();
        var lossBefore = LossAt(weights);
        var order = Enumerable.Range(0, rows.Count).ToArray();
        var gradient = new float[weights.Length];
        var (epoch, at) = (-1, rows.Count);
        var steps = settings.Steps > 0 ? settings.Steps : settings.Epochs * ((rows.Count + settings.Batch - 1) / settings.Batch);
        for (var step = 0; step < steps && rows.Count > 0; step++)
        {
            if (at >= rows.Count)
            {
                Shuffle(order, ++epoch);
                at = 0;
            }

            var batch = order.AsSpan(at, Math.Min(settings.Batch, rows.Count - at));
            at += batch.Length;
            Array.Clear(gradient);
            Differentiate(weights, batch);
            network.AddGradient(0, batch.Length, gradient);
            for (var i = 0; i < weights.Length; i++)
                weights[i] -= settings.Rate * ((gradient[i] / batch.Length) + (settings.Proximal * (weights[i] - from.Values[i])));
        }

        return (weights, lossBefore);
    }

    private double LossAt(float[] weights)
    {
        double sum = 0;
        for (var from = 0; from < rows.Count; from += settings.Batch)
        {
            var batch = Enumerable.Range(from, Math.Min(settings.Batch, rows.Count - from)).ToArray();
            Differentiate(weights, batch);
            for (var i = 0; i < batch.Length; i++)
                sum += losses[i];
        }

        return sum;
    }

    private void Differentiate(float[] weights, ReadOnlySpan<int> batch)
    {
        var width = inputs.Length / settings.Batch;
        for (var i = 0; i < batch.Length; i++)
        {
            rows.CopyInputs(batch[i], inputs.AsSpan(i * width, width));
            targets[i] = rows.TargetOf(batch[i]);
        }

        var outputs = network.Forward(weights, inputs, batch.Length);
        loss.Differentiate(outputs, targets.AsSpan(0, batch.Length), byOutputs, losses);
        network.Backward(weights, byOutputs, batch.Length);
    }

    private void Shuffle(Span<int> order, int epoch)
    {
        var stream = SeededStream.For(settings.Seed, StreamPurpose.OrderOfRows, epoch);
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = stream.Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
    }
}
