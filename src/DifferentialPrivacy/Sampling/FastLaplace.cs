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
    internal const ulong Limit = FastBernoulli.Limit;

    /// <summary>Largest numerator whose fractions u/s are reduced once and kept.</summary>
    private const ulong Remembered = 4096;

    private readonly UniformWords words;
    private readonly FastBernoulli bernoulli;
    private readonly ulong[] divisors;
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
        bernoulli = new FastBernoulli(words);
        divisors = scaleNumerator <= Remembered ? new ulong[scaleNumerator] : [];
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
        ulong u, divisor;
        do
        {
            u = words.Below(s);
            divisor = DivisorOf(u);
        }
        while (!bernoulli.Exp(u / divisor, s / divisor));

        ulong v = 0;
        while (bernoulli.ExpOfOne())
            v++;
        return (long)((u + (s * v)) / t);
    }

    private ulong DivisorOf(ulong u)
    {
        if (divisors.Length == 0)
            return FastBernoulli.GreatestCommonDivisor(u, s);
        ref var known = ref divisors[u];
        if (known == 0)
            known = FastBernoulli.GreatestCommonDivisor(u, s);
        return known;
    }
}
