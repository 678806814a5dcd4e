using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Models;

/// <summary>The step from given coefficients towards the maximum of a likelihood, I⁻¹U, and the inverse information.</summary>
internal sealed record NewtonStep(Vector<double> Step, Matrix<double> Covariance)
{
    /// <summary>A step below this leaves what it leads to within its square of the maximum.</summary>
    private const double Small = 1e-7;

    /// <summary>Of columns scaled to unit information: what lies below is a combination of the columns before it.</summary>
    private const double LeastPivot = 1e-9;

    internal bool IsSmall => Step.AbsoluteMaximum() < Small;

    /// <summary>Null where columns determine each other, or nobody tells anything of one.</summary>
    internal static NewtonStep? Of(Vector<double> score, Matrix<double> information)
    {
        var scale = information.Diagonal().Map(d => d > 0 ? 1 / Math.Sqrt(d) : double.NaN);
        if (!scale.All(double.IsFinite))
            return null;
        var scaled = Matrix<double>.Build.Dense(score.Count, score.Count, (i, j) => information[i, j] * scale[i] * scale[j]);
        if (!IsDefinite(scaled))
            return null;
        var inverse = scaled.Cholesky().Solve(Matrix<double>.Build.DenseIdentity(score.Count));
        var covariance = Matrix<double>.Build.Dense(score.Count, score.Count, (i, j) => inverse[i, j] * scale[i] * scale[j]);
        return new NewtonStep(covariance * score, covariance);
    }

    /// <summary>The library's factorisation throws at a pivot of 0, and does not say how near one came.</summary>
    private static bool IsDefinite(Matrix<double> scaled)
    {
        var left = scaled.Clone();
        for (var k = 0; k < left.RowCount; k++)
        {
            if (!(left[k, k] > LeastPivot))
                return false;
            for (var i = k + 1; i < left.RowCount; i++)
            {
                for (var j = k + 1; j <= i; j++)
                    left[i, j] -= left[i, k] * left[j, k] / left[k, k];
            }
        }

        return true;
    }
}
