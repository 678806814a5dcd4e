namespace Consilience.FederatedLearning.Layers;

/// <summary>What a pass through the layers is for.</summary>
/// <param name="isTraining">Whether dropout drops.</param>
/// <param name="seed">Of what is dropped.</param>
/// <param name="keys">Names each row, so that what is dropped of it depends on nothing else.</param>
internal readonly ref struct Pass(bool isTraining, long seed, ReadOnlySpan<long> keys)
{
    internal bool IsTraining { get; } = isTraining;

    internal long Seed { get; } = seed;

    internal ReadOnlySpan<long> Keys { get; } = keys;

    /// <summary>Without dropout.</summary>
    internal static Pass ToPredict => default;
}

/// <summary>
/// One layer at work on up to a given number of rows. Arrays are row-major, one row of inputs or outputs after the other; a layer may write over the arrays it is given, and owns those it returns. What a row's numbers are does not
/// depend on the rows beside it, and is the same on every machine.
/// </summary>
internal abstract class Layer
{
    /// <summary>Computes outputs of <paramref name="rows"/> rows.</summary>
    internal abstract float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows, in Pass pass);

    /// <summary>From the derivatives by outputs, those by inputs. Called after <see cref="Forward"/> of the same rows.</summary>
    internal abstract float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows);

    /// <summary>As <see cref="Backward"/>, where nobody asks for the derivatives by inputs.</summary>
    internal virtual void BackwardFirst(ReadOnlySpan<float> weights, float[] byOutputs, int rows)
    {
    }

    /// <summary>Adds to each row's norm the squared norm of its gradient by this layer's weights.</summary>
    internal virtual void AddSquaredNorms(float[] byOutputs, Span<double> norms)
    {
    }

    /// <summary>Multiplies each row's gradient by this layer's weights.</summary>
    internal virtual void ScaleRows(float[] byOutputs, ReadOnlySpan<float> factors)
    {
    }

    /// <summary>Adds the gradient by this layer's weights, summed over the rows from <paramref name="from"/> to before <paramref name="to"/>.</summary>
    internal virtual void AddGradient(float[] byOutputs, int from, int to, Span<float> gradient)
    {
    }
}

/// <summary>A layer with weights whose gradient is linear in the derivatives by its outputs.</summary>
internal abstract class WeightedLayer(int outputs) : Layer
{
    /// <summary>Numbers that come out for one row.</summary>
    protected int Outputs => outputs;

    internal sealed override void ScaleRows(float[] byOutputs, ReadOnlySpan<float> factors)
    {
        for (var row = 0; row < factors.Length; row++)
        {
            if (factors[row] != 1)
                Numerics.MatrixProduct.Scale(byOutputs.AsSpan(row * outputs, outputs), factors[row]);
        }
    }
}
