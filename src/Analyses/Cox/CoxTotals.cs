using Consilience.Analyses.Sums;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Cox;

/// <summary>What a Newton step of Cox's partial likelihood is made of, at the coefficients it was asked at.</summary>
internal sealed class CoxTotals(int columns)
{
    internal long Persons { get; set; }

    /// <summary>Events whose shares were beyond the range of sums.</summary>
    internal long Beyond { get; set; }

    internal long Events { get; set; }

    internal double LogLikelihood { get; set; }

    /// <summary>The log-likelihood of coefficients 0.</summary>
    internal double OfNothing { get; set; }

    internal Vector<double> Score { get; init; } = Vector<double>.Build.Dense(columns);

    internal Matrix<double> Information { get; init; } = Matrix<double>.Build.Dense(columns, columns);

    /// <summary>For the test of proportional hazards; null where it is not asked for.</summary>
    internal TimedScore? Timed { get; init; }

    /// <summary>The cumulative hazard of somebody whose covariates are 0, or at their reference, after each time that has events; empty where sites have baselines of their own.</summary>
    internal IReadOnlyList<(decimal Time, double Hazard)> Baseline { get; set; } = [];

    /// <summary>Whether rules hide the answer for more reasons than few persons or events.</summary>
    internal bool IsHidden { get; set; }

    /// <summary>Adds the events of one time, or interval, to the likelihood.</summary>
    /// <param name="of">The covariates of those who have the event, summed up.</param>
    /// <param name="all">Everybody at risk.</param>
    /// <param name="dying">Those who have the event, where their ties are Efron's; null for Breslow's.</param>
    /// <param name="events">How many they are.</param>
    /// <param name="g">What the time counts as in the test of proportional hazards.</param>
    /// <returns>By how much the cumulative baseline hazard rises.</returns>
    internal double Add(double[] of, RiskSums all, RiskSums? dying, long events, double g)
    {
        for (var c = 0; c < columns; c++)
        {
            Score[c] += of[c];
            Timed?.Add(c, g * of[c]);
        }

        double rise = 0;
        for (long tie = 0; tie < events; tie++)
        {
            var share = dying is null ? 0 : tie / (double)events;
            var weight = all.Weight - (share * (dying?.Weight ?? 0));
            rise += 1 / weight;
            LogLikelihood -= Math.Log(weight);
            OfNothing -= Math.Log(all.Persons - (share * events));
            var mean = new double[columns];
            for (var c = 0; c < columns; c++)
            {
                mean[c] = (all.First[c] - (share * (dying?.First[c] ?? 0))) / weight;
                Score[c] -= mean[c];
                Timed?.Add(c, -g * mean[c]);
                for (var d = 0; d <= c; d++)
                {
                    var spread = ((all.Second[c, d] - (share * (dying?.Second[c, d] ?? 0))) / weight) - (mean[c] * mean[d]);
                    Information[c, d] = Information[d, c] += spread;
                    Timed?.Add(c, d, g, spread);
                }
            }
        }

        return rise;
    }
}

/// <summary>Σ e^η, Σ e^η·x and Σ e^η·xx′ of a set of persons, and how many they are.</summary>
internal sealed class RiskSums(int columns)
{
    internal long Persons { get; set; }

    internal double Weight { get; set; }

    internal double[] First { get; } = new double[columns];

    /// <summary>The lower triangle.</summary>
    internal double[,] Second { get; } = new double[columns, columns];

    internal void Add(double[] row, double weight)
    {
        Persons++;
        Weight += weight;
        for (var c = 0; c < First.Length; c++)
        {
            var weighted = weight * row[c];
            First[c] += weighted;
            for (var d = 0; d <= c; d++)
                Second[c, d] += weighted * row[d];
        }
    }

    internal void Add(RiskSums other)
    {
        (Persons, Weight) = (Persons + other.Persons, Weight + other.Weight);
        for (var c = 0; c < First.Length; c++)
        {
            First[c] += other.First[c];
            for (var d = 0; d <= c; d++)
                Second[c, d] += other.Second[c, d];
        }
    }

    internal void Clear()
    {
        (Persons, Weight) = (0, 0);
        Array.Clear(First);
        Array.Clear(Second);
    }
}

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
