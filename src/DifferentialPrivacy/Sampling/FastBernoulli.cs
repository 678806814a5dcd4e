using System.Numerics;

namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>
/// Bernoulli draws with probability e^−x in 64-bit integers: the same words and the same decisions as <see cref="ExactSampler"/>.
/// <para>
/// Width: with denominators of at most <see cref="Limit"/> nothing overflows while the counter k below stays under 2¹⁵. It reaches that with probability 1/(2¹⁵)!; if it
/// did, checked arithmetic would throw rather than draw from another distribution.
/// </para>
/// </summary>
internal sealed class FastBernoulli(UniformWords words)
{
    /// <summary>Largest denominator this path takes.</summary>
    internal const ulong Limit = 1UL << 48;

    /// <summary>True with probability e^−(p/q), for a reduced p/q ≤ 1 with q at most <see cref="Limit"/>.</summary>
    internal bool Exp(ulong p, ulong q)
    {
        // Every fraction is reduced before it is drawn, as the reference does, so that both take the same number of words. As p/q is reduced,
        // what (p/q)/k has in common is what p has in common with the small k: for 2 and 3, which decide most draws, one remainder.
        for (ulong k = 1; ; k++)
        {
            var common = k switch
            {
                1 => 1UL,
                2 => 2 - (p & 1),
                3 => p % 3 == 0 ? 3 : 1UL,
                _ => GreatestCommonDivisor(p % k, k),
            };
            if (words.Below(q * (k / common)) >= p / common)
                return k % 2 == 1;
        }
    }

    /// <summary>True with probability 1/e.</summary>
    internal bool ExpOfOne()
    {
        ulong k = 1;
        while (words.Below(k) == 0)
            k++;
        return k % 2 == 1;
    }

    /// <summary>Stein's algorithm: shifts and subtractions only, which is what makes the draw cheap for a large scale.</summary>
    internal static ulong GreatestCommonDivisor(ulong a, ulong b)
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
