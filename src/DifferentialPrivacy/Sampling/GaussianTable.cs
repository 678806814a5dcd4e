using System.Numerics;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>
/// The draws of <see cref="ExactInversion"/> from a table of the first 63 digits of F_k: one pair of words decides all but some k·2⁻⁶³ of them, which the reference goes on with.
/// Immutable; safe to share between threads.
/// </summary>
internal sealed class GaussianTable
{
    private readonly Rational variance;
    private readonly ulong[] shares;

    // For each value of U's leading digits the least size that U can have: most draws then take one comparison.
    private readonly ushort[] least;
    private readonly int shift;

    private GaussianTable(Rational variance)
    {
        this.variance = variance;
        shares = [.. GaussianShares.Of(variance, ExactInversion.FirstDigits).Select(share => (ulong)share)];
        var leading = BitOperations.Log2((uint)shares.Length) + 2;
        shift = ExactInversion.FirstDigits - leading;
        least = new ushort[1 << leading];
        for (var (i, size) = (0, 0); i < least.Length; i++)
        {
            while (shares[size] < (ulong)i << shift)
                size++;
            least[i] = (ushort)size;
        }
    }

    /// <summary>Largest σ² for which a table is worth its making: σ = 1000, some 9,300 sizes.</summary>
    internal static Rational LargestVariance { get; } = 1_000_000;

    /// <summary>Null above <see cref="LargestVariance"/>.</summary>
    internal static GaussianTable? TryCreate(Rational variance) => variance <= LargestVariance ? new GaussianTable(variance) : null;

    /// <summary>P(y) ∝ e^(−y²/2σ²).</summary>
    internal long Next(UniformWords words)
    {
        var pair = words.NextPair();
        var u = pair >> 1;
        int size = least[u >> shift];
        while (u > shares[size])
            size++;
        var drawn = u == shares[size] ? new ExactInversion(words, variance).Size(u) : size;
        // Without a branch that half of all draws would take: −x is ~x + 1.
        var sign = -(long)(pair & 1);
        return (drawn ^ sign) - sign;
    }
}
