using Consilience.Analyses.Models;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Trend;

/// <summary>Cases of one cell, over person-years, and its row of the design.</summary>
internal sealed record PoissonCell(double Cases, double Years, double[] Row);

/// <summary>
/// Poisson regression of a public table's cells with the logarithm of person-years as offset, fitted by the recipient. The equations Σ x(d − μ) = 0 hold on average whatever noise of mean 0 the cases carry, and what it
/// adds to the variance of coefficients is I⁻¹·(v·Σxx′)·I⁻¹.
/// </summary>
internal sealed record PoissonFit(Vector<double> Coefficients, Matrix<double> Covariance, int Cells, double Deviance, double Pearson)
{
    private const int MostSteps = 100;

    internal double DegreesOfFreedom => Cells - Coefficients.Count;

    /// <summary>Pearson's statistic over the degrees of freedom; not a number where there are none.</summary>
    internal double Dispersion => DegreesOfFreedom > 0 ? Pearson / DegreesOfFreedom : double.NaN;

    /// <summary>Null where columns determine each other, or coefficients have no finite estimates.</summary>
    /// <param name="cells">With person-years.</param>
    /// <param name="noise">Variance of the noise on cases.</param>
    internal static PoissonFit? Of(IReadOnlyList<PoissonCell> cells, double noise)
    {
        if (cells.Count == 0 || cells.Count < cells[0].Row.Length || cells.Sum(c => c.Cases) <= 0)
            return null;
        var rows = Matrix<double>.Build.DenseOfRows(cells.Select(c => c.Row));
        var cases = Vector<double>.Build.DenseOfEnumerable(cells.Select(c => c.Cases));
        var offset = Vector<double>.Build.DenseOfEnumerable(cells.Select(c => Math.Log(c.Years)));
        var fitted = (cases.PointwiseMaximum(0) + cases.Average()) / 2;
        // From fitted values, as R begins; then Newton's steps.
        var beta = (rows.TransposeThisAndMultiply(Scaled(rows, fitted)) + (1e-9 * Matrix<double>.Build.DenseIdentity(rows.ColumnCount)))
            .Solve(rows.TransposeThisAndMultiply(fitted.PointwiseMultiply(fitted.PointwiseLog() - offset)));
        for (var step = 0; step < MostSteps; step++)
        {
            var mean = (offset + (rows * beta)).PointwiseExp();
            if (!mean.All(double.IsFinite) || NewtonStep.Of(rows.TransposeThisAndMultiply(cases - mean), rows.TransposeThisAndMultiply(Scaled(rows, mean))) is not { } newton)
                return null;
            beta += newton.Step;
            if (newton.IsSmall)
                return new PoissonFit(beta, newton.Covariance + (noise * newton.Covariance * rows.TransposeThisAndMultiply(rows) * newton.Covariance), cells.Count, DevianceOf(cases, mean), (cases - mean).PointwisePower(2).PointwiseDivide(mean).Sum());
        }

        return null;
    }

    private static Matrix<double> Scaled(Matrix<double> rows, Vector<double> weights) => Matrix<double>.Build.Dense(rows.RowCount, rows.ColumnCount, (i, j) => weights[i] * rows[i, j]);

    private static double DevianceOf(Vector<double> cases, Vector<double> mean) => 2 * cases.Zip(mean).Sum(c => (c.First > 0 ? c.First * Math.Log(c.First / c.Second) : 0) - c.First + c.Second);
}
