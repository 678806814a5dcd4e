using System.Text.Json.Serialization;
using Consilience.Analyses.Disclosure;

namespace Consilience.Analyses;

/// <summary>
/// The estimates of one method: a list of groups, each with its key and the members its method fills, or tables of estimates. The JSON of both is that of every
/// command that answers; names are camelCase and stable.
/// </summary>
public sealed record MethodResult(IReadOnlyList<ResultGroup> Groups, IReadOnlyList<ResultTable> Tables)
{
    internal MethodResult(IReadOnlyList<ResultGroup> groups)
        : this(groups, [])
    {
    }

    internal MethodResult(params IReadOnlyList<ResultTable> tables)
        : this([], tables)
    {
    }
}

/// <summary>One group. <see cref="Key"/> maps each grouping variable to its code; empty when there is no grouping.</summary>
public sealed record ResultGroup
{
    public required IReadOnlyDictionary<string, string> Key { get; init; }

    /// <summary>What the answer is; only a value carries figures.</summary>
    public AnswerKind Answer { get; init; } = AnswerKind.Value;

    /// <summary>Persons in the cell (method <c>count</c>). Never negative; see <see cref="RawCount"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Count { get; init; }

    /// <summary>The counter as opened, which noise may have made negative. Absent in exact precision, and where rules round.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RawCount { get; init; }

    /// <summary>95 % interval of a noised count, from the noise and any rounding. Absent in exact precision.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Interval? Interval { get; init; }

    /// <summary>95 % interval of the count that persons like these would give, sampling and noise together. Absent under disclosure presets.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Interval? Expected { get; init; }

    /// <summary>The cell's share of all cells. Absent under disclosure presets, where the sum would tell of suppressed cells, and where nobody is counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Share? Share { get; init; }

    /// <summary>A survival curve at every grid time, or where rules ask for it at fewer (method <c>kaplan-meier</c>); empty where it is suppressed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CurvePoint>? Curve { get; init; }

    /// <summary>When a quarter has had the event, with its interval (method <c>kaplan-meier</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SurvivalTime? FirstQuartile { get; init; }

    /// <summary>Median survival time with its interval (method <c>kaplan-meier</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SurvivalTime? Median { get; init; }

    /// <summary>When three quarters have had the event, with its interval (method <c>kaplan-meier</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SurvivalTime? ThirdQuartile { get; init; }
}

public sealed record Interval(double Lower, double Upper);

/// <summary>A proportion with its 95 % limits, sampling and noise together.</summary>
public sealed record Share(double Estimate, double Lower, double Upper);

/// <summary>
/// A survival curve at one grid time. <see cref="AtRisk"/> counts persons with follow-up beyond the previous grid time; events precede censorings at the same time.
/// A value that is not defined (R prints NaN or NA) is null.
/// </summary>
public sealed record CurvePoint(
    decimal Time, long AtRisk, long Events, long Censored, double Survival, double? StandardError, double? Lower, double? Upper);

/// <summary>When a proportion has had the event; null where the curve or its limit does not go so far.</summary>
public sealed record SurvivalTime(double? Value, double? Lower, double? Upper);
