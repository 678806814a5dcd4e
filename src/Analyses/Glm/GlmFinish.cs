using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using Consilience.Analyses.Statistics;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Glm;

/// <summary>
/// Coefficients after one Newton step from where the sums were taken, which is what R's <c>glm</c> returns once the step is small; deviances, AIC and log-likelihood as there. Under disclosure presets all is hidden
/// of few persons, few with or few without the outcome, and where fewer degrees of freedom are left than a preset asks for.
/// </summary>
internal sealed class GlmFinish(Family family, ModelMatrix matrix, Outcome outcome, IReadOnlyList<double> at, double level)
{
    private static readonly string[] FitColumns = ["n", "beyond", "df.null", "null.deviance", "df.residual", "deviance", "AIC", "logLik", "dispersion", "converged"];

    private readonly string[] columns = family == Family.Gaussian ? ["term", .. ResultTable.EstimateColumns] : ["term", .. ResultTable.EstimateColumns, "ratio", "ratio.low", "ratio.high"];

    internal MethodResult From(GlmTotals totals, DisclosureRules rules)
    {
        var degrees = totals.Persons - matrix.Count;
        if (IsHidden(totals, degrees, rules))
        {
            return new MethodResult([
                new ResultTable("coefficients", columns, [.. matrix.Terms.Select(t => ResultRow.Hidden(AnswerKind.Suppressed, columns.Length, t))]),
                new ResultTable("fit", FitColumns, [ResultRow.Hidden(AnswerKind.Suppressed, FitColumns.Length)]),
            ]);
        }

        var newton = degrees > 0 ? NewtonStep.Of(totals.Score, totals.Information) : null;
        var hasConverged = HasConverged(newton);
        var fit = Deviances(totals, newton);
        return new MethodResult([
            new ResultTable("coefficients", columns, Coefficients(newton, hasConverged, fit.Dispersion, degrees)),
            new ResultTable("fit", FitColumns, [ResultRow.Of(
                rules.Round(totals.Persons), totals.Beyond, (double)(totals.Persons - 1), fit.Null, (double)degrees, fit.Deviance, fit.Aic, fit.LogLikelihood,
                family == Family.Gaussian ? fit.Dispersion * outcome.Half * outcome.Half : totals.Pearson / degrees,
                hasConverged ? "yes" : newton is null ? "no: covariates determine each other, or too few persons tell them apart" : "no: a round on the way, or a covariate separates the outcomes")]),
            new ResultTable("iteration", ["term", "at", "step"], [.. matrix.Terms.Select((t, i) => ResultRow.Of(t, at[i], newton?.Step[i]))]),
        ]);
    }

    internal (Vector<double> Coefficients, Matrix<double> Covariance)? Reached(GlmTotals totals)
    {
        var newton = totals.Persons > matrix.Count ? NewtonStep.Of(totals.Score, totals.Information) : null;
        return newton is null || !HasConverged(newton) ? null : (Vector<double>.Build.DenseOfEnumerable(at) + newton.Step, newton.Covariance * Deviances(totals, newton).Dispersion);
    }

    private bool HasConverged(NewtonStep? newton) => newton is not null && (family == Family.Gaussian || newton.IsSmall);

    private bool IsHidden(GlmTotals totals, long degrees, DisclosureRules rules)
    {
        bool IsSmall(long count) => rules.KindOf(count) == AnswerKind.Suppressed;
        var events = (long)Math.Round(totals.SumOfOutcomes);
        return IsSmall(totals.Persons) || degrees < rules.LeastDegreesOfFreedom || (family != Family.Gaussian && IsSmall(events)) || (family == Family.Binomial && IsSmall(totals.Persons - events));
    }

    private List<ResultRow> Coefficients(NewtonStep? newton, bool hasConverged, double dispersion, long degrees)
    {
        if (newton is null || !hasConverged)
            return [.. matrix.Terms.Select(t => ResultRow.Of([t, .. Enumerable.Repeat(ResultCell.Undefined, columns.Length - 1)]))];
        var back = matrix.Back() * outcome.Half;
        var estimates = back * (Vector<double>.Build.DenseOfEnumerable(at) + newton.Step);
        estimates[0] += outcome.Centre;
        var covariance = back * newton.Covariance * back.Transpose() * dispersion;
        var z = family == Family.Gaussian ? Distributions.StudentQuantile((1 + level) / 2, degrees) : Normal.Quantile((1 + level) / 2);
        return [.. matrix.Terms.Select((term, i) => family == Family.Gaussian
            ? ResultRow.Estimate([term], estimates[i], covariance[i, i], z, tails: t => Distributions.StudentTails(t, degrees))
            : ResultRow.Ratio([term], estimates[i], covariance[i, i], z))];
    }

    /// <summary>Deviances as differences of log-likelihoods to the saturated model; the null model has the intercept alone. Dispersion is of scaled outcomes.</summary>
    private (double Null, double Deviance, double LogLikelihood, double Aic, double Dispersion) Deviances(GlmTotals t, NewtonStep? newton)
    {
        double n = t.Persons, y = t.SumOfOutcomes, columnsOfModel = matrix.Count;
        switch (family)
        {
            case Family.Binomial:
                var nothing = -2 * (Entropy(y, n) + Entropy(n - y, n));
                return (nothing, -2 * t.Fit, t.Fit, (-2 * t.Fit) + (2 * columnsOfModel), 1);
            case Family.Poisson:
                var likelihood = t.Fit + t.Constant;
                return (2 * (t.Saturated - Entropy(y, t.Exposure)), 2 * (t.Saturated - t.Fit - y), likelihood, (-2 * likelihood) + (2 * columnsOfModel), 1);
            default:
                var residual = t.Fit - (newton is null ? 0 : t.Score * newton.Step);
                var squared = outcome.Half * outcome.Half;
                var normal = -n / 2 * (Math.Log(2 * Math.PI * residual * squared / n) + 1);
                return (squared * (t.Saturated - (y * y / n)), squared * residual, normal, (-2 * normal) + (2 * (columnsOfModel + 1)), residual / (n - columnsOfModel));
        }
    }

    private static double Entropy(double part, double whole) => part <= 0 ? 0 : part * Math.Log(part / whole);
}
