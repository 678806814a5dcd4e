namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>
/// The discrete Laplace sampler of <see cref="ExactSampler"/> in 64-bit integers, for a scale s/t with s, t &lt; 2³². It takes the same words and makes the same
/// decisions; only the width of the arithmetic differs.
/// </summary>
internal sealed class FastLaplace(UniformWords words, uint scaleNumerator, uint scaleDenominator)
{
    /// <summary>Largest numerator and denominator of a scale this path takes.</summary>
    internal const uint Limit = uint.MaxValue;

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

    private long Geometric()
    {
        ulong u;
        do
        {
            u = words.Below(scaleNumerator);
        }
        while (!BernoulliExp(u, scaleNumerator));

        ulong v = 0;
        while (BernoulliExp(1, 1))
            v++;
        return (long)((u + (scaleNumerator * v)) / scaleDenominator);
    }

    /// <summary>True with probability e^−(p/q), p ≤ q. The denominator q·k stays below 2⁶⁴: k grows past 2³² with a probability below 1/(2³²)!.</summary>
    private bool BernoulliExp(ulong p, ulong q)
    {
        ulong k = 1;
        while (Bernoulli(p, q * k))
            k++;
        return k % 2 == 1;
    }

    private bool Bernoulli(ulong p, ulong q)
    {
        // Reduced first, as the reference does, so that both take the same number of words.
        var divisor = GreatestCommonDivisor(p, q);
        return words.Below(q / divisor) + 1 <= p / divisor;
    }

    private static ulong GreatestCommonDivisor(ulong a, ulong b)
    {
        while (b != 0)
            (a, b) = (b, a % b);
        return a;
    }
}
