using System.Globalization;

namespace Consilience.FederatedLearning.Trees;

/// <summary>How one variable of a row falls into public bins. A missing value has a bin of its own, behind the others.</summary>
/// <param name="Variable">Its name.</param>
/// <param name="Bins">Without that of missing values.</param>
/// <param name="IsOrdered">Whether splits part low bins from high ones; otherwise one bin from all others.</param>
/// <param name="Edges">Of a number: bin j is (edge j − 1, edge j], the first begins and the last ends nowhere. Null for codes, a bin each.</param>
/// <param name="Codes">Of codes; empty for a number.</param>
internal sealed record TreeInput(string Variable, int Bins, bool IsOrdered, double[]? Edges, IReadOnlyList<string> Codes)
{
    /// <summary>Bins, and that of missing values.</summary>
    internal int Width => Bins + 1;

    internal int Missing => Bins;

    /// <summary>Splits there are: bins up to the split's go left where they are ordered; otherwise the split's bin goes right and all others left.</summary>
    internal int Splits => IsOrdered ? Bins - 1 : Bins;

    /// <summary>The bin of a value, NaN for a missing one; −1 where the value is none that the schema allows.</summary>
    internal int BinOf(double value)
    {
        if (double.IsNaN(value))
            return Missing;
        if (Edges is null)
            return value >= 0 && value < Bins && value == Math.Floor(value) ? (int)value : -1;
        if (double.IsInfinity(value))
            return -1;
        var (low, high) = (0, Edges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Edges[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>A bin in words.</summary>
    internal string Label(int bin) => bin == Missing ? "missing"
        : Edges is null ? Codes[bin]
        : string.Create(CultureInfo.InvariantCulture, $"{(bin < Edges.Length ? "≤" : ">")} {Edges[Math.Min(bin, Edges.Length - 1)]}");

    /// <summary>Whether a known value's bin goes left.</summary>
    internal bool IsLeft(int bin, int split) => IsOrdered ? bin <= split : bin != split;
}
