using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using Consilience.Analyses.Statistics;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Cox;

/// <summary>
/// Coefficients after one Newton step from where the sums were taken, with the likelihood-ratio, score and Wald tests as R's <c>coxph</c> has them, and the baseline hazard where sites share one. With what the test of proportional hazards needs,
/// that too. Under disclosure presets all is hidden of few persons, of few events, and where fewer degrees of freedom are left than a preset asks for.
/// </summary>
internal sealed class CoxFinish(ModelMatrix matrix, IReadOnlyList<double> at, double z)
{
    private static readonly string[] Columns = ["term", .. ResultTable.EstimateColumns, "hazard.ratio", "hazard.low", "hazard.high"];
    private static readonly string[] FitColumns = ["n", "beyond", "n.event", "logLik.null", "logLik", "statistic.log", "df", "p.value.log", "statistic.sc", "p.value.sc", "statistic.wald", "p.value.wald", "converged"];

    internal MethodResult From(CoxTotals totals, DisclosureRules rules)
    {
        var (persons, beyond, events) = (totals.Persons, totals.Beyond, totals.Events);
        if (totals.IsHidden || rules.KindOf(persons) == AnswerKind.Suppressed || rules.KindOf(events) == AnswerKind.Suppressed || persons - matrix.Count < rules.LeastDegreesOfFreedom)
        {
            return new MethodResult([
                new ResultTable("coefficients", Columns, [.. matrix.Terms.Select(t => ResultRow.Hidden(AnswerKind.Suppressed, Columns.Length, t))]),
                new ResultTable("fit", FitColumns, [ResultRow.Hidden(AnswerKind.Suppressed, FitColumns.Length)]),
            ]);
        }

        var (likelihood, nothing) = (totals.LogLikelihood, totals.OfNothing);
        var newton = double.IsNaN(likelihood) ? null : NewtonStep.Of(totals.Score, totals.Information);
        var reached = newton is { IsSmall: true } ? Vector<double>.Build.DenseOfEnumerable(at) + newton.Step : null;
        double? ratio = reached is null ? null : 2 * (likelihood - nothing), wald = reached is null ? null : reached * (totals.Information * reached);
        double? score = NewtonStep.Of(totals.ScoreOfNothing, totals.InformationOfNothing) is { } first ? first.Step * totals.ScoreOfNothing : null;
        List<ResultTable> tables =
        [
            new ResultTable("coefficients", Columns, Coefficients(newton, reached)),
            new ResultTable("fit", FitColumns, [ResultRow.Of(
                rules.Round(persons), beyond, rules.Round(events), nothing, likelihood, ratio, matrix.Count, Tail(ratio), score, Tail(score), wald, Tail(wald),
                reached is not null ? "yes" : newton is null ? "no: covariates determine each other, or too few events tell them apart" : "no: a round on the way, or a covariate separates the events")]),
            new ResultTable("iteration", ["term", "at", "step"], [.. matrix.Terms.Select((t, i) => ResultRow.Of(t, at[i], newton?.Step[i]))]),
        ];
        if (reached is not null && totals.Baseline.Count > 0)
            tables.Add(new ResultTable("baseline", ["time", "cumulative.hazard"], [.. totals.Baseline.Select(b => ResultRow.Of((double)b.Time, b.Hazard))]));
        if (totals.Timed is { } timed && newton is not null && reached is not null)
            tables.Add(new ResultTable("proportionality", ["term", "statistic", "df", "p.value"], [.. Tests(timed, newton)]));
        return new MethodResult(tables);
    }

    /// <summary>Of each term, and of all together.</summary>
    private IEnumerable<ResultRow> Tests(TimedScore timed, NewtonStep newton)
    {
        foreach (var (name, columns) in matrix.Groups.Append(("global", [.. Enumerable.Range(0, matrix.Count)])))
        {
            var statistic = timed.Test(columns, newton.Covariance, newton.Step);
            yield return ResultRow.Of(name, statistic, columns.Count, Distributions.ChiSquareTail(statistic ?? double.NaN, columns.Count));
        }
    }

    internal (Vector<double> Coefficients, Matrix<double> Covariance)? Reached(CoxTotals totals) =>
        NewtonStep.Of(totals.Score, totals.Information) is { IsSmall: true } newton ? (Vector<double>.Build.DenseOfEnumerable(at) + newton.Step, newton.Covariance) : null;

    private double? Tail(double? statistic) => statistic is { } s ? Distributions.ChiSquareTail(s, matrix.Count) : null;

    private List<ResultRow> Coefficients(NewtonStep? newton, Vector<double>? reached)
    {
        if (newton is null || reached is null)
            return [.. matrix.Terms.Select(t => ResultRow.Of([t, .. Enumerable.Repeat(ResultCell.Undefined, Columns.Length - 1)]))];
        var back = matrix.Back();
        var (estimates, covariance) = (back * reached, back * newton.Covariance * back.Transpose());
        return [.. matrix.Terms.Select((term, i) => ResultRow.Ratio([term], estimates[i], covariance[i, i], z))];
    }
}
