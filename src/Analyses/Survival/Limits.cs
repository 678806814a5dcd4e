namespace Consilience.Analyses.Survival;

/// <summary>Pointwise limits as R's <c>survfit</c> gives them, undefined cases included: null where R prints NA or NaN.</summary>
internal static class Limits
{
    /// <param name="variance">Of log S.</param>
    internal static CurvePoint Point(decimal time, long atRisk, long events, long censored, double survival, double variance, Confidence confidence)
    {
        if (survival == 0)
            return new CurvePoint(time, atRisk, events, censored, 0, null, null, null);
        var error = Math.Sqrt(variance);
        var z = confidence.Z;
        var (lower, upper) = confidence.Type switch
        {
            LimitType.Plain => (Math.Max(0, survival - (z * error * survival)), Math.Min(1, survival + (z * error * survival))),
            LimitType.Log => (survival * Math.Exp(-z * error), Math.Min(1, survival * Math.Exp(z * error))),
            _ => LogLog(survival, error, z),
        };
        return new CurvePoint(time, atRisk, events, censored, survival, survival * error, lower, upper);
    }

    /// <summary>S^exp(±z·se/log S); not defined at 1.</summary>
    private static (double? Lower, double? Upper) LogLog(double survival, double error, double z)
    {
        if (survival >= 1)
            return (null, null);
        var log = Math.Log(survival);
        var width = z * error / log;
        return (Math.Exp(log * Math.Exp(-width)), Math.Exp(log * Math.Exp(width)));
    }
}
