namespace Consilience.Analyses.Survival;

/// <summary>
/// The time by which a proportion has had the event, as R's <c>quantile.survfit</c> has it: the first time at which the curve is at or below its complement; where it stands at exactly that, the middle of the flat step, whose last end is
/// the last exit. Exactly means within 1.5·10⁻⁸, R's tolerance.
/// </summary>
internal static class Quantile
{
    private const double Tolerance = 1.4901161193847656e-08;

    /// <summary>The quantile of a curve with those of its limits.</summary>
    internal static SurvivalTime Of(IReadOnlyList<CurvePoint> curve, double proportion) =>
        new(Find(curve, p => p.Survival, proportion), Find(curve, p => p.Lower, proportion), Find(curve, p => p.Upper, proportion));

    private static double? Find(IReadOnlyList<CurvePoint> curve, Func<CurvePoint, double?> level, double proportion)
    {
        // Levels that the curve has had before are left out; so are those that are not defined, but for what the last of them is.
        var steps = new List<(double? Risk, double Time)> { (0, 0) };
        var seen = new HashSet<double?> { 0 };
        double end = 0;
        foreach (var point in curve.Where(p => p.Events + p.Censored > 0))
        {
            end = (double)point.Time;
            var risk = 1 - level(point);
            if (seen.Add(risk))
                steps.Add((risk, end));
        }

        var rising = steps.Where(s => s.Risk is not null).OrderBy(s => s.Risk).ToList();
        var first = rising.FindIndex(s => s.Risk + Tolerance >= proportion);
        if (first < 0)
            return null;
        if (steps[^1].Risk is { } last && Math.Abs(proportion - last) < Tolerance)
            return (rising[first].Time + end) / 2;
        var past = rising.FindIndex(s => s.Risk - Tolerance >= proportion);
        return past < 0 ? null : (rising[first].Time + rising[past].Time) / 2;
    }
}
