using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Cox;

/// <summary>What a Newton step of Cox's partial likelihood is made of, at the coefficients it was asked at.</summary>
internal sealed class CoxTotals(int columns)
{
    private readonly RiskMoments moments = new(columns);

    internal long Persons { get; set; }

    /// <summary>Events whose shares were beyond the range of sums.</summary>
    internal long Beyond { get; set; }

    internal long Events { get; set; }

    internal double LogLikelihood { get; set; }

    /// <summary>The log-likelihood of coefficients 0.</summary>
    internal double OfNothing { get; set; }

    internal Vector<double> Score { get; init; } = Vector<double>.Build.Dense(columns);

    internal Matrix<double> Information { get; init; } = Matrix<double>.Build.Dense(columns, columns);

    /// <summary>At coefficients 0.</summary>
    internal Vector<double> ScoreOfNothing { get; init; } = Vector<double>.Build.Dense(columns);

    /// <summary>At coefficients 0.</summary>
    internal Matrix<double> InformationOfNothing { get; init; } = Matrix<double>.Build.Dense(columns, columns);

    /// <summary>For the test of proportional hazards; null where it is not asked for.</summary>
    internal TimedScore? Timed { get; init; }

    /// <summary>The cumulative hazard of somebody whose covariates are 0, or at their reference, after each time that has events; empty where sites have baselines of their own.</summary>
    internal IReadOnlyList<(decimal Time, double Hazard)> Baseline { get; set; } = [];

    /// <summary>Whether rules hide the answer for more reasons than few persons or events.</summary>
    internal bool IsHidden { get; set; }

    /// <summary>Adds the events of one time, or interval, to the likelihood.</summary>
    /// <param name="of">The covariates of those who have the event, summed up.</param>
    /// <param name="at">Who is at risk, at the coefficients asked at.</param>
    /// <param name="nothing">The same at coefficients 0.</param>
    /// <param name="events">How many have the event.</param>
    /// <param name="g">What the time counts as in the test of proportional hazards.</param>
    /// <returns>By how much the cumulative baseline hazard rises.</returns>
    internal double Add(double[] of, AtRisk at, AtRisk nothing, long events, double g)
    {
        for (var c = 0; c < columns; c++)
        {
            Score[c] += of[c];
            ScoreOfNothing[c] += of[c];
            Timed?.Add(c, g * of[c]);
        }

        double rise = 0;
        for (long tie = 0; tie < events; tie++)
        {
            var share = at.Dying is null ? 0 : tie / (double)events;
            moments.Take(nothing.All, nothing.Dying, share);
            OfNothing -= Math.Log(moments.Weight);
            AddMoments(ScoreOfNothing, InformationOfNothing);
            moments.Take(at.All, at.Dying, share);
            rise += 1 / moments.Weight;
            LogLikelihood -= Math.Log(moments.Weight);
            AddMoments(Score, Information);
            for (var c = 0; c < columns && Timed is not null; c++)
            {
                Timed.Add(c, -g * moments.Mean[c]);
                for (var d = 0; d <= c; d++)
                    Timed.Add(c, d, g, moments.Spread[c, d]);
            }
        }

        return rise;
    }

    private void AddMoments(Vector<double> score, Matrix<double> information)
    {
        for (var c = 0; c < columns; c++)
        {
            score[c] -= moments.Mean[c];
            for (var d = 0; d <= c; d++)
                information[c, d] = information[d, c] += moments.Spread[c, d];
        }
    }
}

/// <summary>A risk set.</summary>
/// <param name="All">Everybody in it.</param>
/// <param name="Dying">Those who have the event, where their ties are Efron's; null for Breslow's.</param>
internal sealed record AtRisk(RiskSums All, RiskSums? Dying)
{
    internal void Add(double[] row, double weight, bool isEvent)
    {
        All.Add(row, weight);
        if (isEvent)
            Dying?.Add(row, weight);
    }
}
