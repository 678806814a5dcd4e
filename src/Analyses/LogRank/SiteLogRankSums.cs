using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.LogRank;

/// <summary>
/// The log-rank test with each site a stratum, or within it each combination of strata: a site computes <see cref="LogRankTotals"/> of its own exit histogram, which add up. For each group persons, events, weighted observed and expected events; then
/// the lower triangle of their covariance. Real sums of a site are rounded to 2⁻³⁰ once.
/// </summary>
internal sealed class SiteLogRankSums(ExitTable exits, int groups, int strata, double rho) : SiteSums
{
    private const int Columns = 4;

    public override int VectorLength => (groups * Columns) + (groups * (groups + 1) / 2);

    /// <summary>What one person can change is not bounded closely enough to hide it.</summary>
    public override ContributionBound Bound => throw new NotSupportedException("sums of a test have no bound for noise");

    public override long LargestCounter => FixedPoint.Largest;

    public override string Canonical => CanonicalOf(writer =>
    {
        writer.WriteString("logRank", exits.Canonical);
        writer.WriteNumber("strata", strata);
        writer.WriteNumber("rho", rho);
    });

    public override void Encode(IRows rows, Span<long> vector)
    {
        var (cells, own) = (new long[exits.VectorLength], new LogRankTotals(groups));
        exits.Encode(rows, cells);
        for (var stratum = 0; stratum < strata; stratum++)
            own.Add(cells, exits, stratum, strata, rho);
        var next = groups * Columns;
        for (var k = 0; k < groups; k++)
        {
            (vector[k * Columns], vector[(k * Columns) + 1]) = (own.Persons[k], own.Events[k]);
            (vector[(k * Columns) + 2], vector[(k * Columns) + 3]) = (Whole(own.Observed[k]), Whole(own.Expected[k]));
            for (var l = 0; l <= k; l++)
                vector[next++] = Whole(own.Variance[k, l]);
        }
    }

    internal LogRankTotals Read(ReadOnlySpan<long> total)
    {
        var (all, next) = (new LogRankTotals(groups), groups * Columns);
        for (var k = 0; k < groups; k++)
        {
            (all.Persons[k], all.Events[k]) = (total[k * Columns], total[(k * Columns) + 1]);
            (all.Observed[k], all.Expected[k]) = (total[(k * Columns) + 2] / FixedPoint.Unit, total[(k * Columns) + 3] / FixedPoint.Unit);
            for (var l = 0; l <= k; l++)
                all.Variance[k, l] = all.Variance[l, k] = total[next++] / FixedPoint.Unit;
        }

        return all;
    }

    private static long Whole(double sum) => checked((long)Math.Round(sum * FixedPoint.Unit));
}
