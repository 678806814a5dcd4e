using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Glm;

/// <summary>
/// Coefficients and θ after one Newton step from where the sums were taken: the joint maximum of the likelihood, which R's <c>MASS::glm.nb</c> approaches by turns. Standard errors are of the expected information at that θ, as
/// there. Under disclosure presets all is hidden of few persons, of few counted, and where fewer degrees of freedom are left than a preset asks for.
/// </summary>
internal sealed class NegativeBinomialFinish(ModelMatrix matrix, bool hasExposure, IReadOnlyList<double> at, double z)
{
    private static readonly string[] Columns = ["term", .. ResultTable.EstimateColumns, "ratio", "ratio.low", "ratio.high"];
    private static readonly string[] FitColumns =
        ["n", "beyond", "df.null", "null.deviance", "df.residual", "deviance", "AIC", "logLik", "dispersion", "theta", "std.error.theta", "converged"];

    internal MethodResult From(NegativeBinomialTotals t, DisclosureRules rules)
    {
        var degrees = t.Persons - matrix.Count;
        if (rules.KindOf(t.Persons) == AnswerKind.Suppressed || rules.KindOf((long)Math.Round(t.SumOfOutcomes)) == AnswerKind.Suppressed || degrees < rules.LeastDegreesOfFreedom)
        {
            return new MethodResult([
                new ResultTable("coefficients", Columns, [.. matrix.Terms.Select(term => ResultRow.Hidden(AnswerKind.Suppressed, Columns.Length, term))]),
                new ResultTable("fit", FitColumns, [ResultRow.Hidden(AnswerKind.Suppressed, FitColumns.Length)]),
            ]);
        }

        var (step, reached, likelihood) = (StepOf(t), Reached(t), t.Fit + t.Constant);
        var theta = reached is null ? double.NaN : Math.Exp(at[^1] + step!.Step[matrix.Count]);
        return new MethodResult([
            new ResultTable("coefficients", Columns, Coefficients(reached)),
            new ResultTable("fit", FitColumns, [ResultRow.Of(
                rules.Round(t.Persons), t.Beyond, (double)(t.Persons - 1), NullDeviance(t), (double)degrees, 2 * (t.Saturated - t.Fit), (-2 * likelihood) + (2 * (matrix.Count + 1)), likelihood, t.Pearson / degrees,
                theta, theta / Math.Sqrt(t.Information[matrix.Count, matrix.Count]),
                reached is not null ? "yes" : step is null ? "no: covariates determine each other, or too few persons tell them apart" : "no: a round on the way, or counts that vary no more than Poisson's do")]),
            new ResultTable("iteration", ["term", "at", "step"], [.. matrix.Terms.Append("log(theta)").Select((term, i) => ResultRow.Of(term, at[i], step?.Step[i]))]),
        ]);
    }

    internal (Vector<double> Coefficients, Matrix<double> Covariance)? Reached(NegativeBinomialTotals t)
    {
        if (t.Persons <= matrix.Count || NewtonStep.Of(t.Score, t.Information) is not { IsSmall: true } newton || NewtonStep.Of(t.Score.SubVector(0, matrix.Count), t.Expected) is not { } expected)
            return null;
        return ((Vector<double>.Build.DenseOfEnumerable(at) + newton.Step).SubVector(0, matrix.Count), expected.Covariance);
    }

    /// <summary>Far from the maximum the likelihood may not be concave: then the expected information takes its place, and for log θ a whole unit where it has none.</summary>
    private NewtonStep? StepOf(NegativeBinomialTotals t)
    {
        if (t.Persons <= matrix.Count)
            return null;
        if (NewtonStep.Of(t.Score, t.Information) is { } newton)
            return newton;
        var columns = matrix.Count;
        var blocks = Matrix<double>.Build.Dense(columns + 1, columns + 1);
        blocks.SetSubMatrix(0, 0, t.Expected);
        blocks[columns, columns] = Math.Max(Math.Abs(t.Information[columns, columns]), Math.Abs(t.Score[columns]));
        return NewtonStep.Of(t.Score, blocks);
    }

    /// <summary>Of the mean alone at this θ; with an exposure that needs a fit of its own, and is not given.</summary>
    private double? NullDeviance(NegativeBinomialTotals t)
    {
        if (hasExposure || t.SumOfOutcomes <= 0)
            return null;
        var (theta, mean) = (Math.Exp(at[^1]), t.SumOfOutcomes / t.Persons);
        return 2 * (t.Saturated - ((t.SumOfOutcomes * Math.Log(mean)) - ((t.SumOfOutcomes + (t.Persons * theta)) * Math.Log(1 + (mean / theta)))));
    }

    private List<ResultRow> Coefficients((Vector<double> Coefficients, Matrix<double> Covariance)? reached)
    {
        if (reached is not { } r)
            return [.. matrix.Terms.Select(t => ResultRow.Of([t, .. Enumerable.Repeat(ResultCell.Undefined, Columns.Length - 1)]))];
        var back = matrix.Back();
        var (estimates, covariance) = (back * r.Coefficients, back * r.Covariance * back.Transpose());
        return [.. matrix.Terms.Select((term, i) => ResultRow.Ratio([term], estimates[i], covariance[i, i], z))];
    }
}
