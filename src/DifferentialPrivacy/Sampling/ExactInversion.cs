using System.Numerics;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>
/// A discrete Gaussian by inversion: the sign is the lowest bit of a pair of words, the size k the one with F_{k−1} ≤ U &lt; F_k for a uniform U of which the other 63 bits are the
/// first binary digits and further pairs of words the next, taken while the digits known leave two sizes open. The reference that <see cref="GaussianTable"/> must agree with draw for draw.
/// </summary>
internal sealed class ExactInversion(UniformWords words, Rational variance)
{
    /// <summary>Digits of U in the first pair of words.</summary>
    internal const int FirstDigits = 63;

    /// <summary>P(y) ∝ e^(−y²/2σ²).</summary>
    internal long Next()
    {
        var pair = words.NextPair();
        var size = Size(pair >> 1);
        return (pair & 1) == 0 ? size : -size;
    }

    /// <summary>The size that U has, given its first digits.</summary>
    internal long Size(BigInteger first)
    {
        var (u, digits) = (first, FirstDigits);
        while (true)
        {
            var shares = GaussianShares.Of(variance, digits);
            var size = Array.FindIndex(shares, share => u <= share);
            // With the same digits as F_k, U is on either side of it.
            if (u < shares[size])
                return size;
            (u, digits) = ((u << 64) + words.NextPair(), digits + 64);
        }
    }
}
