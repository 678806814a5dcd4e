namespace Consilience.Analyses.Risk;

/// <summary>
/// Measures of one fourfold table with their large-sample variances (Rothman, Greenland and Lash, Modern Epidemiology, 3rd ed., ch. 14), to which noise adds v·g² for each
/// cell's derivative g. Cells without persons make ratios undefined.
/// </summary>
internal static class Contrasts
{
    internal static readonly string[] Measures = ["odds ratio", "risk ratio", "risk difference"];

    /// <param name="measure">One of <see cref="Measures"/>.</param>
    /// <param name="t">The table.</param>
    /// <param name="v">Variance of the noise of a cell with the outcome.</param>
    /// <param name="w">The same of a cell without it.</param>
    internal static ScaledEstimate Of(string measure, FourfoldTable t, double v, double w) => measure switch
    {
        "odds ratio" => OddsRatio(t, v, w),
        "risk ratio" => RiskRatio(t, v, w),
        _ => RiskDifference(t, v, w),
    };

    private static ScaledEstimate OddsRatio(FourfoldTable t, double v, double w) => new(
        Math.Log(t.A * t.D / (t.B * t.C)),
        (1 / t.A) + (1 / t.B) + (1 / t.C) + (1 / t.D) + (v * (Square(1 / t.A) + Square(1 / t.C))) + (w * (Square(1 / t.B) + Square(1 / t.D))),
        IsLog: true);

    private static ScaledEstimate RiskRatio(FourfoldTable t, double v, double w) => new(
        Math.Log(t.A / t.Exposed) - Math.Log(t.C / t.Unexposed),
        (1 / t.A) - (1 / t.Exposed) + (1 / t.C) - (1 / t.Unexposed)
            + (v * (Square((1 / t.A) - (1 / t.Exposed)) + Square((1 / t.C) - (1 / t.Unexposed)))) + (w * (Square(1 / t.Exposed) + Square(1 / t.Unexposed))),
        IsLog: true);

    private static ScaledEstimate RiskDifference(FourfoldTable t, double v, double w)
    {
        var (p, q) = (t.A / t.Exposed, t.C / t.Unexposed);
        var ofExposed = ((v * Square(1 - p)) + (w * Square(p))) / Square(t.Exposed);
        var ofUnexposed = ((v * Square(1 - q)) + (w * Square(q))) / Square(t.Unexposed);
        return new(p - q, (p * (1 - p) / t.Exposed) + (q * (1 - q) / t.Unexposed) + ofExposed + ofUnexposed, IsLog: false);
    }

    private static double Square(double x) => x * x;
}
