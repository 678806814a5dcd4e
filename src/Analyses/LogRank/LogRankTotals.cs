using Consilience.Analyses.Sums;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.LogRank;

/// <summary>Of each group persons and events, and weighted observed and expected events with their covariance: what adds up over strata, be they of a table or sites.</summary>
internal sealed class LogRankTotals(int groups)
{
    internal long[] Persons { get; } = new long[groups];

    internal long[] Events { get; } = new long[groups];

    internal double[] Observed { get; } = new double[groups];

    internal double[] Expected { get; } = new double[groups];

    internal Matrix<double> Variance { get; } = Matrix<double>.Build.Dense(groups, groups);

    /// <summary>Groups of which one is left out, and in which events are expected: those that a test reads.</summary>
    internal int[] Used => [.. Enumerable.Range(0, groups).Where(k => Expected[k] > 0).Skip(1)];

    /// <summary>Adds a stratum of an exit histogram whose groups are those compared and, within each, the strata.</summary>
    internal void Add(ReadOnlySpan<long> total, ExitTable table, int stratum, int strata, double rho)
    {
        var atRisk = new long[groups];
        for (var k = 0; k < groups; k++)
        {
            var exits = new Exits(table.CellsOf(total, (k * strata) + stratum));
            atRisk[k] = exits.Persons;
            Persons[k] += exits.Persons;
            Events[k] += exits.Events;
        }

        double survival = 1;
        var (events, exited) = (new long[groups], new long[groups]);
        for (var j = 0; j < table.Times.Count; j++)
        {
            for (var k = 0; k < groups; k++)
            {
                (events[k], var censored) = new Exits(table.CellsOf(total, (k * strata) + stratum)).At(j);
                exited[k] = events[k] + censored;
            }

            var (n, d) = (atRisk.Sum(), events.Sum());
            if (d > 0)
            {
                Add(events, atRisk, d, n, Math.Pow(survival, rho));
                survival *= (double)(n - d) / n;
            }

            for (var k = 0; k < groups; k++)
                atRisk[k] -= exited[k];
        }
    }

    /// <summary>Null without two groups in which events are expected.</summary>
    internal (double? Statistic, int Degrees) Test()
    {
        var used = Used;
        if (used.Length == 0)
            return (null, 0);
        var z = Vector<double>.Build.Dense([.. used.Select(k => Observed[k] - Expected[k])]);
        var v = Matrix<double>.Build.Dense(used.Length, used.Length, (i, j) => Variance[used[i], used[j]]);
        var statistic = z.DotProduct(v.Solve(z));
        return (double.IsFinite(statistic) ? statistic : null, used.Length);
    }

    private void Add(long[] events, long[] atRisk, long d, long n, double weight)
    {
        var spread = n > 1 ? weight * weight * d * (n - d) / (n - 1) : 0;
        for (var k = 0; k < groups; k++)
        {
            var share = (double)atRisk[k] / n;
            Observed[k] += weight * events[k];
            Expected[k] += weight * d * share;
            for (var l = 0; l < groups; l++)
                Variance[k, l] += spread * share * ((k == l ? 1 : 0) - ((double)atRisk[l] / n));
        }
    }
}
