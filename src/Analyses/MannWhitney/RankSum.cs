namespace Consilience.Analyses.MannWhitney;

/// <summary>Mann and Whitney's statistic of two groups in ordered bins, whoever shares a bin being tied: R's <c>wilcox.test(exact = FALSE)</c> on the binned values.</summary>
internal sealed class RankSum
{
    private readonly double variance;

    internal RankSum(ReadOnlySpan<long> first, ReadOnlySpan<long> second)
    {
        double below = 0, ties = 0;
        for (var bin = 0; bin < first.Length; bin++)
        {
            double here = first[bin] + second[bin];
            Statistic += first[bin] * (below + (second[bin] / 2.0));
            ties += (here * here * here) - here;
            below += second[bin];
            (First, Second) = (First + first[bin], Second + second[bin]);
        }

        double n = First + Second;
        variance = (double)First * Second / 12 * (n + 1 - (ties / (n * (n - 1))));
    }

    /// <summary>Persons of the first group.</summary>
    internal long First { get; }

    internal long Second { get; }

    /// <summary>W: pairs of which the person of the first group has the larger value, ties counting half.</summary>
    internal double Statistic { get; }

    /// <summary>The share of W in all pairs: the probability that a person of the first group has the larger value, ties counting half. Not a number where a group is empty.</summary>
    internal double Superiority => Statistic / ((double)First * Second);

    /// <summary>W less its expectation, brought nearer to it by <paramref name="correction"/>, in standard deviations of the null distribution; not a number where everybody is tied.</summary>
    internal double Z(double correction)
    {
        var distance = Statistic - ((double)First * Second / 2);
        return variance > 0 ? (distance - (Math.Sign(distance) * correction)) / Math.Sqrt(variance) : double.NaN;
    }
}
