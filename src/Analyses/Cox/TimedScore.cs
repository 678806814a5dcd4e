using Consilience.Analyses.Sums;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Cox;

/// <summary>
/// The score of coefficients that change with g(t) and its information: Σ g·(x − x̄), Σ g·V and Σ g²·V over events, with V the covariance of covariates in the risk set. For the test of proportional hazards (Grambsch and Therneau 1994, as a
/// score test, as in R's <c>cox.zph</c> since survival 3.0), which does not depend on where g begins nor on its unit.
/// </summary>
internal sealed record TimedScore(Vector<double> Score, Matrix<double> Once, Matrix<double> Twice)
{
    internal static TimedScore Of(int columns) => new(Vector<double>.Build.Dense(columns), Matrix<double>.Build.Dense(columns, columns), Matrix<double>.Build.Dense(columns, columns));

    /// <summary>From sums as opened: the score with Σ g·V, then Σ g²·V.</summary>
    internal static TimedScore Of(ReadOnlySpan<long> opened, int columns)
    {
        var (score, once) = FixedPoint.ScoreAndInformation(opened, columns);
        var (_, twice) = FixedPoint.ScoreAndInformation(opened[(columns * (columns + 1) / 2)..], columns);
        return new(score, once, twice);
    }

    internal void Add(int column, double share) => Score[column] += share;

    internal void Add(int c, int d, double g, double spread)
    {
        Once[c, d] = Once[d, c] += g * spread;
        Twice[c, d] = Twice[d, c] += g * g * spread;
    }

    /// <summary>χ² of some columns, that their coefficients do not change with g, at coefficients a Newton step away; null where their information is singular.</summary>
    internal double? Test(IReadOnlyList<int> some, Matrix<double> covariance, Vector<double> step)
    {
        var score = Score - (Once * step);
        var u = Vector<double>.Build.Dense(some.Count, i => score[some[i]]);
        var cross = Matrix<double>.Build.Dense(Score.Count, some.Count, (i, j) => Once[i, some[j]]);
        var own = Matrix<double>.Build.Dense(some.Count, some.Count, (i, j) => Twice[some[i], some[j]]) - (cross.Transpose() * covariance * cross);
        var statistic = u.DotProduct(own.Solve(u));
        return double.IsFinite(statistic) && statistic >= 0 ? statistic : null;
    }
}
