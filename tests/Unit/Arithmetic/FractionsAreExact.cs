using System.Numerics;
using CsCheck;

namespace Consilience.Arithmetic.Tests;

public sealed class FractionsAreExact
{
    private static readonly Gen<BigInteger> Integer = Gen.OneOf(
        Gen.Long[-20, 20].Select(l => (BigInteger)l),
        Gen.Long.Select(l => (BigInteger)l),
        Gen.Byte.Array[1, 60].Select(bytes => new BigInteger(bytes)));

    private static readonly Gen<Rational> Fraction =
        Gen.Select(Integer, Integer.Where(d => !d.IsZero), (n, d) => new Rational(n, d));

    /// <summary>Every quotient of two fractions with parts up to 12, against multiplication written out in machine integers and a search for the reduced form.</summary>
    private static string? FirstWrongQuotient(Func<Rational, Rational, Rational> divide)
    {
        const int reach = 12;
        for (long a = -reach; a <= reach; a++)
        {
            for (long b = 1; b <= reach; b++)
            {
                for (long c = -reach; c <= reach; c++)
                {
                    for (long d = 1; d <= reach && c != 0; d++)
                    {
                        var got = divide(new Rational(a, b), new Rational(c, d));
                        var (numerator, denominator) = Reduced(a * d, b * c);
                        if (got.Numerator != numerator || got.Denominator != denominator)
                            return $"({a}/{b})/({c}/{d}): {got}, expected {numerator}/{denominator}";
                    }
                }
            }
        }

        return null;
    }

    private static (long Numerator, long Denominator) Reduced(long numerator, long denominator)
    {
        if (denominator < 0)
            (numerator, denominator) = (-numerator, -denominator);
        for (var divisor = Math.Max(Math.Abs(numerator), denominator); divisor > 1; divisor--)
        {
            if (numerator % divisor == 0 && denominator % divisor == 0)
                return (numerator / divisor, denominator / divisor);
        }

        return (numerator, denominator);
    }

    [Fact]
    public void Division_agrees_with_brute_force() => Assert.Null(FirstWrongQuotient((a, b) => a / b));

    [Fact]
    public void A_division_that_loses_the_sign_of_the_divisor_is_caught() =>
        Assert.NotNull(FirstWrongQuotient((a, b) => new Rational(a.Numerator * b.Denominator, a.Denominator * BigInteger.Abs(b.Numerator))));

    [Fact]
    public void A_division_by_way_of_doubles_is_caught() =>
        Assert.NotNull(FirstWrongQuotient((a, b) => new Rational((BigInteger)(a.ToDouble() / b.ToDouble() * 5040), 5040)));

    [Fact]
    public void The_laws_of_a_field_hold() => Gen.Select(Fraction, Fraction, Fraction).Sample((a, b, c) =>
    {
        Assert.Equal(a + b, b + a);
        Assert.Equal(a * b, b * a);
        Assert.Equal((a + b) + c, a + (b + c));
        Assert.Equal((a * b) * c, a * (b * c));
        Assert.Equal(a * (b + c), (a * b) + (a * c));
        Assert.Equal(Rational.Zero, a - a);
        Assert.Equal(a, a + Rational.Zero);
        Assert.Equal(a, a * Rational.One);
        if (b.Sign != 0)
            Assert.Equal(a, a / b * b);
    });

    [Fact]
    public void A_fraction_is_always_reduced_with_a_positive_denominator() => Gen.Select(Fraction, Fraction).Sample((a, b) =>
    {
        foreach (var value in new[] { a, a + b, a - b, a * b })
        {
            Assert.Equal(1, value.Denominator.Sign);
            Assert.True(BigInteger.GreatestCommonDivisor(value.Numerator, value.Denominator).IsOne);
        }
    });

    [Fact]
    public void Order_is_that_of_cross_products() => Gen.Select(Fraction, Fraction).Sample((a, b) =>
    {
        var sign = (a - b).Sign;
        Assert.Equal(sign, Math.Sign(a.CompareTo(b)));
        Assert.Equal(sign < 0, a < b);
        Assert.Equal(sign > 0, a > b);
        Assert.Equal(sign <= 0, a <= b);
        Assert.Equal(sign >= 0, a >= b);
        Assert.Equal(sign == 0, a == b);
        Assert.Equal(sign != 0, a != b);
    });

    [Fact]
    public void Equal_fractions_have_equal_hashes() => Gen.Select(Fraction, Gen.Long[1, 1000]).Sample((a, k) =>
        Assert.Equal(a.GetHashCode(), new Rational(a.Numerator * k, a.Denominator * k).GetHashCode()));

    [Fact]
    public void Floor_and_ceiling_enclose_within_one() => Fraction.Sample(a =>
    {
        Assert.True(new Rational(a.Floor(), 1) <= a && a < new Rational(a.Floor() + 1, 1));
        Assert.True(new Rational(a.Ceiling() - 1, 1) < a && a <= new Rational(a.Ceiling(), 1));
    });

    [Theory]
    [InlineData(7, 2, 3, 4)]
    [InlineData(-7, 2, -4, -3)]
    [InlineData(6, 2, 3, 3)]
    [InlineData(-6, 2, -3, -3)]
    [InlineData(1, 3, 0, 1)]
    [InlineData(-1, 3, -1, 0)]
    [InlineData(0, 5, 0, 0)]
    public void Floor_and_ceiling_of_negatives_go_down_and_up(int n, int d, int floor, int ceiling)
    {
        Assert.Equal(floor, new Rational(n, d).Floor());
        Assert.Equal(ceiling, new Rational(n, d).Ceiling());
    }

    [Fact]
    public void Nothing_is_divided_by_zero()
    {
        Assert.Throws<DivideByZeroException>(() => new Rational(1, 0));
        Assert.Throws<DivideByZeroException>(() => Rational.One / Rational.Zero);
    }

    [Fact]
    public void The_double_for_display_is_the_nearest_or_next_to_it_whatever_the_size()
    {
        Gen.Select(Gen.Long[-1L << 52, 1L << 52], Gen.Long[1, 1L << 52]).Sample((n, d) =>
            Assert.Equal((double)n / d, new Rational(n, d).ToDouble()));
        Assert.Equal(1.0 / 3, new Rational(BigInteger.Pow(10, 400), 3 * BigInteger.Pow(10, 400)).ToDouble(), 1e-15);
        Assert.Equal(0.1, new Rational(BigInteger.Pow(10, 399) + 1, BigInteger.Pow(10, 400)).ToDouble(), 1e-15);
        Assert.Equal(-0.1, new Rational(-BigInteger.Pow(10, 399) - 1, BigInteger.Pow(10, 400)).ToDouble(), 1e-15);
        Assert.Equal(double.PositiveInfinity, new Rational(BigInteger.Pow(10, 400), 3).ToDouble());
        Assert.Equal(0, new Rational(3, BigInteger.Pow(10, 400)).ToDouble());
    }
}
