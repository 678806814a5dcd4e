using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using Consilience.Analyses.Statistics;
using Consilience.Analyses.Sums;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.MetaAnalysis;

/// <summary>
/// Summaries of the sites' estimates. The first round weighs sites by their own variances, and tells τ² (DerSimonian and Laird 1986); the second adds it to them. Under disclosure presets everything is hidden of few persons, and where
/// fewer degrees of freedom are left than a preset asks for.
/// </summary>
internal sealed class MetaAnalysisFinish(Slopes slopes, IReadOnlyList<double> between, double z)
{
    /// <summary>A round at this share of the τ it arrives at has arrived.</summary>
    private const double Same = 1e-9;

    private static readonly string[] HeterogeneityColumns = ["term", "statistic", "parameter", "p.value", "tau.squared", "I.squared", "H.squared"];
    private static readonly string[] FitColumns = ["sites", "without", "n", "converged"];

    private readonly string[] columns = slopes.Model.AreLogarithms ? ["term", "model", .. ResultTable.EstimateColumns, "ratio", "ratio.low", "ratio.high"] : ["term", "model", .. ResultTable.EstimateColumns];
    private readonly IReadOnlyList<string> terms = slopes.Model.Matrix.Terms;

    internal MethodResult From(ReadOnlySpan<long> total, DisclosureRules rules)
    {
        var (sites, without, persons) = (total[0], total[1], total[2]);
        if (rules.KindOf(persons) == AnswerKind.Suppressed || persons - (sites * slopes.Columns) < rules.LeastDegreesOfFreedom)
        {
            return new MethodResult([
                new ResultTable("pooled", columns, [.. terms.Select(t => ResultRow.Hidden(AnswerKind.Suppressed, columns.Length, t))]),
                new ResultTable("heterogeneity", HeterogeneityColumns, [.. terms.Skip(slopes.First).Select(t => ResultRow.Hidden(AnswerKind.Suppressed, HeterogeneityColumns.Length, t))]),
                new ResultTable("fit", FitColumns, [ResultRow.Hidden(AnswerKind.Suppressed, FitColumns.Length)]),
            ]);
        }

        var back = slopes.Model.Matrix.Back() * slopes.Model.Half;
        var (pooled, differences, steps) = (new List<ResultRow>(), new List<ResultRow>(), new List<ResultRow>());
        var hasArrived = true;
        for (var s = 0; s < slopes.Count; s++)
        {
            var (sums, column) = (SlopeSums.Read(total[(OfSlopes + (2 * SiteEstimates.OfSlope * s))..], sites), slopes.First + s);
            var (scale, tau) = (back[column, column], Math.Sqrt(sums.Between));
            var isSame = Math.Abs(tau - between[s]) <= Same * tau;
            hasArrived &= isSame;
            pooled.Add(Row(terms[column], "fixed effect", scale * sums.Fixed.Estimate, scale * scale * sums.Fixed.Variance));
            pooled.Add(Row(terms[column], "random effects", isSame ? scale * sums.Random.Estimate : double.NaN, scale * scale * sums.Random.Variance));
            differences.Add(ResultRow.Of(terms[column], sums.Q, sites - 1.0, Distributions.ChiSquareTail(sums.Q, (int)sites - 1), scale * scale * sums.Between, sums.Share, sums.Q / (sites - 1)));
            steps.Add(ResultRow.Of(terms[column], between[s], tau - between[s]));
        }

        pooled.AddRange(Together(total, back));
        var says = sites == 0 ? "no: no site has estimates of its own" : hasArrived ? "yes" : "no: random effects need another round";
        return new MethodResult([
            new ResultTable("pooled", columns, pooled), new ResultTable("heterogeneity", HeterogeneityColumns, differences),
            new ResultTable("fit", FitColumns, [ResultRow.Of((double)sites, (double)without, rules.Round(persons), says)]),
            new ResultTable("iteration", ["term", "at", "step"], steps),
        ]);
    }

    private int OfSlopes => SiteEstimates.Heads + (slopes.Columns * (slopes.Columns + 1)) + (2 * slopes.Columns);

    /// <summary>All coefficients with their covariances: (Σ P)⁻¹·Σ P·θ, the intercept too.</summary>
    private IEnumerable<ResultRow> Together(ReadOnlySpan<long> total, Matrix<double> back)
    {
        var (columnCount, cell) = (slopes.Columns, SiteEstimates.Heads);
        var (precision, weighted) = (Matrix<double>.Build.Dense(columnCount, columnCount), Vector<double>.Build.Dense(columnCount));
        for (var c = 0; c < columnCount; c++)
        {
            for (var d = 0; d <= c; d++, cell += 2)
                precision[c, d] = precision[d, c] = FixedPoint.Wide(total, cell);
        }

        for (var c = 0; c < columnCount; c++, cell += 2)
            weighted[c] = FixedPoint.Wide(total, cell);
        var pooled = NewtonStep.Of(weighted, precision);
        var (estimates, covariance) = pooled is null ? (null, null) : (back * pooled.Step, back * pooled.Covariance * back.Transpose());
        if (estimates is not null && slopes.First > 0)
            estimates[0] += slopes.Model.Centre;
        return [.. terms.Select((t, i) => Row(t, "fixed effect, together", estimates?[i] ?? double.NaN, covariance?[i, i] ?? double.NaN))];
    }

    private ResultRow Row(string term, string model, double value, double variance)
    {
        var isDefined = double.IsFinite(value) && double.IsFinite(variance);
        return !isDefined ? ResultRow.Of([term, model, .. Enumerable.Repeat(ResultCell.Undefined, columns.Length - 2)])
            : slopes.Model.AreLogarithms ? ResultRow.Ratio([term, model], value, variance, z) : ResultRow.Estimate([term, model], value, variance, z);
    }

    /// <summary>The sums of one coefficient: both summaries, Cochran's Q, and DerSimonian and Laird's τ².</summary>
    private sealed record SlopeSums((double Estimate, double Variance) Fixed, (double Estimate, double Variance) Random, double Q, double Between, double Share)
    {
        internal static SlopeSums Read(ReadOnlySpan<long> opened, long sites)
        {
            var sums = new double[SiteEstimates.OfSlope];
            for (var i = 0; i < sums.Length; i++)
                sums[i] = FixedPoint.Wide(opened, 2 * i);
            var (w, weighted, squares, squaredWeights) = (sums[0], sums[1], sums[2], sums[3]);
            // Of one site both are 0 but for rounding.
            var q = sites < 2 ? 0 : Math.Max(0, squares - (weighted * weighted / w));
            var between = sites < 2 ? 0 : Math.Max(0, (q - (sites - 1)) / (w - (squaredWeights / w)));
            return new((weighted / w, 1 / w), (sums[5] / sums[4], 1 / sums[4]), q, between, q > 0 ? Math.Max(0, 100 * (q - (sites - 1)) / q) : 0);
        }
    }
}
