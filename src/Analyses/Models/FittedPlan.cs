using Consilience.Analyses.Sums;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Models;

/// <summary>The plan of one round of a fit, which a single site can also go through by itself.</summary>
internal abstract class FittedPlan(ModelMatrix matrix, SiteSums sums) : MethodPlan(sums)
{
    internal ModelMatrix Matrix => matrix;

    /// <summary>Coefficients of scaled columns times this, and with the intercept moved by <see cref="Centre"/>, are those of the outcome as it is.</summary>
    internal virtual double Half => 1;

    internal virtual double Centre => 0;

    /// <summary>Whether coefficients are logarithms of ratios.</summary>
    internal virtual bool AreLogarithms => true;

    /// <summary>The round at other scaled coefficients.</summary>
    internal abstract FittedPlan At(IReadOnlyList<double> at);

    /// <summary>Scaled coefficients of the columns that a converged round arrives at, and their covariance; null of any other round.</summary>
    internal abstract (Vector<double> Coefficients, Matrix<double> Covariance)? Reached(ReadOnlySpan<long> total);
}
