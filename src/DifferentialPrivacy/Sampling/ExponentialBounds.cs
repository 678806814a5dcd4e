using System.Numerics;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>An interval that a number in units of 2^−b lies in, kept through multiplication of numbers from 0 to 1.</summary>
internal readonly record struct ExponentialBounds(BigInteger Lower, BigInteger Upper)
{
    internal ExponentialBounds Times(ExponentialBounds other, int bits) =>
        new((Lower * other.Lower) >> bits, RoundedUp(Upper * other.Upper, bits));

    /// <summary>
    /// Of e^−x, x &gt; 0: the alternating series of e^−y for y = x/2^s at most ½, whose every next term bounds what is left out, squared s times.
    /// </summary>
    internal static ExponentialBounds Of(Rational x, int bits)
    {
        var unit = BigInteger.One << bits;
        // e^−x is below 2^−b then, and its square roots would take their time.
        if (x >= bits)
            return new(BigInteger.Zero, BigInteger.One);
        var halvings = (int)x.Ceiling().GetBitLength() + 1;
        var (p, q) = (x.Numerator, x.Denominator << halvings);
        var (term, sum) = (new ExponentialBounds(unit, unit), new ExponentialBounds(unit, unit));
        for (var i = 1; term.Upper > 1; i++)
        {
            term = new(term.Lower * p / (q * i), (term.Upper * p / (q * i)) + 1);
            sum = i % 2 == 1 ? new(sum.Lower - term.Upper, sum.Upper - term.Lower) : new(sum.Lower + term.Lower, sum.Upper + term.Upper);
        }

        var result = new ExponentialBounds(BigInteger.Max(0, sum.Lower - term.Upper), BigInteger.Min(unit, sum.Upper + term.Upper));
        for (var i = 0; i < halvings; i++)
            result = result.Times(result, bits);
        return result;
    }

    private static BigInteger RoundedUp(BigInteger value, int bits) => -(-value >> bits);
}
