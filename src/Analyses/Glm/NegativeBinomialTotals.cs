using Consilience.Analyses.Sums;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Glm;

/// <summary>Opened <see cref="NegativeBinomialSums"/> as numbers.</summary>
internal sealed class NegativeBinomialTotals
{
    internal NegativeBinomialTotals(ReadOnlySpan<long> total, int columns)
    {
        (Persons, Beyond) = (total[0], total[1]);
        (SumOfOutcomes, Saturated, Constant, Fit, Pearson) = (total[2] / FixedPoint.Unit, total[3] / FixedPoint.Unit, total[4] / FixedPoint.Unit, total[5] / FixedPoint.Unit, FixedPoint.Wide(total, 6));
        (Score, Information) = FixedPoint.ScoreAndInformation(total[NegativeBinomialSums.Heads..], columns + 1);
        Expected = FixedPoint.Triangle(total[(NegativeBinomialSums.Heads + columns + 1 + NegativeBinomialSums.Triangle(columns + 1))..], columns);
    }

    internal long Persons { get; }

    /// <summary>Rows left out for an exposure of 0, or with a share beyond the range of sums.</summary>
    internal long Beyond { get; }

    internal double SumOfOutcomes { get; }

    /// <summary>Σ y·log y − (y + θ)·log(1 + y/θ).</summary>
    internal double Saturated { get; }

    /// <summary>Σ log Γ(y + θ) − log Γ(θ) − y·log θ − log y!.</summary>
    internal double Constant { get; }

    /// <summary>Σ y·log μ − (y + θ)·log(1 + μ/θ).</summary>
    internal double Fit { get; }

    /// <summary>Σ (y − μ)²/(μ + μ²/θ).</summary>
    internal double Pearson { get; }

    /// <summary>Of the coefficients, and of log θ last.</summary>
    internal Vector<double> Score { get; }

    /// <summary>Observed, of the coefficients and of log θ.</summary>
    internal Matrix<double> Information { get; }

    /// <summary>Of the coefficients, expected of counts with these means.</summary>
    internal Matrix<double> Expected { get; }
}
