using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Layers;

/// <summary>y = xW + b, with W stored inputs × outputs. A Cox model's last layer has no b, which would cancel, and begins at 0.</summary>
internal sealed record DenseSpec(Shape Input, int Units, bool HasBias = true) : LayerSpec(Input, new Shape(Units))
{
    internal override IReadOnlyList<TensorSpec> Tensors => HasBias
        ? [new("weight", [Input.Size, Units], Initial.Uniform, Input.Size), new("bias", [Units], Initial.Uniform, Input.Size)]
        : [new("weight", [Input.Size, Units], Initial.Zero)];

    internal override Layer Create(int rows, int offset) => new Dense(Input.Size, Units, HasBias, rows, offset);
}

/// <summary>The work of <see cref="DenseSpec"/>.</summary>
internal sealed class Dense(int inputs, int outputs, bool hasBias, int rows, int offset) : WeightedLayer(outputs)
{
    private readonly float[] made = new float[rows * outputs];
    private readonly float[] byInputs = new float[rows * inputs];
    private readonly float[] transposed = new float[inputs * outputs];
    private float[] taken = [];

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] given, int rows, in Pass pass)
    {
        taken = given;
        for (var row = 0; row < rows; row++)
        {
            if (hasBias)
                weights.Slice(offset + (inputs * Outputs), Outputs).CopyTo(made.AsSpan(row * Outputs));
            else
                made.AsSpan(row * Outputs, Outputs).Clear();
        }

        MatrixProduct.Add(new(taken, inputs, 1), weights.Slice(offset, inputs * Outputs), made, rows, inputs, Outputs);
        return made;
    }

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows)
    {
        MatrixProduct.Transpose(weights.Slice(offset, inputs * Outputs), inputs, Outputs, transposed);
        byInputs.AsSpan(0, rows * inputs).Clear();
        MatrixProduct.Add(new(byOutputs, Outputs, 1), transposed, byInputs, rows, Outputs, inputs);
        return byInputs;
    }

    /// <summary>A row's gradient is an outer product, whose norm is the product of norms (Goodfellow 2015, <i>Efficient per-example gradient computations</i>).</summary>
    internal override void AddSquaredNorms(float[] byOutputs, Span<double> norms)
    {
        for (var row = 0; row < norms.Length; row++)
        {
            var input = MatrixProduct.Squares(taken.AsSpan(row * inputs, inputs)) + (hasBias ? 1 : 0);
            norms[row] += input * MatrixProduct.Squares(byOutputs.AsSpan(row * Outputs, Outputs));
        }
    }

    internal override void AddGradient(float[] byOutputs, int from, int to, Span<float> gradient)
    {
        MatrixProduct.Add(new(taken.AsSpan(from * inputs), 1, inputs), byOutputs.AsSpan(from * Outputs), gradient.Slice(offset, inputs * Outputs), inputs, to - from, Outputs);
        for (var row = from; row < to && hasBias; row++)
            MatrixProduct.AddTo(gradient.Slice(offset + (inputs * Outputs), Outputs), byOutputs.AsSpan(row * Outputs, Outputs));
    }
}
