using System.Globalization;
using System.Numerics;
using Consilience.Analyses;

namespace Consilience.Connectors.Rows;

/// <summary>
/// One axis: what the engine groups by, and which bin a group is. Few different cells are grouped as they lie and mapped afterwards; many are binned by the engine, by
/// division where the edges are evenly spaced and by comparing where they are few; the rest is grouped by value. All ways compare exactly and agree.
/// </summary>
internal sealed class AxisBins
{
    /// <summary>Numbers beyond this are compared, never divided, so that nothing overflows.</summary>
    private const decimal LargestDivided = 1_000_000_000_000_000;
    private const int MostCompared = 32;

    private readonly StoredColumn column;
    private readonly Way way;
    private readonly int[] positions = [];
    private readonly IReadOnlyList<decimal> edges = [];

    internal AxisBins(Axis axis, StoredColumn column)
    {
        this.column = column;
        Length = axis.Length;
        if (axis is CodeAxis codes)
        {
            var bins = codes.Codes.Select((code, bin) => (code, bin)).ToDictionary(c => c.code, c => c.bin, StringComparer.Ordinal);
            positions = [.. VariableSql.CodesOf(column.Variable).Select(c => bins.GetValueOrDefault(c, -1))];
            way = Way.Mapped;
            return;
        }

        if (axis is KnownAxis)
        {
            way = Way.Known;
            return;
        }

        edges = ((EdgeAxis)axis).Edges;
        var isWhole = column.Variable.Type == Analyses.Schema.VariableType.Integer;
        way = column.HasFewValues ? Way.Mapped : isWhole && AreEvenlySpaced(edges) ? Way.Divided : edges.Count <= MostCompared ? Way.Compared : Way.Valued;
    }

    private enum Way
    {
        Unspecified = 0,
        Mapped,
        Divided,
        Compared,
        Valued,
        Known,
    }

    internal int Length { get; }

    /// <summary>What is grouped by, in every row.</summary>
    internal string Group(Sql sql) => way switch
    {
        Way.Mapped => column.Cell,
        Way.Divided => Division(column.Value(column.Cell, sql), sql),
        Way.Compared => Comparisons(column.Value(column.Cell, sql), sql),
        Way.Known => $"CAST({column.Value(column.Cell, sql)} IS NOT NULL AS INTEGER)",
        _ => column.Value(column.Cell, sql),
    };

    /// <summary>What is read of a group.</summary>
    internal string Read(string group, Sql sql) => way == Way.Mapped ? column.Value(group, sql) : group;

    /// <summary>The bin of what was read; negative when it has none.</summary>
    internal int BinOf(object value)
    {
        if (value is DBNull)
            return -1;
        if (positions.Length > 0)
            return positions[(int)Engine.Whole(value)];
        return way is Way.Divided or Way.Compared or Way.Known ? (int)Engine.Whole(value) : EdgesBelow(value is BigInteger big ? (decimal)big : Convert.ToDecimal(value, CultureInfo.InvariantCulture));
    }

    private int EdgesBelow(decimal number)
    {
        int low = 0, high = edges.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (edges[middle] < number)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    /// <summary>⌈(v − first)/step⌉ between the first and the last edge: the number of edges below v. A missing value meets no branch and stays missing.</summary>
    private string Division(string value, Sql sql)
    {
        var (first, last, step) = ((long)edges[0], (long)edges[^1], (long)(edges[1] - edges[0]));
        var from = sql.Parameter(first);
        return $"CASE WHEN {value} <= {from} THEN 0 WHEN {value} > {sql.Parameter(last)} THEN {sql.Parameter((long)edges.Count)} WHEN {value} > {from} THEN ({value} - {from} + {sql.Parameter(step - 1)}) // {sql.Parameter(step)} END";
    }

    /// <summary>Values have at most nine decimals, so an edge rounded down to nine has the same values below it.</summary>
    private string Comparisons(string value, Sql sql) =>
        string.Join(" + ", edges.Select(e => $"CAST({value} > {column.Constant(Clamped(e), sql)} AS INTEGER)"));

    private static decimal Clamped(decimal edge)
    {
        const decimal Largest = 1_000_000_000_000_000_000, Unit = 0.000000001m;
        if (Math.Abs(edge) >= Largest)
            return Math.Sign(edge) * Largest;
        var rounded = decimal.Round(edge, 9);
        return rounded > edge ? rounded - Unit : rounded;
    }

    private static bool AreEvenlySpaced(IReadOnlyList<decimal> edges)
    {
        if (edges.Count < 2 || edges.Any(e => !decimal.IsInteger(e) || Math.Abs(e) > LargestDivided))
            return false;
        var step = edges[1] - edges[0];
        return Enumerable.Range(1, edges.Count - 1).All(i => edges[i] - edges[i - 1] == step);
    }
}
