using Consilience.Analyses.Statistics;

namespace Consilience.Analyses.Risk;

/// <summary>
/// Summaries over strata: odds ratio (Mantel and Haenszel 1959; variance Robins, Breslow and Greenland 1986), risk ratio and difference (Greenland and Robins 1985), and
/// the Cochran–Mantel–Haenszel test as R's <c>mantelhaen.test</c> has it. Strata of fewer than two persons say nothing.
/// </summary>
internal static class MantelHaenszel
{
    internal static ScaledEstimate Of(string measure, IReadOnlyList<FourfoldTable> strata) => measure switch
    {
        "odds ratio" => OddsRatio(strata),
        "risk ratio" => RiskRatio(strata),
        _ => RiskDifference(strata),
    };

    /// <summary>The statistic and its p value on one degree of freedom.</summary>
    internal static (double Statistic, double? P) Test(IReadOnlyList<FourfoldTable> strata, bool correct)
    {
        var delta = Math.Abs(strata.Sum(t => t.A - (t.Exposed * t.Cases / t.Persons)));
        var variance = strata.Sum(t => t.Exposed * t.Unexposed * t.Cases * (t.Persons - t.Cases) / (t.Persons * t.Persons * (t.Persons - 1)));
        var correction = correct && delta >= 0.5 ? 0.5 : 0;
        var statistic = (delta - correction) * (delta - correction) / variance;
        return (statistic, Distributions.ChiSquareTail(statistic, 1));
    }

    private static ScaledEstimate OddsRatio(IReadOnlyList<FourfoldTable> strata)
    {
        double r = 0, s = 0, pr = 0, mixed = 0, qs = 0;
        foreach (var t in strata)
        {
            var (p, q) = ((t.A + t.D) / t.Persons, (t.B + t.C) / t.Persons);
            var (ri, si) = (t.A * t.D / t.Persons, t.B * t.C / t.Persons);
            r += ri;
            s += si;
            pr += p * ri;
            mixed += (p * si) + (q * ri);
            qs += q * si;
        }

        return new(Math.Log(r / s), (pr / (2 * r * r)) + (mixed / (2 * r * s)) + (qs / (2 * s * s)), IsLog: true);
    }

    private static ScaledEstimate RiskRatio(IReadOnlyList<FourfoldTable> strata)
    {
        var r = strata.Sum(t => t.A * t.Unexposed / t.Persons);
        var s = strata.Sum(t => t.C * t.Exposed / t.Persons);
        var d = strata.Sum(t => ((t.Exposed * t.Unexposed * t.Cases) - (t.A * t.C * t.Persons)) / (t.Persons * t.Persons));
        return new(Math.Log(r / s), d / (r * s), IsLog: true);
    }

    private static ScaledEstimate RiskDifference(IReadOnlyList<FourfoldTable> strata)
    {
        var weight = strata.Sum(t => t.Exposed * t.Unexposed / t.Persons);
        var difference = strata.Sum(t => ((t.A * t.Unexposed) - (t.C * t.Exposed)) / t.Persons);
        var variance = strata.Where(t => t.Exposed > 0 && t.Unexposed > 0).Sum(t =>
            ((t.A * t.B * Math.Pow(t.Unexposed, 3)) + (t.C * t.D * Math.Pow(t.Exposed, 3))) / (t.Exposed * t.Unexposed * t.Persons * t.Persons));
        return new(difference / weight, variance / (weight * weight), IsLog: false);
    }
}
