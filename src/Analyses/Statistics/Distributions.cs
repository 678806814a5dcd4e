using MathNet.Numerics;

namespace Consilience.Analyses.Statistics;

/// <summary>Tail probabilities of tests, small ones too.</summary>
internal static class Distributions
{
    /// <summary>P(χ² &gt; <paramref name="x"/>) with <paramref name="degrees"/> degrees of freedom; null where the statistic is not defined.</summary>
    internal static double? ChiSquareTail(double x, int degrees) =>
        double.IsNaN(x) || degrees < 1 ? null : x <= 0 ? 1 : SpecialFunctions.GammaUpperRegularized(degrees / 2.0, x / 2);

    /// <summary>P(|T| &gt; |<paramref name="t"/>|) of Student's distribution.</summary>
    internal static double? StudentTails(double t, double degrees) =>
        double.IsNaN(t) || degrees <= 0 ? null : SpecialFunctions.BetaRegularized(degrees / 2, 0.5, degrees / (degrees + (t * t)));

    /// <summary>The quantile of Student's distribution at <paramref name="p"/>.</summary>
    internal static double StudentQuantile(double p, double degrees) => MathNet.Numerics.Distributions.StudentT.InvCDF(0, 1, degrees, p);

    /// <summary>P(|Z| &gt; |<paramref name="z"/>|) of a standard normal Z.</summary>
    internal static double? NormalTails(double z) => double.IsNaN(z) ? null : SpecialFunctions.Erfc(Math.Abs(z) / Math.Sqrt(2));
}
