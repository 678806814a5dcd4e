using Consilience.FederatedLearning.Layers;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Training;

/// <summary>The layers of a model at work on up to a given number of rows.</summary>
internal sealed class Network
{
    private readonly Layer[] layers;
    private readonly float[][] byOutputs;

    internal Network(ModelDeclaration model, int rows)
    {
        var offset = 0;
        var made = new List<Layer>();
        foreach (var spec in model.Layers)
        {
            made.Add(spec.Create(rows, offset));
            offset += spec.Tensors.Sum(t => t.Shape.Aggregate(1, (product, size) => product * size));
        }

        layers = [.. made];
        byOutputs = new float[layers.Length][];
    }

    /// <summary>Outputs of the last layer, row by row.</summary>
    internal float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows)
    {
        foreach (var layer in layers)
            inputs = layer.Forward(weights, inputs, rows);
        return inputs;
    }

    /// <summary>Takes derivatives by the last outputs back through every layer.</summary>
    internal void Backward(ReadOnlySpan<float> weights, float[] byLast, int rows)
    {
        for (var i = layers.Length - 1; i >= 0; i--)
        {
            byOutputs[i] = byLast;
            if (i > 0)
                byLast = layers[i].Backward(weights, byLast, rows);
        }
    }

    /// <summary>The squared norm of each row's gradient; after <see cref="Backward"/>.</summary>
    internal void SquaredNorms(Span<double> norms)
    {
        norms.Clear();
        for (var i = 0; i < layers.Length; i++)
            layers[i].AddSquaredNorms(byOutputs[i], norms);
    }

    /// <summary>Multiplies each row's gradient; after <see cref="Backward"/>, whose derivatives it multiplies.</summary>
    internal void Scale(ReadOnlySpan<float> factors)
    {
        foreach (var array in byOutputs)
        {
            var width = array.Length / factors.Length;
            for (var row = 0; row < factors.Length; row++)
                array.AsSpan(row * width, width).Clear();
        }
    }

    /// <summary>Adds the gradients of the rows from <paramref name="from"/> to before <paramref name="to"/>.</summary>
    internal void AddGradient(int from, int to, Span<float> gradient)
    {
        for (var i = 0; i < layers.Length; i++)
            layers[i].AddGradient(byOutputs[i], from, to, gradient);
    }
}
