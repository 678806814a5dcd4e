namespace Consilience.FederatedLearning.Training;

/// <summary>What a site does with a gradient.</summary>
internal abstract class Optimiser
{
    internal static Optimiser Of(LocalSettings settings, int weights) =>
        settings.IsAdam ? new Adam(settings.Rate, weights) : new Descent(settings.Rate, settings.Momentum, weights);

    /// <summary>Moves the weights against <paramref name="gradient"/>, at the learning rate times <paramref name="factor"/>.</summary>
    internal abstract void Step(Span<float> weights, ReadOnlySpan<float> gradient, float factor);
}

/// <summary>Gradient descent with momentum, as PyTorch's: v ← mv + g, w ← w − rate·v.</summary>
internal sealed class Descent(float rate, float momentum, int weights) : Optimiser
{
    private readonly float[] velocity = new float[momentum == 0 ? 0 : weights];

    internal override void Step(Span<float> weights, ReadOnlySpan<float> gradient, float factor)
    {
        for (var i = 0; i < weights.Length; i++)
        {
            var step = gradient[i];
            if (momentum != 0)
                step = velocity[i] = (momentum * velocity[i]) + step;
            weights[i] -= rate * factor * step;
        }
    }
}

/// <summary>Kingma and Ba 2015, with their constants; begins anew every round, because sites keep nothing between rounds.</summary>
internal sealed class Adam(float rate, int weights) : Optimiser
{
    private const float First = 0.9f;
    private const float Second = 0.999f;
    private const float Least = 1e-8f;

    private readonly float[] mean = new float[weights];
    private readonly float[] square = new float[weights];
    private double firstLeft = 1;
    private double secondLeft = 1;

    internal override void Step(Span<float> weights, ReadOnlySpan<float> gradient, float factor)
    {
        (firstLeft, secondLeft) = (firstLeft * First, secondLeft * Second);
        var (scale, root) = ((float)(rate * factor / (1 - firstLeft)), (float)(1 / Math.Sqrt(1 - secondLeft)));
        for (var i = 0; i < weights.Length; i++)
        {
            mean[i] = (First * mean[i]) + ((1 - First) * gradient[i]);
            square[i] = (Second * square[i]) + ((1 - Second) * gradient[i] * gradient[i]);
            weights[i] -= scale * mean[i] / ((MathF.Sqrt(square[i]) * root) + Least);
        }
    }
}
