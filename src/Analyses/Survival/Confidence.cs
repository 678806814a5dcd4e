using Consilience.Analyses.Statistics;

namespace Consilience.Analyses.Survival;

/// <summary>Scale on which limits of a survival curve are symmetric, as R's <c>conf.type</c>.</summary>
internal enum LimitType
{
    Unspecified = 0,
    LogLog,
    Log,
    Plain,
}

/// <summary>How sure limits are, and for curves on which scale.</summary>
internal sealed record Confidence(decimal Level, LimitType Type)
{
    /// <summary>The normal quantile of two-sided limits. Computed once: every point of a curve asks for it.</summary>
    internal double Z => field > 0 ? field : field = Normal.Quantile((1 + (double)Level) / 2);

    /// <summary>Reads <c>confidence: {level, type}</c>; 0.95 and log-log without.</summary>
    internal static Confidence ReadForCurves(ParameterReader reader)
    {
        if (reader.Object("confidence", "{level, type}", required: false) is not { } confidence)
            return new(0.95m, LimitType.LogLog);
        var level = ReadLevel(confidence);
        var type = confidence.Choice("type", "log-log", "log", "plain") switch
        {
            "log" => LimitType.Log,
            "plain" => LimitType.Plain,
            _ => LimitType.LogLog,
        };
        confidence.Finish();
        return new(level, type);
    }

    /// <summary>Reads <c>level</c>; 0.95 without.</summary>
    internal static Confidence Read(ParameterReader reader) => new(ReadLevel(reader), LimitType.Plain);

    private static decimal ReadLevel(ParameterReader reader)
    {
        var level = reader.Number("level", "a number from 0.5 to 0.9999", required: false) ?? 0.95m;
        if (level is < 0.5m or > 0.9999m)
            reader.Add("level", "a number from 0.5 to 0.9999", $"{level}", "write 0.95 for 95 %");
        return level;
    }
}
