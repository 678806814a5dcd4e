namespace Consilience.FederatedLearning.Layers;

/// <summary>
/// One layer at work on up to a given number of rows. Arrays are row-major, one row of inputs or outputs after the other; what a layer keeps from <see cref="Forward"/> is what <see cref="Backward"/> and the
/// gradients are taken at. Every number is computed by the same operations in the same order on every machine.
/// </summary>
internal abstract class Layer
{
    /// <summary>Computes outputs of <paramref name="rows"/> rows.</summary>
    internal abstract float[] Forward(ReadOnlySpan<float> weights, float[] inputs, int rows);

    /// <summary>From the derivatives by outputs, those by inputs. Called after <see cref="Forward"/> of the same rows.</summary>
    internal abstract float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows);

    /// <summary>Adds to each row's norm the squared norm of its gradient by this layer's weights.</summary>
    internal virtual void AddSquaredNorms(float[] byOutputs, Span<double> norms)
    {
    }

    /// <summary>Adds the gradient by this layer's weights, summed over the rows from <paramref name="from"/> to before <paramref name="to"/>.</summary>
    internal virtual void AddGradient(float[] byOutputs, int from, int to, Span<float> gradient)
    {
    }
}
