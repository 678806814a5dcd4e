using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Incidence;
using Consilience.Analyses.Statistics;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Trend;

/// <summary>
/// Changes over periods. Under disclosure presets everything is hidden where a band of any period is: each figure is made of all of them.
/// </summary>
internal sealed class TrendFinish(IReadOnlyList<GroupRates> periods, Denominators denominators, double[] years, Confidence confidence, bool isExact)
{
    private static readonly string[] ChangeColumns = ["method", .. ResultTable.EstimateColumns, "change", "change.low", "change.high"];
    private static readonly string[] CoefficientColumns = ["term", .. ResultTable.EstimateColumns, "ratio", "ratio.low", "ratio.high"];
    private static readonly string[] FitColumns = ["model", "cells", "deviance", "df.residual", "dispersion"];

    private readonly bool isHidden = periods.Any(p => p.IsHidden);

    /// <summary>Slopes of the logarithm of the rate a year, and per cent changes.</summary>
    internal ResultTable Changes()
    {
        var poisson = Drift();
        var last = (poisson?.Coefficients.Count ?? 0) - 1;
        return new ResultTable("trend", ChangeColumns,
        [
            isHidden ? ResultRow.Hidden(AnswerKind.Suppressed, ChangeColumns.Length, "log-linear") : LogLinear(),
            isHidden ? ResultRow.Hidden(AnswerKind.Suppressed, ChangeColumns.Length, "Poisson") : Change("Poisson", poisson?.Coefficients[last] ?? double.NaN, poisson?.Covariance[last, last] ?? double.NaN, confidence.Z, null),
        ]);
    }

    /// <summary>Coefficients of age and period, each as a factor, and how well both models fit.</summary>
    internal IEnumerable<ResultTable> Models(string[] ages, string[] labels)
    {
        var (design, terms) = Factors(ages, labels);
        var fit = isHidden ? null : PoissonFit.Of(design, Variance);
        ResultRow Row(string term)
        {
            if (isHidden)
                return ResultRow.Hidden(AnswerKind.Suppressed, CoefficientColumns.Length, term);
            var at = terms.IndexOf(term);
            return fit is null || at < 0 ? ResultRow.Of([term, .. Enumerable.Repeat(ResultCell.Undefined, CoefficientColumns.Length - 1)]) : ResultRow.Ratio([term], fit.Coefficients[at], fit.Covariance[at, at], confidence.Z);
        }

        yield return new ResultTable("age-period", CoefficientColumns, [.. ages.Skip(1).Prepend("(Intercept)").Concat(labels.Skip(1)).Select(Row)]);
        yield return new ResultTable("fit", FitColumns, [Fit("age + drift", isHidden ? null : Drift()), Fit("age + period", fit)]);
    }

    private double Variance => periods[0].CasesVariance;

    /// <summary>Periods and ages in which there are cases: elsewhere a factor's coefficient has no finite estimate, and the cells tell nothing of the others.</summary>
    private bool HasCases(int age) => periods.Sum(p => p.Years[age] > 0 ? p.Cases[age] : 0) > 0;

    private ResultRow Fit(string model, PoissonFit? fit)
    {
        if (isHidden)
            return ResultRow.Hidden(AnswerKind.Suppressed, FitColumns.Length, model);
        // With noise in the cells neither is what chi-square distributions are about.
        return ResultRow.Of(model, fit?.Cells, isExact ? fit?.Deviance : null, fit?.DegreesOfFreedom, isExact ? fit?.Dispersion : null);
    }

    /// <summary>R's <c>lm(log(rate) ~ year, weights = cases)</c>, over periods with cases. Of noised cases logarithms and weights are biased: no figure.</summary>
    private ResultRow LogLinear()
    {
        var points = periods.Zip(years).Select(p => (Rate: p.First.Measures(denominators).Last().Rate?.Sum ?? 0, Year: p.Second, Weight: p.First.AllCases)).Where(p => p.Rate > 0 && p.Weight > 0).ToList();
        if (!isExact || points.Count < 3)
            return Change("log-linear", double.NaN, double.NaN, 0, null);
        var all = points.Sum(p => p.Weight);
        var (x, y) = (points.Sum(p => p.Weight * p.Year) / all, points.Sum(p => p.Weight * Math.Log(p.Rate)) / all);
        var spread = points.Sum(p => p.Weight * (p.Year - x) * (p.Year - x));
        var slope = points.Sum(p => p.Weight * (p.Year - x) * (Math.Log(p.Rate) - y)) / spread;
        double degrees = points.Count - 2;
        var residual = points.Sum(p => p.Weight * Math.Pow(Math.Log(p.Rate) - y - (slope * (p.Year - x)), 2)) / degrees;
        return Change("log-linear", slope, residual / spread, Distributions.StudentQuantile((1 + (double)confidence.Level) / 2, degrees), t => Distributions.StudentTails(t, degrees));
    }

    /// <summary>100·(e^slope − 1) per cent a year.</summary>
    private static ResultRow Change(string method, double slope, double variance, double z, Func<double, double?>? tails)
    {
        var row = ResultRow.Estimate([method], slope, variance, z, tails: tails);
        static ResultCell PerCent(ResultCell log) => log.Number is { } l ? 100 * (Math.Exp(l) - 1) : ResultCell.Undefined;
        return row with { Cells = [.. row.Cells, PerCent(row.Cells[1]), PerCent(row.Cells[^2]), PerCent(row.Cells[^1])] };
    }

    /// <summary>The model in which each age band has a rate of its own and all change alike, by the same share every year; the slope is its last coefficient.</summary>
    private PoissonFit? Drift()
    {
        var ages = Enumerable.Range(0, periods[0].Cases.Length).Where(HasCases).ToList();
        var middle = years.Average();
        return PoissonFit.Of(Cells((p, a) => !ages.Contains(a) ? null : [.. ages.Select(b => a == b ? 1.0 : 0), years[p] - middle]), Variance);
    }

    private (IReadOnlyList<PoissonCell> Cells, List<string> Terms) Factors(string[] ages, string[] labels)
    {
        var withCases = Enumerable.Range(0, ages.Length).Where(HasCases).ToList();
        var inPeriods = Enumerable.Range(0, labels.Length).Where(p => periods[p].AllCases > 0).ToList();
        if (!withCases.Contains(0) || !inPeriods.Contains(0))
            return ([], []);
        var cells = Cells((p, a) => !withCases.Contains(a) || !inPeriods.Contains(p)
            ? null : [1, .. withCases.Skip(1).Select(b => a == b ? 1.0 : 0), .. inPeriods.Skip(1).Select(q => p == q ? 1.0 : 0)]);
        return (cells, ["(Intercept)", .. withCases.Skip(1).Select(a => ages[a]), .. inPeriods.Skip(1).Select(p => labels[p])]);
    }

    private List<PoissonCell> Cells(Func<int, int, double[]?> rowOf) =>
    [
        .. from p in Enumerable.Range(0, periods.Count)
           from a in periods[p].Bands
           let row = rowOf(p, a)
           where row is not null
           select new PoissonCell(periods[p].Cases[a], periods[p].Years[a], row),
    ];
}
