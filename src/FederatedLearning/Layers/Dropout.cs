using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Layers;

/// <summary>While training, sets a share of a row's numbers to 0 and divides the others by what is left (Srivastava et al. 2014).</summary>
internal sealed record DropoutSpec(Shape Input, float Share, int Place) : LayerSpec(Input, Input)
{
    internal override Layer Create(int rows, int offset) => new Dropout(Input.Size, Share, Place, rows);
}

/// <summary>The work of <see cref="DropoutSpec"/>: what is dropped of a row follows from the pass's seed and the row's key.</summary>
internal sealed class Dropout(int size, float share, int place, int rows) : Layer
{
    private readonly float[] factors = new float[rows * size];
    private bool isTraining;

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows, in Pass pass)
    {
        isTraining = pass.IsTraining;
        for (var row = 0; row < rows && isTraining; row++)
        {
            var stream = SeededStream.For(unchecked(pass.Seed + place), StreamPurpose.Dropout, pass.Keys[row]);
            for (var i = row * size; i < (row + 1) * size; i++)
                factors[i] = stream.Uniform() < share ? 0 : 1 / (1 - share);
        }

        return Apply(inputs, rows);
    }

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows) => Apply(byOutputs, rows);

    private float[] Apply(float[] values, int rows)
    {
        for (var i = 0; i < rows * size && isTraining; i++)
            values[i] *= factors[i];
        return values;
    }
}

/// <summary>The same numbers in another shape.</summary>
internal sealed record ReshapeSpec(Shape Input, Shape Output) : LayerSpec(Input, Output)
{
    internal override Layer Create(int rows, int offset) => new Reshape();
}

internal sealed class Reshape : Layer
{
    internal override float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows, in Pass pass) => inputs;

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows) => byOutputs;
}
