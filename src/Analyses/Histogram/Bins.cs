using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Histogram;

/// <summary>
/// Right-closed bins between edges, the least edge in the first of them, and one bin on either side of them where the schema leaves values there: R's <c>hist(include.lowest = TRUE)</c>, where values outside
/// are an error.
/// </summary>
internal sealed class Bins
{
    /// <summary>Values have at most nine decimals.</summary>
    private const decimal Unit = 0.000000001m;

    private readonly double[] edges;

    private Bins(EdgeAxis axis, double[] edges) => (Axis, this.edges) = (axis, edges);

    internal EdgeAxis Axis { get; }

    internal int Count => edges.Length - 1;

    /// <summary>Minus infinity of the bin below all edges.</summary>
    internal double From(int bin) => edges[bin];

    /// <summary>Infinity of the bin above all edges.</summary>
    internal double To(int bin) => edges[bin + 1];

    internal static Bins Of(Variable variable, IReadOnlyList<decimal> grid)
    {
        var hasBelow = !(variable.Minimum >= grid[0]);
        // An axis without a single edge is none.
        var hasAbove = !(variable.Maximum <= grid[^1]) || (!hasBelow && grid.Count == 2);
        // What is up to this is below the least edge.
        var below = decimal.Round(grid[0], 9, MidpointRounding.ToPositiveInfinity) - Unit;
        IEnumerable<decimal> cuts = [.. hasBelow ? [below] : Array.Empty<decimal>(), .. grid.Skip(1).SkipLast(1), .. hasAbove ? [grid[^1]] : Array.Empty<decimal>()];
        IEnumerable<double> ends = [.. hasBelow ? [double.NegativeInfinity] : Array.Empty<double>(), .. grid.Select(e => (double)e), .. hasAbove ? [double.PositiveInfinity] : Array.Empty<double>()];
        return new Bins(new EdgeAxis(variable.Name, [.. cuts]), [.. ends]);
    }
}
