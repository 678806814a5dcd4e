using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Layers;

/// <summary>Layers one after the other.</summary>
internal sealed class Chain : Layer
{
    private readonly Layer[] layers;
    private readonly float[][] byOutputs;

    internal Chain(IReadOnlyList<LayerSpec> specs, int rows, int offset)
    {
        layers = new Layer[specs.Count];
        for (var i = 0; i < layers.Length; i++)
        {
            layers[i] = specs[i].Create(rows, offset);
            offset += specs[i].WeightCount;
        }

        byOutputs = new float[layers.Length][];
    }

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows, in Pass pass)
    {
        foreach (var layer in layers)
            inputs = layer.Forward(weights, inputs, rows, pass);
        return inputs;
    }

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byLast, int rows)
    {
        for (var i = layers.Length - 1; i >= 0; i--)
        {
            byOutputs[i] = byLast;
            byLast = layers[i].Backward(weights, byLast, rows);
        }

        return byLast;
    }

    internal override void BackwardFirst(ReadOnlySpan<float> weights, float[] byLast, int rows)
    {
        for (var i = layers.Length - 1; i > 0; i--)
        {
            byOutputs[i] = byLast;
            byLast = layers[i].Backward(weights, byLast, rows);
        }

        byOutputs[0] = byLast;
        layers[0].BackwardFirst(weights, byLast, rows);
    }

    internal override void AddSquaredNorms(float[] byLast, Span<double> norms)
    {
        for (var i = 0; i < layers.Length; i++)
            layers[i].AddSquaredNorms(byOutputs[i], norms);
    }

    internal override void ScaleRows(float[] byLast, ReadOnlySpan<float> factors)
    {
        for (var i = 0; i < layers.Length; i++)
            layers[i].ScaleRows(byOutputs[i], factors);
    }

    internal override void AddGradient(float[] byLast, int from, int to, Span<float> gradient)
    {
        for (var i = 0; i < layers.Length; i++)
            layers[i].AddGradient(byOutputs[i], from, to, gradient);
    }
}

/// <summary>x + f(x), with f a chain of layers that keeps the shape.</summary>
internal sealed record ResidualSpec(Shape Input, IReadOnlyList<LayerSpec> Inner) : LayerSpec(Input, Input)
{
    internal override IReadOnlyList<TensorSpec> Tensors => [.. Inner.SelectMany((layer, i) => layer.Tensors.Select(t => t with { Name = $"{i}.{t.Name}" }))];

    internal override int Footprint => (3 * Input.Size) + Inner.Sum(i => i.Footprint);

    internal override Layer Create(int rows, int offset) => new Residual(Input.Size, new Chain(Inner, rows, offset), rows);
}

/// <summary>The work of <see cref="ResidualSpec"/>: arrays are copied on the way in, because layers inside may write over them.</summary>
internal sealed class Residual(int size, Chain inner, int rows) : Layer
{
    private readonly float[] taken = new float[rows * size];
    private readonly float[] made = new float[rows * size];
    private readonly float[] given = new float[rows * size];

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows, in Pass pass)
    {
        inputs.AsSpan(0, rows * size).CopyTo(taken);
        inputs.AsSpan(0, rows * size).CopyTo(made);
        Numerics.MatrixProduct.AddTo(made.AsSpan(0, rows * size), inner.Forward(weights, taken, rows, pass));
        return made;
    }

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows)
    {
        byOutputs.AsSpan(0, rows * size).CopyTo(given);
        Numerics.MatrixProduct.AddTo(byOutputs.AsSpan(0, rows * size), inner.Backward(weights, given, rows));
        return byOutputs;
    }

    internal override void BackwardFirst(ReadOnlySpan<float> weights, float[] byOutputs, int rows) => Backward(weights, byOutputs, rows);

    internal override void AddSquaredNorms(float[] byOutputs, Span<double> norms) => inner.AddSquaredNorms(byOutputs, norms);

    internal override void ScaleRows(float[] byOutputs, ReadOnlySpan<float> factors) => inner.ScaleRows(byOutputs, factors);

    internal override void AddGradient(float[] byOutputs, int from, int to, Span<float> gradient) => inner.AddGradient(byOutputs, from, to, gradient);
}
