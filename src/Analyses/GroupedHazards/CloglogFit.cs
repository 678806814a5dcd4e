using Consilience.Analyses.Sums;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.GroupedHazards;

/// <summary>
/// Prentice and Gloeckler 1978: in interval j the d of n − c/2 persons of group g with the event are binomial with probability 1 − exp(−exp(α_j + x_g′β)), so that β are
/// log hazard ratios whatever the intervals; whoever is censored in an interval counts half in it. Fisher scoring, the α solved for one by one because their information is diagonal.
/// Counters enter as they were opened, negative ones too: the score is linear in them, so that noise of mean 0 leaves it without bias.
/// </summary>
internal sealed class CloglogFit
{
    private const int MostSteps = 50;
    private const double Tolerance = 1e-10;

    /// <summary>Beyond this a log hazard ratio is not an estimate but the sign that none exists.</summary>
    private const double Largest = 15;

    private readonly double[][] design;
    private readonly Interval[] intervals;
    private readonly int covariates;
    private ScoreAndInformation? atSolution;

    private CloglogFit(double[][] design, Interval[] intervals)
    {
        (this.design, this.intervals) = (design, intervals);
        covariates = design[0].Length;
        Coefficients = Vector<double>.Build.Dense(covariates);
        Covariance = Matrix<double>.Build.Dense(covariates, covariates);
        Baseline = [.. intervals.Select(i => Math.Log(-Math.Log(1 - Math.Min(0.99, i.Events.Sum() / i.Trials.Sum()))))];
    }

    internal Vector<double> Coefficients { get; private set; }

    /// <summary>Inverse information of the coefficients, the baseline's taken into account.</summary>
    internal Matrix<double> Covariance { get; private set; }

    internal double[] Baseline { get; }

    internal bool HasConverged { get; private set; }

    internal int Steps { get; private set; }

    /// <summary>Intervals of the grid with events; the others have no baseline and say nothing of β.</summary>
    internal IReadOnlyList<int> Used => [.. intervals.Select(i => i.Index)];

    /// <summary>Null where no interval has events.</summary>
    internal static CloglogFit? Of(ReadOnlySpan<long> total, ExitTable table, Design design)
    {
        var intervals = new List<Interval>();
        var atRisk = new double[table.Groups];
        for (var g = 0; g < table.Groups; g++)
        {
            foreach (var cell in table.CellsOf(total, g))
                atRisk[g] += cell;
        }

        for (var j = 0; j < table.Times.Count; j++)
        {
            var interval = new Interval(j, new double[table.Groups], new double[table.Groups]);
            for (var g = 0; g < table.Groups; g++)
            {
                var cells = table.CellsOf(total, g);
                var (censored, events) = (cells[j], cells[table.Times.Count + j]);
                (interval.Events[g], interval.Trials[g]) = (events, atRisk[g] - (censored / 2.0));
                atRisk[g] -= events + censored;
            }

            if (interval.Events.Sum() > 0 && interval.Trials.Sum() > interval.Events.Sum())
                intervals.Add(interval);
        }

        if (intervals.Count == 0)
            return null;
        var fit = new CloglogFit(design.Rows, [.. intervals]);
        fit.Solve();
        return fit;
    }

    /// <summary>
    /// Derivatives of coefficient <paramref name="term"/> by the counters of one group, to first order: the inverse information times those of the score. A person who leaves in interval k was
    /// at risk in every earlier one.
    /// </summary>
    internal double[] Gradient(int term, int group, int gridLength)
    {
        var gradient = new double[(2 * gridLength) + 1];
        double earlier = 0;
        var next = 0;
        for (var j = 0; j < gridLength; j++)
        {
            var (ofEvent, ofTrial) = (0.0, 0.0);
            if (next < intervals.Length && intervals[next].Index == j)
            {
                var (a, b, _) = Derivatives(Baseline[next] + Predictor(group));
                var direction = Direction(term, group, next);
                (ofEvent, ofTrial) = (direction * (a + b), -direction * b);
                next++;
            }

            gradient[j] = earlier + (ofTrial / 2);
            gradient[gridLength + j] = earlier + ofTrial + ofEvent;
            earlier += ofTrial;
        }

        gradient[^1] = earlier;
        return gradient;
    }

    /// <summary>Log of the likelihood, without the binomial coefficients.</summary>
    internal double LogLikelihood() => intervals.Select((interval, i) => Enumerable.Range(0, design.Length).Sum(g =>
    {
        var e = Math.Exp(Baseline[i] + Predictor(g));
        return (interval.Events[g] == 0 ? 0 : interval.Events[g] * Math.Log(-Expm1(-e))) - ((interval.Trials[g] - interval.Events[g]) * e);
    })).Sum();

    /// <summary>Of η: ∂log h, −∂log(1 − h), and the binomial information of one trial, with h = 1 − exp(−e^η).</summary>
    private static (double A, double B, double Information) Derivatives(double eta)
    {
        var e = Math.Exp(eta);
        var hazard = -Expm1(-e);
        var a = hazard == 0 ? 1 : e * Math.Exp(-e) / hazard;
        return (a, e, a * e);
    }

    private static double Expm1(double x) => Math.Abs(x) < 1e-5 ? x + (x * x / 2) + (x * x * x / 6) : Math.Exp(x) - 1;

    private void Solve()
    {
        for (Steps = 1; Steps <= MostSteps && !HasConverged; Steps++)
        {
            var (score, information, baseline, cross) = Moments();
            // On the way to a coefficient without bound an interval may cease to tell anything: there is no estimate.
            if (!Array.TrueForAll(baseline, b => b.Information > 0))
                return;
            var reduced = information.Clone();
            var right = Vector<double>.Build.DenseOfArray(score);
            for (var i = 0; i < intervals.Length; i++)
            {
                var column = Vector<double>.Build.DenseOfArray(cross[i]);
                reduced -= column.OuterProduct(column) / baseline[i].Information;
                right -= column * (baseline[i].Score / baseline[i].Information);
            }

            Covariance = reduced.Inverse();
            var step = Covariance * right;
            if (!step.All(double.IsFinite) || (Coefficients + step).Any(c => Math.Abs(c) > Largest))
                return;
            var largest = step.AbsoluteMaximum();
            Coefficients += step;
            for (var i = 0; i < intervals.Length; i++)
            {
                var change = (baseline[i].Score - Vector<double>.Build.DenseOfArray(cross[i]).DotProduct(step)) / baseline[i].Information;
                Baseline[i] += Math.Clamp(change, -2, 2);
                largest = Math.Max(largest, Math.Abs(change));
            }

            HasConverged = largest < Tolerance;
        }

        atSolution = Moments();
    }

    private double Predictor(int group)
    {
        double sum = 0;
        for (var c = 0; c < covariates; c++)
            sum += design[group][c] * Coefficients[c];
        return sum;
    }

    /// <summary>How much a unit of score of a group in an interval moves a coefficient.</summary>
    private double Direction(int term, int group, int interval)
    {
        var (_, _, baseline, cross) = atSolution!;
        double sum = 0;
        for (var c = 0; c < covariates; c++)
            sum += Covariance[term, c] * (design[group][c] - (cross[interval][c] / baseline[interval].Information));
        return sum;
    }

    private ScoreAndInformation Moments()
    {
        var (score, information) = (new double[covariates], Matrix<double>.Build.Dense(covariates, covariates));
        var (baseline, cross) = (new (double Score, double Information)[intervals.Length], new double[intervals.Length][]);
        for (var i = 0; i < intervals.Length; i++)
        {
            cross[i] = new double[covariates];
            for (var g = 0; g < design.Length; g++)
            {
                var (a, b, unit) = Derivatives(Baseline[i] + Predictor(g));
                var u = (intervals[i].Events[g] * a) - ((intervals[i].Trials[g] - intervals[i].Events[g]) * b);
                var w = Math.Max(0, intervals[i].Trials[g]) * unit;
                baseline[i] = (baseline[i].Score + u, baseline[i].Information + w);
                for (var c = 0; c < covariates; c++)
                {
                    score[c] += u * design[g][c];
                    cross[i][c] += w * design[g][c];
                    for (var d = 0; d < covariates; d++)
                        information[c, d] += w * design[g][c] * design[g][d];
                }
            }
        }

        return new(score, information, baseline, cross);
    }

    /// <summary>One interval of the grid: events and trials of every group.</summary>
    private sealed record Interval(int Index, double[] Events, double[] Trials);

    /// <summary>First and second moments of the score: of β, of each α, and between them.</summary>
    private sealed record ScoreAndInformation(double[] Score, Matrix<double> Information, (double Score, double Information)[] Baseline, double[][] Cross);
}
