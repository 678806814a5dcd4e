using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Layers;

/// <summary>The same dense map at every window; weights are window × channels by filters.</summary>
internal sealed record ConvolutionSpec(Window Window, int Filters) : LayerSpec(Window.Input, Window.Output(Filters))
{
    internal int Taken => Window.Area * Window.Input.Channels;

    internal override IReadOnlyList<TensorSpec> Tensors
    {
        get
        {
            int[] kernel = Window.Input.Dimensions == 2 ? [Window.Size] : [Window.Size, Window.Size];
            return [new("weight", [.. kernel, Window.Input.Channels, Filters], Initial.Uniform, Taken), new("bias", [Filters], Initial.Uniform, Taken)];
        }
    }

    internal override int Footprint => base.Footprint + (Output.Area * Taken);

    internal override Layer Create(int rows, int offset) => new Convolution(this, rows, offset);
}

/// <summary>The work of <see cref="ConvolutionSpec"/>: what each window sees is copied out, and a dense map taken of it.</summary>
internal sealed class Convolution : WeightedLayer
{
    private readonly int channels;
    private readonly int inputs;
    private readonly int area;
    private readonly int taken;
    private readonly int filters;
    private readonly int offset;
    private readonly int[] positions;
    private readonly float[] seen;
    private readonly float[] made;
    private readonly float[] byInputs;
    private readonly float[] bySeen;
    private readonly float[] transposed;
    private readonly float[] share;

    internal Convolution(ConvolutionSpec spec, int rows, int offset)
        : base(spec.Output.Size)
    {
        (channels, inputs, area, taken, filters) = (spec.Input.Channels, spec.Input.Size, spec.Output.Area, spec.Taken, spec.Filters);
        this.offset = offset;
        positions = spec.Window.Positions();
        (seen, made, byInputs) = (new float[rows * area * taken], new float[rows * area * filters], new float[rows * inputs]);
        (bySeen, transposed, share) = (new float[area * taken], new float[taken * filters], new float[(taken + 1) * filters]);
    }

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] given, int rows, in Pass pass)
    {
        for (var row = 0; row < rows; row++)
            CopyOut(given.AsSpan(row * inputs, inputs), seen.AsSpan(row * area * taken, area * taken));
        var bias = weights.Slice(offset + (taken * filters), filters);
        for (var window = 0; window < rows * area; window++)
            bias.CopyTo(made.AsSpan(window * filters));
        MatrixProduct.Add(new(seen, taken, 1), weights.Slice(offset, taken * filters), made, rows * area, taken, filters);
        return made;
    }

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows)
    {
        MatrixProduct.Transpose(weights.Slice(offset, taken * filters), taken, filters, transposed);
        byInputs.AsSpan(0, rows * inputs).Clear();
        for (var row = 0; row < rows; row++)
        {
            Array.Clear(bySeen);
            MatrixProduct.Add(new(byOutputs.AsSpan(row * area * filters), filters, 1), transposed, bySeen, area, filters, taken);
            AddBack(byInputs.AsSpan(row * inputs, inputs));
        }

        return byInputs;
    }

    internal override void AddSquaredNorms(float[] byOutputs, Span<double> norms)
    {
        for (var row = 0; row < norms.Length; row++)
        {
            Array.Clear(share);
            AddRow(byOutputs, row, share);
            norms[row] += MatrixProduct.Squares(share);
        }
    }

    internal override void AddGradient(float[] byOutputs, int from, int to, Span<float> gradient)
    {
        for (var row = from; row < to; row++)
            AddRow(byOutputs, row, gradient.Slice(offset, share.Length));
    }

    private void AddRow(float[] byOutputs, int row, Span<float> gradient)
    {
        var given = byOutputs.AsSpan(row * area * filters, area * filters);
        MatrixProduct.Add(new(seen.AsSpan(row * area * taken), 1, taken), given, gradient, taken, area, filters);
        for (var window = 0; window < area; window++)
            MatrixProduct.AddTo(gradient[(taken * filters)..], given.Slice(window * filters, filters));
    }

    private void CopyOut(ReadOnlySpan<float> from, Span<float> to)
    {
        for (var i = 0; i < positions.Length; i++)
        {
            var place = to.Slice(i * channels, channels);
            if (positions[i] < 0)
                place.Clear();
            else
                from.Slice(positions[i] * channels, channels).CopyTo(place);
        }
    }

    private void AddBack(Span<float> to)
    {
        for (var i = 0; i < positions.Length; i++)
        {
            if (positions[i] >= 0)
                MatrixProduct.AddTo(to.Slice(positions[i] * channels, channels), bySeen.AsSpan(i * channels, channels));
        }
    }
}
