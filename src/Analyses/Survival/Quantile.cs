namespace Consilience.Analyses.Survival;

/// <summary>
/// The median as R's <c>quantile.survfit</c> has it: the first time at which the curve is at or below one half; where it stands at exactly one half, the middle of that flat
/// step. Exactly means within 1.5·10⁻⁸, R's tolerance.
/// </summary>
internal static class Quantile
{
    private const double Tolerance = 1.4901161193847656e-08;

    internal static double? FirstAtOrBelowHalf(IReadOnlyList<CurvePoint> curve, Func<CurvePoint, double?> level)
    {
        for (var i = 0; i < curve.Count; i++)
        {
            if (level(curve[i]) is not { } value || value > 0.5 + Tolerance)
                continue;
            var time = (double)curve[i].Time;
            if (value < 0.5 - Tolerance)
                return time;
            var end = Enumerable.Range(i + 1, curve.Count - i - 1).FirstOrDefault(j => curve[j].Events > 0 || level(curve[j]) is null, -1);
            return end < 0 ? time : (time + (double)curve[end].Time) / 2;
        }

        return null;
    }
}
