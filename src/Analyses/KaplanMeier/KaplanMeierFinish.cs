using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.KaplanMeier;

/// <summary>
/// The product-limit curve of an exit histogram. S(t) = Π (1 − d/n) over intervals up to t, n the persons who have not exited before the interval; events precede
/// censorings within it, as in R's <c>survfit</c>. Greenwood's variance of log S is Σ d/(n(n−d)). At noised precision negative cells count as 0 and the noise's variance is
/// carried through log S by its derivatives and added to Greenwood's.
/// </summary>
internal static class KaplanMeierFinish
{
    internal static MethodResult From(ReadOnlySpan<long> total, ExitTable table, Confidence confidence, NoiseModel noise, DisclosureRules rules)
    {
        var groups = new List<ResultGroup>();
        foreach (var key in table.Grouping.Keys())
        {
            var start = groups.Count * table.Stride;
            var cells = table.CellsOf(total, groups.Count);
            var variance = Variances(cells, new NoiseOnCurve(noise, start, cells));
            var curve = Curve(ShapedExits.Of(cells, table.Times, rules), variance, confidence);
            groups.Add(rules.Presets.Count > 0 && new Exits(cells).Persons == 0 ? new ResultGroup { Key = key, Answer = rules.KindOf(0), Curve = [] } : Group(key, curve));
        }

        return new MethodResult(groups);
    }

    /// <summary>
    /// What noise adds to the variance of log S after each interval of the grid, rules or not: they only coarsen. With gⱼ = dⱼ/(nⱼ(nⱼ − dⱼ)) and Gₖ = g₀ + … + gₖ, the derivative of log S is
    /// Gₖ₋₁ − 1/nₖ by an event in interval k, Gₖ by a censoring there.
    /// </summary>
    private static double[] Variances(ReadOnlySpan<long> cells, NoiseOnCurve noise)
    {
        var exits = new Exits(cells);
        var variances = new double[exits.Intervals];
        double sum = 0;
        var atRisk = exits.Persons;
        for (var j = 0; j < exits.Intervals; j++)
        {
            var (events, censored) = exits.At(j);
            var byEvent = atRisk > 0 ? sum - (1.0 / atRisk) : sum;
            sum += atRisk > events ? events / ((double)atRisk * (atRisk - events)) : 0;
            variances[j] = noise.Next(byEvent, sum);
            atRisk -= events + censored;
        }

        return variances;
    }

    private static List<CurvePoint> Curve(ShapedExits shaped, double[] variances, Confidence confidence)
    {
        var exits = new Exits(shaped.Cells);
        var points = new List<CurvePoint>(shaped.Times.Count);
        double survival = 1, greenwood = 0;
        var atRisk = exits.Persons;
        for (var j = 0; j < shaped.Times.Count; j++)
        {
            var (events, censored) = exits.At(j);
            if (events > 0)
            {
                survival *= (double)(atRisk - events) / atRisk;
                greenwood += events / ((double)atRisk * (atRisk - events));
            }

            points.Add(Limits.Point(shaped.Times[j], atRisk, events, censored, survival, greenwood + variances[shaped.Last[j]], confidence));
            atRisk -= events + censored;
        }

        return points;
    }

    private static ResultGroup Group(IReadOnlyDictionary<string, string> key, List<CurvePoint> curve) => curve.Count == 0
        ? new ResultGroup { Key = key, Answer = AnswerKind.Suppressed, Curve = [] }
        : new ResultGroup { Key = key, Curve = curve, FirstQuartile = Quantile.Of(curve, 0.25), Median = Quantile.Of(curve, 0.5), ThirdQuartile = Quantile.Of(curve, 0.75) };
}
