using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Layers;

/// <summary>A layer as declared: shapes that fit, and the tensors it needs.</summary>
internal abstract record LayerSpec(Shape Input, Shape Output)
{
    internal virtual IReadOnlyList<TensorSpec> Tensors => [];

    /// <summary>Numbers that a row needs while it is worked on.</summary>
    internal virtual int Footprint => Input.Size + Output.Size;

    internal int WeightCount => Tensors.Sum(t => t.Length);

    /// <param name="rows">Most rows at once.</param>
    /// <param name="offset">Where its weights begin.</param>
    internal abstract Layer Create(int rows, int offset);
}
