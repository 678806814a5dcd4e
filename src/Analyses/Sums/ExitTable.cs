using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Sums;

/// <summary>
/// The exit histogram: for each group, persons censored in each of J intervals, persons with the event in each of J intervals, and one counter for everyone who exits beyond the
/// grid. A person exits once, and so is in one cell. Curves, hazards, tests and means over time are all read from it.
/// </summary>
internal sealed class ExitTable(string time, string occurred, Grouping grouping, IReadOnlyList<decimal> grid) : SiteSums
{
    private static readonly string[] Outcomes = ["false", "true"];

    internal Grouping Grouping => grouping;

    /// <summary>Grid times t₀ &lt; … &lt; t₍J₋₁₎; interval j is (t₍j₋₁₎, t_j], interval 0 is everything up to t₀.</summary>
    internal IReadOnlyList<decimal> Times => grid;

    internal int Groups => (int)grouping.Count;

    /// <summary>Counters of one group.</summary>
    internal int Stride => (2 * grid.Count) + 1;

    public override int VectorLength => Groups * Stride;

    public override ContributionBound Bound => ContributionBound.OneCell;

    /// <summary>Numbers at risk and cumulative events: running sums over each group's censorings and events.</summary>
    public override Workload Workload => new(VectorLength,
    [
        .. Enumerable.Range(0, Groups).SelectMany(g => new[] { new CounterStream(g * Stride, grid.Count), new CounterStream((g * Stride) + grid.Count, grid.Count) }),
    ]);

    public override string Canonical => CanonicalOf(writer =>
    {
        writer.WriteString("time", time);
        writer.WriteString("event", occurred);
        grouping.WriteCanonical(writer);
        writer.WriteStartArray("grid");
        foreach (var edge in grid)
            writer.WriteNumberValue(edge);
        writer.WriteEndArray();
    });

    /// <summary>Reads <c>time</c> (integer or real), <c>event</c> (boolean) and <c>grid</c>; null with faults added where they do not fit.</summary>
    internal static ExitTable? Read(ParameterReader reader, Grouping grouping, string groupedBy)
    {
        var time = reader.Variable("time", VariableType.Integer, VariableType.Real);
        var occurred = reader.Variable("event", VariableType.Boolean);
        var grid = Grid.Read(reader, "grid");
        if (grouping.Axes.FirstOrDefault(a => a.Variable == time?.Name || a.Variable == occurred?.Name) is { } reused)
            reader.Add(groupedBy, "variables other than time and event", $"'{reused.Variable}'", "remove it");
        if (grid is not null && grouping.Count * ((2L * grid.Count) + 1) > LargestVector)
            reader.Add("grid", $"at most {LargestVector} counters", $"{grouping.Count} groups × {grid.Count} times", "use a coarser grid or fewer groups");
        return time is null || occurred is null || grid is null ? null : new ExitTable(time.Name, occurred.Name, grouping, grid);
    }

    internal ReadOnlySpan<long> CellsOf(ReadOnlySpan<long> total, int group) => total.Slice(group * Stride, Stride);

    public override void Encode(IRows rows, Span<long> vector)
    {
        var intervals = grid.Count;
        Axis[] axes = [.. grouping.Axes, new CodeAxis(occurred, Outcomes), new EdgeAxis(time, grid)];
        var cells = new long[Groups * 2 * (intervals + 1)];
        rows.Tabulate(axes, cells);
        for (var group = 0; group < Groups; group++)
        {
            var source = cells.AsSpan(group * 2 * (intervals + 1), 2 * (intervals + 1));
            var target = vector.Slice(group * Stride, Stride);
            source[..intervals].CopyTo(target);
            source.Slice(intervals + 1, intervals).CopyTo(target[intervals..]);
            target[^1] = source[intervals] + source[^1];
        }
    }
}
