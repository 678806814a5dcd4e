using System.Text;
using System.Text.Json;
using Consilience.Analyses.Count;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.KaplanMeier;

/// <summary>Scale on which limits of a survival curve are symmetric, as R's <c>conf.type</c>.</summary>
internal enum LimitType
{
    Unspecified = 0,
    LogLog,
    Log,
    Plain,
}

/// <summary>
/// The Kaplan–Meier curve on a public grid. Parameters: <c>time</c> (integer or real), <c>event</c> (boolean), <c>by</c> (as in count), <c>grid</c> ({from, to, step} or {edges}),
/// <c>confidence</c> ({level, type: log-log | log | plain}; 0.95 and log-log).
/// </summary>
internal sealed class KaplanMeierMethod : Method
{
    public override string Name => "kaplan-meier";

    public override string Summary => "The proportion without the event at each time, with numbers at risk, limits and medians.";

    public override MethodPlan? Plan(JsonElement parameters, StudySchema schema, ICollection<Fault> faults)
    {
        var before = faults.Count;
        var reader = new ParameterReader(parameters, schema, faults, Name);
        var time = reader.Variable("time", VariableType.Integer, VariableType.Real);
        var occurred = reader.Variable("event", VariableType.Boolean);
        var grouping = Grouping.Read(reader);
        var grid = Grid.Read(reader, "grid");
        var (level, type) = ReadConfidence(reader);
        reader.Finish();
        if (grouping.Axes.FirstOrDefault(a => a.Variable == time?.Name || a.Variable == occurred?.Name) is { } reused)
            reader.Add("by", "variables other than time and event", $"'{reused.Variable}'", "remove it");
        if (grid is not null && grouping.Count * ((2L * grid.Count) + 1) > CountMethod.LargestVector)
            reader.Add("grid", $"at most {CountMethod.LargestVector} counters", $"{grouping.Count} groups × {grid.Count} times", "use a coarser grid or fewer groups");
        return faults.Count == before ? new KaplanMeierPlan(time!.Name, occurred!.Name, grouping, grid!, level, type) : null;
    }

    private static (decimal Level, LimitType Type) ReadConfidence(ParameterReader reader)
    {
        if (reader.Object("confidence", "{level, type}", required: false) is not { } confidence)
            return (0.95m, LimitType.LogLog);
        var level = confidence.Number("level", "a number from 0.5 to 0.9999", required: false) ?? 0.95m;
        if (level is < 0.5m or > 0.9999m)
            confidence.Add("level", "a number from 0.5 to 0.9999", $"{level}", "write 0.95 for 95 %");
        var type = confidence.Choice("type", "log-log", "log", "plain") switch
        {
            "log" => LimitType.Log,
            "plain" => LimitType.Plain,
            _ => LimitType.LogLog,
        };
        confidence.Finish();
        return (level, type);
    }
}

/// <summary>
/// Checked parameters of <see cref="KaplanMeierMethod"/>. Layout, for each group: censored in each of J intervals, events in each of J intervals, one counter for exits
/// beyond the grid. A person exits once, so one person is in one cell.
/// </summary>
internal sealed class KaplanMeierPlan(string time, string occurred, Grouping grouping, IReadOnlyList<decimal> grid, decimal level, LimitType type) : MethodPlan
{
    internal Grouping Grouping => grouping;

    /// <summary>Grid times t₀ &lt; … &lt; t₍J₋₁₎; interval j is (t₍j₋₁₎, t_j], interval 0 is everything up to t₀.</summary>
    internal IReadOnlyList<decimal> Times => grid;

    internal double Level => (double)level;

    internal LimitType LimitType => type;

    internal string TimeVariable => time;

    internal string EventVariable => occurred;

    /// <summary>Counters of one group.</summary>
    internal int Stride => (2 * grid.Count) + 1;

    public override int VectorLength => (int)grouping.Count * Stride;

    public override ContributionBound Bound => ContributionBound.OneCell;

    /// <summary>Numbers at risk and cumulative events: running sums over each group's censorings and events.</summary>
    public override Workload Workload => new(VectorLength,
    [
        .. Enumerable.Range(0, (int)grouping.Count).SelectMany(g => new[] { new CounterStream(g * Stride, grid.Count), new CounterStream((g * Stride) + grid.Count, grid.Count) }),
    ]);

    public override string Canonical
    {
        get
        {
            using var stream = new MemoryStream();
            using (var writer = new Utf8JsonWriter(stream))
            {
                writer.WriteStartObject();
                writer.WriteString("time", time);
                writer.WriteString("event", occurred);
                grouping.WriteCanonical(writer);
                writer.WriteStartArray("grid");
                foreach (var edge in grid)
                    writer.WriteNumberValue(edge);
                writer.WriteEndArray();
                writer.WriteNumber("level", level);
                writer.WriteString("type", type.ToString());
                writer.WriteEndObject();
            }

            return Encoding.UTF8.GetString(stream.ToArray());
        }
    }

    public override void Encode(ITabulator rows, Span<long> vector) => KaplanMeierEncode.Fill(rows, this, vector);

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => KaplanMeierFinish.From(total, this, noise, rules);
}
