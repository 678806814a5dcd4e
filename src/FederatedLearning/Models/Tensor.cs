namespace Consilience.FederatedLearning.Models;

/// <summary>One tensor of a model's weights: its name, its shape (row-major, last dimension fastest), and where it begins among all weights.</summary>
public sealed record Tensor(string Name, IReadOnlyList<int> Shape, int Offset)
{
    /// <summary>Number of weights.</summary>
    public int Length => Shape.Aggregate(1, (product, size) => product * size);
}

/// <summary>How a tensor begins.</summary>
internal enum Initial
{
    Unspecified = 0,

    /// <summary>Uniform between ±1/√(inputs of one output), as PyTorch's layers begin.</summary>
    Uniform,
    Zero,
    One,
}

/// <summary>A tensor as a layer declares it; <paramref name="Inputs"/> is the number of inputs of one output.</summary>
internal sealed record TensorSpec(string Name, IReadOnlyList<int> Shape, Initial Initial, int Inputs = 1)
{
    internal int Length => Shape.Aggregate(1, (product, size) => product * size);

    /// <summary>Whether it scales or shifts what a layer brought to mean 0 and variance 1.</summary>
    internal bool IsNormalisation { get; init; }
}
