using Consilience.Analyses.Sums;

namespace Consilience.Analyses.LogRank;

/// <summary>
/// A stratum of a noised exit histogram, added to the totals of the unweighted test. Counters stay as they were opened, negative ones too: O − E is linear in events, so that noise moves it to both sides alike, where setting
/// negative counters to 0 would favour small groups. The variance of the noise is carried through O − E by its derivatives and added to its covariance: with s = n_k/n and A = −Σ_{i≤j} (d_i/n_i)(δ_kl − s_ki), they are δ_kl − s_kj + A in the
/// event cells of group l, and A in its censoring cells; beyond the grid the last A.
/// </summary>
internal sealed class NoisedStratum(ExitTable table, int groups, int stratum, int strata, NoiseModel noise)
{
    private readonly int intervals = table.Times.Count;

    internal void AddTo(LogRankTotals all, ReadOnlySpan<long> total)
    {
        var (atRisk, events, exited) = (new double[groups], new long[groups], new double[groups]);
        var gradients = new double[groups, groups][];
        for (var k = 0; k < groups; k++)
        {
            var cells = table.CellsOf(total, CellGroup(k));
            var exits = new Exits(cells);
            all.Persons[k] += exits.Persons;
            all.Events[k] += exits.Events;
            foreach (var cell in cells)
                atRisk[k] += cell;
            for (var l = 0; l < groups; l++)
                gradients[k, l] = new double[table.Stride];
        }

        var compensators = new double[groups, groups];
        for (var j = 0; j < intervals; j++)
        {
            for (var k = 0; k < groups; k++)
            {
                var cells = table.CellsOf(total, CellGroup(k));
                (events[k], exited[k]) = (cells[intervals + j], cells[j] + cells[intervals + j]);
            }

            Add(all, [.. atRisk.Select(n => Math.Max(0, n))], events, j, compensators, gradients);
            for (var k = 0; k < groups; k++)
                atRisk[k] -= exited[k];
        }

        AddNoise(all, gradients, compensators);
    }

    private int CellGroup(int group) => (group * strata) + stratum;

    private void Add(LogRankTotals all, double[] atRisk, long[] events, int interval, double[,] compensators, double[,][] gradients)
    {
        double n = atRisk.Sum(), d = events.Sum();
        for (var k = 0; k < groups; k++)
        {
            // Nobody is at risk any more, as far as one can see: what is counted here is noise.
            var share = n < 1 ? 0 : atRisk[k] / n;
            for (var l = 0; l < groups; l++)
            {
                var own = n < 1 ? 0 : (k == l ? 1 : 0) - share;
                if (n > 1)
                    all.Variance[k, l] += d * (n - d) / (n - 1) * share * ((k == l ? 1 : 0) - (atRisk[l] / n));
                compensators[k, l] -= n < 1 ? 0 : d / n * own;
                gradients[k, l][intervals + interval] = own + compensators[k, l];
                gradients[k, l][interval] = compensators[k, l];
            }

            if (n < 1)
                continue;
            all.Observed[k] += events[k];
            all.Expected[k] += d * share;
        }
    }

    private void AddNoise(LogRankTotals all, double[,][] gradients, double[,] compensators)
    {
        for (var l = 0; l < groups; l++)
        {
            var start = CellGroup(l) * table.Stride;
            for (var k = 0; k < groups; k++)
                gradients[k, l][^1] = compensators[k, l];
            double[] own = [.. Enumerable.Range(0, groups).Select(k => noise.VarianceOf(start, gradients[k, l]))];
            for (var k = 0; k < groups; k++)
            {
                all.Variance[k, k] += own[k];
                for (var m = 0; m < k; m++)
                {
                    double[] both = [.. gradients[k, l].Zip(gradients[m, l], (a, b) => a + b)];
                    var covariance = (noise.VarianceOf(start, both) - own[k] - own[m]) / 2;
                    all.Variance[k, m] += covariance;
                    all.Variance[m, k] += covariance;
                }
            }
        }
    }
}
