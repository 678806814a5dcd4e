using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Sums;

/// <summary>
/// The exit histogram: for each group, persons in each of J intervals by how they left — censored, or with one of the causes of an event — and one counter for everyone who exits beyond the
/// grid. A person exits once, and so is in one cell. Curves, hazards, tests and means over time are all read from it.
/// </summary>
/// <param name="time">When a person leaves.</param>
/// <param name="outcome">How: censored first, then each cause.</param>
/// <param name="grouping">Groups.</param>
/// <param name="grid">Grid times.</param>
internal sealed class ExitTable(string time, CodeAxis outcome, Grouping grouping, IReadOnlyList<decimal> grid) : SiteSums
{
    internal Grouping Grouping => grouping;

    /// <summary>Grid times t₀ &lt; … &lt; t₍J₋₁₎; interval j is (t₍j₋₁₎, t_j], interval 0 is everything up to t₀.</summary>
    internal IReadOnlyList<decimal> Times => grid;

    /// <summary>Codes of the causes of an event.</summary>
    internal IReadOnlyList<string> Causes => [.. outcome.Codes.Skip(1)];

    internal int Groups => (int)grouping.Count;

    /// <summary>Counters of one group: J censored, J with each cause, and those beyond the grid.</summary>
    internal int Stride => (outcome.Length * grid.Count) + 1;

    public override int VectorLength => Groups * Stride;

    public override ContributionBound Bound => ContributionBound.OneCell;

    /// <summary>Numbers at risk and cumulative events: running sums over each group's censorings and events.</summary>
    public override Workload Workload => new(VectorLength,
    [
        .. Enumerable.Range(0, Groups).SelectMany(g => Enumerable.Range(0, outcome.Length).Select(o => new CounterStream((g * Stride) + (o * grid.Count), grid.Count))),
    ]);

    public override string Canonical => CanonicalOf(writer =>
    {
        writer.WriteString("time", time);
        writer.WriteString("event", outcome.Variable);
        if (Causes.Count > 1)
            writer.WriteString("outcomes", JsonSerializer.Serialize(outcome.Codes));
        grouping.WriteCanonical(writer);
        writer.WriteStartArray("grid");
        foreach (var edge in grid)
            writer.WriteNumberValue(edge);
        writer.WriteEndArray();
    });

    /// <summary>Reads <c>time</c> (integer or real), <c>event</c> (boolean) and <c>grid</c>; null with faults added where they do not fit.</summary>
    internal static ExitTable? Read(ParameterReader reader, Grouping grouping, string groupedBy) =>
        Read(reader, grouping, groupedBy, reader.Variable("event", VariableType.Boolean) is { } occurred ? Grouping.Coded(occurred) : null);

    /// <summary>The same with <c>event</c> a category, one of whose codes, <c>censored</c>, stands for those without any.</summary>
    internal static ExitTable? ReadCauses(ParameterReader reader, Grouping grouping, string groupedBy)
    {
        var outcome = reader.Variable("event", VariableType.Category) is { } variable ? Grouping.Coded(variable) : null;
        var censored = outcome is null ? null : reader.Code("censored", outcome, required: true);
        return Read(reader, grouping, groupedBy, censored is null ? null : outcome! with { Codes = [censored, .. outcome.Codes.Where(c => c != censored)] });
    }

    private static ExitTable? Read(ParameterReader reader, Grouping grouping, string groupedBy, CodeAxis? outcome)
    {
        var time = reader.Variable("time", VariableType.Integer, VariableType.Real);
        var grid = Grid.Read(reader, "grid");
        if (grouping.Axes.FirstOrDefault(a => a.Variable == time?.Name || a.Variable == outcome?.Variable) is { } reused)
            reader.Add(groupedBy, "variables other than time and event", $"'{reused.Variable}'", "remove it");
        if (time is null || outcome is null || grid is null)
            return null;
        if (grouping.Count * (((long)outcome.Length * grid.Count) + 1) > LargestVector)
            reader.Add("grid", $"at most {LargestVector} counters", $"{grouping.Count} groups × {grid.Count} times", "use a coarser grid or fewer groups");
        return new ExitTable(time.Name, outcome, grouping, grid);
    }

    internal ReadOnlySpan<long> CellsOf(ReadOnlySpan<long> total, int group) => total.Slice(group * Stride, Stride);

    public override void Encode(IRows rows, Span<long> vector)
    {
        var (outcomes, intervals) = (outcome.Length, grid.Count);
        Axis[] axes = [.. grouping.Axes, outcome, new EdgeAxis(time, grid)];
        var cells = new long[Groups * outcomes * (intervals + 1)];
        rows.Tabulate(axes, cells);
        for (var group = 0; group < Groups; group++)
        {
            var target = vector.Slice(group * Stride, Stride);
            for (var o = 0; o < outcomes; o++)
            {
                var source = cells.AsSpan(((group * outcomes) + o) * (intervals + 1), intervals + 1);
                source[..intervals].CopyTo(target[(o * intervals)..]);
                target[^1] += source[intervals];
            }
        }
    }
}
