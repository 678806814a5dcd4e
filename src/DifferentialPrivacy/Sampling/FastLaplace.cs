using System.Numerics;

namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>
/// The discrete Laplace sampler of <see cref="ExactSampler"/> in 64-bit integers, for a scale s/t. It takes the same words and makes the same decisions; only the
/// width of the arithmetic differs.
/// <para>
/// Width: with s, t ≤ 2⁴⁸ nothing overflows while the counters k and v below stay under 2¹⁵. They reach that with probabilities 1/(2¹⁵)! and e^−(2¹⁵); if they did,
/// checked arithmetic would throw rather than draw from another distribution.
/// </para>
/// </summary>
internal sealed class FastLaplace
{
    /// <summary>Largest numerator and denominator of a scale this path takes.</summary>
    internal const ulong Limit = 1UL << 48;

    private readonly UniformWords words;
    private readonly ulong s;
    private readonly ulong t;

    /// <param name="words">Where the randomness comes from.</param>
    /// <param name="scaleNumerator">s, from 1 to <see cref="Limit"/>.</param>
    /// <param name="scaleDenominator">t, from 1 to <see cref="Limit"/>, without a common divisor with s.</param>
    internal FastLaplace(UniformWords words, ulong scaleNumerator, ulong scaleDenominator)
    {
        ArgumentOutOfRangeException.ThrowIfZero(scaleNumerator);
        ArgumentOutOfRangeException.ThrowIfZero(scaleDenominator);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scaleNumerator, Limit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scaleDenominator, Limit);
        this.words = words;
        s = scaleNumerator;
        t = scaleDenominator;
    }

    /// <summary>P(y) ∝ e^(−|y|·t/s).</summary>
    internal long Next()
    {
        while (true)
        {
            var negative = words.Below(2) == 0;
            var magnitude = Geometric();
            if (!negative)
                return magnitude;
            if (magnitude != 0)
                return -magnitude;
        }
    }

    /// <summary>P(n) ∝ e^(−n·t/s): u + s·v is geometric with e^(−1/s), and every t consecutive values of it make one of n.</summary>
    private long Geometric()
    {
        ulong u;
        do
        {
            u = words.Below(s);
        }
        while (!BernoulliExpOf(u));

        ulong v = 0;
        while (BernoulliExpOfOne())
            v++;
        return (long)((u + (s * v)) / t);
    }

    /// <summary>True with probability e^−(u/s), u ≤ s.</summary>
    private bool BernoulliExpOf(ulong u)
    {
        // Every fraction is reduced before it is drawn, as the reference does, so that both take the same number of words. Once u/s is reduced,
        // what (u/s)/k has in common is what u has in common with the small k.
        var divisor = GreatestCommonDivisor(u, s);
        ulong p = u / divisor, q = s / divisor;
        for (ulong k = 1; ; k++)
        {
            var common = k == 1 ? 1 : GreatestCommonDivisor(p % k, k);
            if (words.Below(q * (k / common)) >= p / common)
                return k % 2 == 1;
        }
    }

    /// <summary>True with probability 1/e.</summary>
    private bool BernoulliExpOfOne()
    {
        ulong k = 1;
        while (words.Below(k) == 0)
            k++;
        return k % 2 == 1;
    }

    /// <summary>Stein's algorithm: shifts and subtractions only, which is what makes the draw cheap for a large scale.</summary>
    private static ulong GreatestCommonDivisor(ulong a, ulong b)
    {
        if (a == 0 || b == 0)
            return a | b;
        var shift = BitOperations.TrailingZeroCount(a | b);
        a >>= BitOperations.TrailingZeroCount(a);
        while (b != 0)
        {
            b >>= BitOperations.TrailingZeroCount(b);
            (a, b) = a < b ? (a, b - a) : (b, a - b);
        }

        return a << shift;
    }
}
