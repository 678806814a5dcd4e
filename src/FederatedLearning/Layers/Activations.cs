using System.Numerics;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Layers;

internal enum Activation
{
    Unspecified = 0,

    /// <summary>max(0, x).</summary>
    Relu,
    Tanh,

    /// <summary>½x(1 + tanh(√(2/π)(x + 0.044715x³))): Hendrycks and Gimpel 2016.</summary>
    Gelu,
}

/// <summary>A function of each number by itself.</summary>
internal sealed record ActivationSpec(Shape Input, Activation Function) : LayerSpec(Input, Input)
{
    internal override Layer Create(int rows, int offset) => Function switch
    {
        Activation.Relu => new Relu(Input.Size),
        Activation.Tanh => new Tanh(Input.Size, rows),
        _ => new Gelu(Input.Size, rows),
    };
}

internal sealed class Relu(int size) : Layer
{
    /// <summary>Layers behind may write over it; none makes a number positive that was not, but where it takes no derivative.</summary>
    private float[] made = [];

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows, in Pass pass)
    {
        made = inputs;
        var values = inputs.AsSpan(0, rows * size);
        unchecked
        {
            var i = 0;
            for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                // A comparison, not a maximum: what is not a number stays one.
                var x = new Vector<float>(values[i..]);
                Vector.ConditionalSelect(Vector.LessThan(x, Vector<float>.Zero), Vector<float>.Zero, x).CopyTo(values[i..]);
            }

            for (; i < values.Length; i++)
                values[i] = values[i] < 0 ? 0 : values[i];
        }

        return inputs;
    }

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows)
    {
        unchecked
        {
            var values = byOutputs.AsSpan(0, rows * size);
            var outputs = made.AsSpan(0, rows * size);
            var i = 0;
            for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
                Vector.ConditionalSelect(Vector.GreaterThan(new Vector<float>(outputs[i..]), Vector<float>.Zero), new Vector<float>(values[i..]), Vector<float>.Zero).CopyTo(values[i..]);
            for (; i < values.Length; i++)
                values[i] = outputs[i] > 0 ? values[i] : 0;
        }

        return byOutputs;
    }
}

internal sealed class Tanh(int size, int rows) : Layer
{
    private readonly float[] tangents = new float[rows * size];

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows, in Pass pass)
    {
        HyperbolicTangent.Of(inputs.AsSpan(0, rows * size));
        inputs.AsSpan(0, rows * size).CopyTo(tangents);
        return inputs;
    }

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows)
    {
        for (var i = 0; i < rows * size; i++)
            byOutputs[i] *= 1 - (tangents[i] * tangents[i]);
        return byOutputs;
    }
}

internal sealed class Gelu(int size, int rows) : Layer
{
    private const float Root = 0.7978845608f;
    private const float Cubic = 0.044715f;

    private readonly float[] taken = new float[rows * size];
    private readonly float[] tangents = new float[rows * size];

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows, in Pass pass)
    {
        var n = rows * size;
        inputs.AsSpan(0, n).CopyTo(taken);
        for (var i = 0; i < n; i++)
            tangents[i] = Root * (taken[i] + (Cubic * taken[i] * taken[i] * taken[i]));
        HyperbolicTangent.Of(tangents.AsSpan(0, n));
        for (var i = 0; i < n; i++)
            inputs[i] = 0.5f * taken[i] * (1 + tangents[i]);
        return inputs;
    }

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows)
    {
        for (var i = 0; i < rows * size; i++)
        {
            var (x, t) = (taken[i], tangents[i]);
            byOutputs[i] *= 0.5f * (1 + t + (x * (1 - (t * t)) * Root * (1 + (3 * Cubic * x * x))));
        }

        return byOutputs;
    }
}
