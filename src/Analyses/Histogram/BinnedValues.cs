using Consilience.Analyses.Statistics;

namespace Consilience.Analyses.Histogram;

/// <summary>Persons of one group in each bin, taken to be spread evenly inside it.</summary>
/// <param name="bins">Where bins begin and end.</param>
/// <param name="cells">Persons, as far as noise lets them be known: negative ones too.</param>
/// <param name="noise">Variance of noise and rounding on each cell.</param>
/// <param name="z">The normal quantile of limits.</param>
internal sealed class BinnedValues(Bins bins, double[] cells, double noise, double z)
{
    private readonly double persons = cells.Sum();

    internal double At(int bin) => cells[bin];

    /// <summary>Share of persons for each unit of the variable; null outside the edges, and where nobody is counted.</summary>
    internal Share? Density(int bin)
    {
        var width = bins.To(bin) - bins.From(bin);
        return !double.IsInfinity(width) && NoisyIntervals.Share(cells[bin], persons, cells.Length, noise, z) is { } s ? new Share(s.Estimate / width, s.Lower / width, s.Upper / width) : null;
    }

    /// <summary>Where the cumulative count first reaches p·n; null outside the edges, and where nobody is counted.</summary>
    internal double? Quantile(double p)
    {
        double below = 0;
        for (var k = 0; k < cells.Length && persons > 0; k++)
        {
            if (cells[k] > 0 && below + cells[k] >= p * persons)
                return Place(k, ((p * persons) - below) / cells[k]);
            below += cells[k];
        }

        return null;
    }

    /// <summary>
    /// The least and the greatest value x that the counts do not reject as the quantile (Woodruff 1952): with T = Σ g·cell, g = 1 − p below x, −p above it and f − p in its own bin, f of which lies below x,
    /// T² ≤ z²·(np(1 − p) + v·Σg²). Null where there is none inside the edges, and of probabilities 0 and 1.
    /// </summary>
    internal (double? Lower, double? Upper) Limits(double p)
    {
        if (persons <= 0 || p is <= 0 or >= 1)
            return (null, null);
        var accepted = Enumerable.Range(0, cells.Length).SelectMany(k => Accepted(k, p).Select(f => (Bin: k, Fraction: f))).ToList();
        return accepted.Count == 0 ? (null, null) : (Place(accepted[0].Bin, accepted[0].Fraction), Place(accepted[^1].Bin, accepted[^1].Fraction));
    }

    /// <summary>Ends, in increasing order, of the fractions of a bin that are not rejected: where a f² + b f + c ≤ 0.</summary>
    private IEnumerable<double> Accepted(int bin, double p)
    {
        var (rest, count, squared) = (cells.Take(bin).Sum() - (p * persons), cells[bin], z * z);
        var fixedSquares = (bin * (1 - p) * (1 - p)) + ((cells.Length - bin) * p * p);
        var a = (count * count) - (squared * noise);
        var b = 2 * ((rest * count) + (squared * noise * p));
        var c = (rest * rest) - (squared * ((persons * p * (1 - p)) + (noise * fixedSquares)));
        var root = Math.Sqrt((b * b) - (4 * a * c));
        double[] ends = [0, (-b - root) / (2 * a), (-b + root) / (2 * a), 1];
        return ends.Where((f, i) => f is >= 0 and <= 1 && (i is 1 or 2 || (((a * f) + b) * f) + c <= 0)).Order();
    }

    private double? Place(int bin, double fraction) =>
        double.IsInfinity(bins.From(bin)) || double.IsInfinity(bins.To(bin)) ? null : bins.From(bin) + ((bins.To(bin) - bins.From(bin)) * fraction);
}
