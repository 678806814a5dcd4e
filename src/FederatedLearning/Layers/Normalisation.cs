using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Layers;

/// <summary>
/// Each group of a row's channels, over all positions, is brought to mean 0 and variance 1; then each channel has a scale and an offset. One group: layer normalisation (Ba, Kiros and Hinton 2016); more: group normalisation (Wu and He 2018).
/// Neither looks at other rows, so a row has a gradient of its own, which batch normalisation does not give.
/// </summary>
internal sealed record NormalisationSpec(Shape Input, int Groups) : LayerSpec(Input, Input)
{
    internal override IReadOnlyList<TensorSpec> Tensors => [new("scale", [Input.Channels], Initial.One) { IsNormalisation = true }, new("offset", [Input.Channels], Initial.Zero) { IsNormalisation = true }];

    internal override int Footprint => 3 * Input.Size;

    internal override Layer Create(int rows, int offset) => new Normalisation(Input, Groups, rows, offset);
}

/// <summary>The work of <see cref="NormalisationSpec"/>.</summary>
internal sealed class Normalisation(Shape shape, int groups, int rows, int offset) : WeightedLayer(shape.Size)
{
    /// <summary>Keeps a group of equal numbers from dividing by 0; PyTorch's value.</summary>
    private const double Least = 1e-5;

    private readonly int size = shape.Size;
    private readonly int channels = shape.Channels;
    private readonly float[] normal = new float[rows * shape.Size];
    private readonly float[] made = new float[rows * shape.Size];
    private readonly float[] byInputs = new float[rows * shape.Size];
    private readonly float[] shares = new float[2 * shape.Channels];
    private readonly double[] inverse = new double[rows * groups];

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows, in Pass pass)
    {
        var scale = weights.Slice(offset, channels);
        var shift = weights.Slice(offset + channels, channels);
        for (var row = 0; row < rows; row++)
        {
            for (var group = 0; group < groups; group++)
                Normalise(inputs.AsSpan(row * size, size), row, group);
            for (var i = 0; i < size; i++)
                made[(row * size) + i] = (normal[(row * size) + i] * scale[i % channels]) + shift[i % channels];
        }

        return made;
    }

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows)
    {
        var scale = weights.Slice(offset, channels);
        for (var row = 0; row < rows; row++)
        {
            for (var group = 0; group < groups; group++)
                Backward(scale, byOutputs.AsSpan(row * size, size), row, group);
        }

        return byInputs;
    }

    internal override void AddSquaredNorms(float[] byOutputs, Span<double> norms)
    {
        for (var row = 0; row < norms.Length; row++)
        {
            Array.Clear(shares);
            AddShares(byOutputs, row, shares);
            norms[row] += MatrixProduct.Squares(shares);
        }
    }

    internal override void AddGradient(float[] byOutputs, int from, int to, Span<float> gradient)
    {
        for (var row = from; row < to; row++)
            AddShares(byOutputs, row, gradient.Slice(offset, 2 * channels));
    }

    private void AddShares(float[] byOutputs, int row, Span<float> sums)
    {
        for (var i = 0; i < size; i++)
        {
            sums[i % channels] += byOutputs[(row * size) + i] * normal[(row * size) + i];
            sums[channels + (i % channels)] += byOutputs[(row * size) + i];
        }
    }

    private void Normalise(ReadOnlySpan<float> inputs, int row, int group)
    {
        var (width, first) = (channels / groups, group * (channels / groups));
        var count = width * shape.Area;
        double sum = 0, squares = 0;
        for (var at = first; at < size; at += channels)
        {
            for (var i = at; i < at + width; i++)
                sum += inputs[i];
        }

        var mean = sum / count;
        for (var at = first; at < size; at += channels)
        {
            for (var i = at; i < at + width; i++)
                squares += (inputs[i] - mean) * (inputs[i] - mean);
        }

        var factor = inverse[(row * groups) + group] = 1 / Math.Sqrt((squares / count) + Least);
        for (var at = first; at < size; at += channels)
        {
            for (var i = at; i < at + width; i++)
                normal[(row * size) + i] = (float)((inputs[i] - mean) * factor);
        }
    }

    /// <summary>∂x = (g − mean(g) − x̂·mean(g·x̂))/σ, with g the derivatives times the scale.</summary>
    private void Backward(ReadOnlySpan<float> scale, ReadOnlySpan<float> byOutputs, int row, int group)
    {
        var (width, first, start) = (channels / groups, group * (channels / groups), row * size);
        var count = width * shape.Area;
        double sum = 0, along = 0;
        for (var at = first; at < size; at += channels)
        {
            for (var i = at; i < at + width; i++)
            {
                double g = byOutputs[i] * scale[i % channels];
                sum += g;
                along += g * normal[start + i];
            }
        }

        var factor = inverse[(row * groups) + group];
        for (var at = first; at < size; at += channels)
        {
            for (var i = at; i < at + width; i++)
                byInputs[start + i] = (float)(((byOutputs[i] * scale[i % channels]) - (sum / count) - (normal[start + i] * along / count)) * factor);
        }
    }
}
