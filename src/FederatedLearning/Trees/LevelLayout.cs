using System.Runtime.InteropServices;

namespace Consilience.FederatedLearning.Trees;

/// <summary>
/// Where the sums of a level stand: persons, rows left out and loss; then for each open node, each asked input and each of its bins, the one of missing values last, the sum of gradients, of second derivatives, and persons.
/// </summary>
/// <param name="model">Whose inputs are asked.</param>
/// <param name="inputs">Places of the asked inputs in the model, increasing.</param>
/// <param name="openNodes">Of the growing tree.</param>
internal sealed class LevelLayout(TreeModel model, IReadOnlyList<int> inputs, int openNodes)
{
    internal const int Persons = 0, Skipped = 1, Loss = 2, Heads = 3;

    /// <summary>Counters of one bin.</summary>
    internal const int Cells = 3;

    private readonly int[] offsets = Offsets(model, inputs);

    internal IReadOnlyList<int> Inputs => inputs;

    internal int OpenNodes => openNodes;

    /// <summary>Counters of one node.</summary>
    internal int NodeLength => offsets[^1];

    internal long Length => Heads + ((long)openNodes * NodeLength);

    /// <summary>The first of a bin's counters.</summary>
    /// <param name="node">The number of an open node.</param>
    /// <param name="place">Of the input among those asked.</param>
    /// <param name="bin">Of that input.</param>
    internal int At(int node, int place, int bin) => Heads + (node * NodeLength) + offsets[place] + (bin * Cells);

    internal BinSums Read(ReadOnlySpan<long> total, int node, int place, int bin)
    {
        var at = At(node, place, bin);
        return new(total[at], total[at + 1], total[at + 2]);
    }

    /// <summary>All bins of an input.</summary>
    internal BinSums Whole(ReadOnlySpan<long> total, int node, int place)
    {
        var sum = default(BinSums);
        for (var bin = 0; bin < model.Inputs[inputs[place]].Width; bin++)
            sum += Read(total, node, place, bin);
        return sum;
    }

    private static int[] Offsets(TreeModel model, IReadOnlyList<int> inputs)
    {
        var offsets = new int[inputs.Count + 1];
        for (var i = 0; i < inputs.Count; i++)
            offsets[i + 1] = offsets[i] + (model.Inputs[inputs[i]].Width * Cells);
        return offsets;
    }
}

/// <summary>What a bin, or a side of a split, holds: gradients and second derivatives in units, and persons. Whole numbers, so that sums do not depend on order.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BinSums(long Gradient, long Hessian, long Persons)
{
    public static BinSums operator +(BinSums a, BinSums b) => new(a.Gradient + b.Gradient, a.Hessian + b.Hessian, a.Persons + b.Persons);

    public static BinSums operator -(BinSums a, BinSums b) => new(a.Gradient - b.Gradient, a.Hessian - b.Hessian, a.Persons - b.Persons);
}
