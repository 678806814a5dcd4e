using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Consilience.Arithmetic;

/// <summary>
/// An exact fraction, always reduced, with a positive denominator. Privacy parameters are rationals so that no rounding ever takes part in noise, charge or refusal.
/// </summary>
public sealed class Rational : IEquatable<Rational>, IComparable<Rational>
{
    private const int LongestText = 128;

    public Rational(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero)
            throw new DivideByZeroException("rational: the denominator is zero");
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        Numerator = numerator / divisor;
        Denominator = denominator / divisor;
    }

    public static Rational Zero { get; } = new(0, 1);

    public static Rational One { get; } = new(1, 1);

    public BigInteger Numerator { get; }

    /// <summary>Positive.</summary>
    public BigInteger Denominator { get; }

    public int Sign => Numerator.Sign;

    public static implicit operator Rational(long value) => new(value, 1);

    public static Rational operator +(Rational a, Rational b) =>
        new((a.Numerator * b.Denominator) + (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

    public static Rational operator -(Rational a, Rational b) =>
        new((a.Numerator * b.Denominator) - (b.Numerator * a.Denominator), a.Denominator * b.Denominator);

    public static Rational operator *(Rational a, Rational b) => new(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    public static Rational operator /(Rational a, Rational b) => new(a.Numerator * b.Denominator, a.Denominator * b.Numerator);

    public static bool operator <(Rational a, Rational b) => a.CompareTo(b) < 0;

    public static bool operator >(Rational a, Rational b) => a.CompareTo(b) > 0;

    public static bool operator <=(Rational a, Rational b) => a.CompareTo(b) <= 0;

    public static bool operator >=(Rational a, Rational b) => a.CompareTo(b) >= 0;

    public static bool operator ==(Rational? a, Rational? b) => a is null ? b is null : a.Equals(b);

    public static bool operator !=(Rational? a, Rational? b) => !(a == b);

    /// <summary>The largest integer not above this.</summary>
    public BigInteger Floor()
    {
        var quotient = BigInteger.DivRem(Numerator, Denominator, out var remainder);
        return remainder.Sign < 0 ? quotient - 1 : quotient;
    }

    /// <summary>The smallest integer not below this.</summary>
    public BigInteger Ceiling() => -new Rational(-Numerator, Denominator).Floor();

    /// <summary>⌊√n⌋ for n ≥ 0, exactly, by Newton's method from above.</summary>
    public static BigInteger SquareRootFloor(BigInteger n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        if (n.IsZero)
            return n;
        var root = BigInteger.One << (int)((n.GetBitLength() + 1) / 2);
        while (true)
        {
            var next = (root + (n / root)) >> 1;
            if (next >= root)
                return root;
            root = next;
        }
    }

    /// <summary>A fraction not below √this, and above it by less than 2⁻⁶⁰ of the larger of 1 and itself. For bounds that must not be too small.</summary>
    public Rational SquareRootCeiling()
    {
        var scaled = (this * new Rational(BigInteger.One << 128, 1)).Ceiling();
        var root = SquareRootFloor(scaled);
        return new Rational(root * root == scaled ? root : root + 1, BigInteger.One << 64);
    }

    /// <summary>The double next to this to within two units in its last place, however large both parts are. For display only.</summary>
    public double ToDouble()
    {
        // Of each part the leading 64 bits suffice; without the shifts both could be infinite.
        var numeratorShift = (int)Math.Max(0, BigInteger.Abs(Numerator).GetBitLength() - 64);
        var denominatorShift = (int)Math.Max(0, Denominator.GetBitLength() - 64);
        return Math.ScaleB((double)(Numerator >> numeratorShift) / (double)(Denominator >> denominatorShift), numeratorShift - denominatorShift);
    }

    /// <summary>Reads <c>3</c>, <c>-3</c>, <c>0.25</c> or <c>3/7</c>; nothing else, and at most 128 characters.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Rational? value)
    {
        value = null;
        if (text is null or "" || text.Length > LongestText)
            return false;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return TryParseDecimal(text, out value);
        if (!TryParseInteger(text[..slash], out var numerator) || !TryParseInteger(text[(slash + 1)..], out var denominator) || denominator.Sign <= 0)
            return false;
        value = new Rational(numerator, denominator);
        return true;
    }

    public static Rational Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException("rational: expected a number such as 3, 0.25 or 3/7");

    public int CompareTo(Rational? other) =>
        other is null ? 1 : (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    public bool Equals(Rational? other) => other is not null && Numerator == other.Numerator && Denominator == other.Denominator;

    public override bool Equals(object? obj) => Equals(obj as Rational);

    public override int GetHashCode() => HashCode.Combine(Numerator, Denominator);

    /// <summary>The canonical text: <c>n</c> or <c>n/d</c>.</summary>
    public override string ToString() =>
        Denominator.IsOne
            ? Numerator.ToString(CultureInfo.InvariantCulture)
            : $"{Numerator.ToString(CultureInfo.InvariantCulture)}/{Denominator.ToString(CultureInfo.InvariantCulture)}";

    private static bool TryParseInteger(string text, out BigInteger value)
    {
        value = default;
        var digits = text.StartsWith('-') ? text[1..] : text;
        return digits.Length > 0 && digits.All(char.IsAsciiDigit)
            && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryParseDecimal(string text, [NotNullWhen(true)] out Rational? value)
    {
        value = null;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        if (point < 0)
        {
            if (!TryParseInteger(text, out var whole))
                return false;
            value = new Rational(whole, 1);
            return true;
        }

        var decimals = text.Length - point - 1;
        if (decimals == 0 || point == 0 || text[point - 1] == '-' || !TryParseInteger(text.Remove(point, 1), out var scaled))
            return false;
        value = new Rational(scaled, BigInteger.Pow(10, decimals));
        return true;
    }
}
