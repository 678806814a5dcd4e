using System.Numerics;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>
/// The distribution of the size of a discrete Gaussian, F_k = P(|y| ≤ k) = (1 + 2·Σ_{j≤k} e_j) / (1 + 2·Σ_j e_j) with e_j = e^(−j²/2σ²), to any number of binary digits and exactly.
/// <para>
/// Every quantity is an interval of integers in units of 2^−p. e_{j+1} = e_j·r_j and r_{j+1} = r_j·e^(−1/σ²), r_0 = e^(−1/2σ²); beyond K the sum is at most ∫_K^∞ e^(−x²/2σ²)dx ≤ (σ²/K)·e_K.
/// Where two ends of an interval have other digits, p is doubled. Argument: <c>docs/guarantees/exact-noise.md</c>.
/// </para>
/// </summary>
internal static class GaussianShares
{
    /// <summary>⌊2^digits·F_k⌋ for k = 0, 1, … until all digits are ones.</summary>
    internal static BigInteger[] Of(Rational variance, int digits)
    {
        for (var precision = digits + 64; ; precision *= 2)
        {
            if (TryOf(variance, digits, precision) is { } shares)
                return shares;
        }
    }

    private static BigInteger[]? TryOf(Rational variance, int digits, int precision)
    {
        var (sums, total) = Sums(variance, precision);
        var (shares, last) = (new List<BigInteger>(), (BigInteger.One << digits) - 1);
        foreach (var sum in sums)
        {
            // F_k rises with the sum up to k and falls with what follows, whose ends are the differences of like ends. It is below 1, whatever the interval says.
            var lower = (sum.Lower << digits) / (sum.Lower + total.Upper - sum.Upper);
            var upper = BigInteger.Min(last, (sum.Upper << digits) / (sum.Upper + total.Lower - sum.Lower));
            if (lower != upper)
                return null;
            shares.Add(lower);
            if (lower == last)
                return [.. shares];
        }

        return null;
    }

    /// <summary>1 + 2·Σ_{j≤k} e_j for k up to the first that leaves nothing at this precision, and the same of all k.</summary>
    private static (List<ExponentialBounds> Sums, ExponentialBounds Total) Sums(Rational variance, int precision)
    {
        var unit = BigInteger.One << precision;
        var ratio = ExponentialBounds.Of(Rational.One / (variance * 2), precision);
        var step = ratio.Times(ratio, precision);
        var (weight, sum) = (new ExponentialBounds(unit, unit), new ExponentialBounds(unit, unit));
        var sums = new List<ExponentialBounds> { sum };
        while (!weight.Lower.IsZero)
        {
            weight = weight.Times(ratio, precision);
            ratio = ratio.Times(step, precision);
            sum = new(sum.Lower + (2 * weight.Lower), sum.Upper + (2 * weight.Upper));
            sums.Add(sum);
        }

        var beyond = (variance / (sums.Count - 1) * new Rational(2 * weight.Upper, 1)).Ceiling();
        return (sums, new(sum.Lower, sum.Upper + beyond));
    }
}
