using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Training;

/// <summary>
/// Trains a model on the rows of one site, or of one person, from the weights of a round. Promises the same bits for the same rows, in whatever order they are stored, seed and settings, on every machine.
/// </summary>
/// <param name="model">What is trained.</param>
/// <param name="rows">On whom.</param>
/// <param name="settings">How.</param>
/// <param name="control">
/// The mean gradient of all sites at the round's weights: added to each step, less the site's own there, so that sites do not drift apart (SCAFFOLD with fresh variates: Karimireddy et al. 2020, option I; Mitra et al. 2021).
/// Null for none.
/// </param>
/// <param name="held">Weights that stay as they are; null for none.</param>
internal sealed class LocalTraining(ModelDeclaration model, TrainingRows rows, LocalSettings settings, ModelWeights? control, bool[]? held = null)
{
    private readonly int batchSize = Math.Max(1, Math.Min(settings.Batch, rows.Count));

    /// <summary>What differentiates, made for as many rows at once and no clip, where one training follows another; null to make it.</summary>
    internal Gradients? Shared { get; init; }

    /// <summary>The weights after training, and the sum over rows of their loss at the weights it began with.</summary>
    internal (float[] Weights, double Loss) Run(ModelWeights from)
    {
        var weights = from.Values.ToArray();
        var gradients = Shared ?? new Gradients(model, rows, batchSize, settings.Clip);
        gradients.Rows = rows;
        var loss = gradients.LossOfAll(weights);
        var (drift, optimiser) = (Drift(weights), Optimiser.Of(settings, weights.Length));
        var (order, batch) = (Enumerable.Range(0, rows.Count).ToArray(), new int[batchSize]);
        var perEpoch = (rows.Count + batchSize - 1) / batchSize;
        var steps = rows.Count == 0 ? 0 : settings.Steps > 0 ? settings.Steps : settings.Epochs * perEpoch;
        for (var step = 0; step < steps; step++)
        {
            if (step % perEpoch == 0)
                Shuffle(order, step / perEpoch);
            var at = step % perEpoch * batchSize;
            var count = Math.Min(batchSize, rows.Count - at);
            Array.Copy(order, at, batch, 0, count);
            gradients.Differentiate(weights, batch, count, unchecked((settings.Seed << 32) + step));
            Direct(gradients.Sum, count, weights, from.Values, drift);
            optimiser.Step(weights, gradients.Sum, settings.RateAt(step, steps));
        }

        return (weights, loss);
    }

    /// <summary>Makes the direction of a step of a sum of gradients.</summary>
    private void Direct(Span<float> gradient, int count, ReadOnlySpan<float> weights, ReadOnlySpan<float> from, float[]? drift)
    {
        MatrixProduct.Scale(gradient, 1f / count);
        if (drift is not null)
            MatrixProduct.AddTo(gradient, drift);
        for (var i = 0; i < gradient.Length && settings.Proximal > 0; i++)
            gradient[i] += settings.Proximal * (weights[i] - from[i]);
        for (var i = 0; i < held?.Length; i++)
            gradient[i] = held[i] ? 0 : gradient[i];
    }

    /// <summary>The mean gradient of all sites less that of this one.</summary>
    private float[]? Drift(float[] weights)
    {
        if (control is null || rows.Count == 0)
            return null;
        var gradients = new Gradients(model, rows, rows.Count, settings.Clip);
        gradients.Differentiate(weights, [.. Enumerable.Range(0, rows.Count)], rows.Count, settings.Seed << 32);
        var drift = control.Values.ToArray();
        for (var i = 0; i < drift.Length; i++)
            drift[i] -= gradients.Sum[i] / rows.Count;
        return drift;
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
