namespace Consilience.Client.Train;

/// <summary>
/// A clip that follows the persons: after each round it is multiplied by e^(−rate·(b − quantile)), b the share of persons whose gradient or update was no longer than it, as the round's noised counters tell it (Andrew, Thakkar, McMahan and Ramaswamy
/// 2021, <i>Differentially private learning with adaptive clipping</i>, algorithm 1). In decimals, so that whoever verifies a training finds the very numbers that were asked with.
/// </summary>
/// <param name="Quantile">Of the lengths of persons' gradients or updates, towards which the clip moves.</param>
/// <param name="Rate">η: the most that a round moves the clip's logarithm.</param>
public sealed record AdaptiveClip(decimal Quantile, decimal Rate)
{
    /// <summary>Of a clip, that a person who was clipped is counted as: with so much, b is seen through noise that is scaled to the clip.</summary>
    internal const int Counted = 4;

    /// <summary>Below it units are too coarse, above it too many.</summary>
    internal const decimal Least = 0.0001m;
    internal const decimal Most = 1_000_000;

    /// <summary>A clip is at least this many units, and fewer than twice as many, but for clips that not even whole numbers make so few.</summary>
    private const int Units = 1024;
    private const int MostBits = 24;
    private const int Digits = 12;

    /// <summary>The bits of a round with this clip.</summary>
    internal static int BitsOf(decimal clip)
    {
        var bits = MostBits;
        while (bits > 0 && clip * (1 << bits) >= 2 * Units)
            bits--;
        return bits;
    }

    /// <param name="clip">Of the round.</param>
    /// <param name="clipped">Share of persons whose gradient or update was longer, noise and all; null where nobody was there.</param>
    internal decimal Next(decimal clip, double? clipped)
    {
        if (clipped is null)
            return clip;
        var within = 1 - (decimal)Math.Clamp(clipped.Value, 0, 1);
        return Math.Clamp(Math.Round(clip * Exp(-Rate * (within - Quantile)), Digits), Least, Most);
    }

    /// <summary>By its series: |x| is at most 1, so 20 terms leave nothing in 12 digits.</summary>
    private static decimal Exp(decimal x)
    {
        decimal term = 1, sum = 1;
        for (var n = 1; n <= 20; n++)
        {
            term = term * x / n;
            sum += term;
        }

        return sum;
    }
}
