using Consilience.Analyses.Sums;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Glm;

/// <summary>Opened <see cref="GlmSums"/> as numbers.</summary>
internal sealed class GlmTotals
{
    internal GlmTotals(ReadOnlySpan<long> total, int columns)
    {
        (Persons, Beyond) = (total[0], total[1]);
        (SumOfOutcomes, Exposure, Saturated, Constant, Fit) = (At(total, 2), At(total, 3), At(total, 4), At(total, 5), At(total, 6));
        Pearson = FixedPoint.Wide(total, 7);
        (Score, Information) = FixedPoint.ScoreAndInformation(total[GlmSums.Heads..], columns);
    }

    internal long Persons { get; }

    /// <summary>Rows left out for an exposure of 0, or with a share beyond the range of sums.</summary>
    internal long Beyond { get; }

    internal double SumOfOutcomes { get; }

    internal double Exposure { get; }

    /// <summary>Poisson: Σ y·log(y/exposure). Gaussian: Σ y².</summary>
    internal double Saturated { get; }

    /// <summary>Poisson: Σ y·log exposure − log y!.</summary>
    internal double Constant { get; }

    /// <summary>Binomial: the log-likelihood. Poisson: Σ y·η − μ. Gaussian: Σ (y − η)².</summary>
    internal double Fit { get; }

    /// <summary>Σ (y − μ)²/V(μ).</summary>
    internal double Pearson { get; }

    internal Vector<double> Score { get; }

    internal Matrix<double> Information { get; }

    private static double At(ReadOnlySpan<long> total, int cell) => total[cell] / FixedPoint.Unit;
}
