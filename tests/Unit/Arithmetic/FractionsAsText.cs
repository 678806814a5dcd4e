using System.Numerics;
using CsCheck;

namespace Consilience.Arithmetic.Tests;

public sealed class FractionsAsText
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("3", "3")]
    [InlineData("-3", "-3")]
    [InlineData("007", "7")]
    [InlineData("0.5", "1/2")]
    [InlineData("-0.25", "-1/4")]
    [InlineData("1.50", "3/2")]
    [InlineData("3/7", "3/7")]
    [InlineData("-6/4", "-3/2")]
    [InlineData("8/4", "2")]
    [InlineData("0.1", "1/10")]
    public void Decimals_and_fractions_are_read_exactly_and_written_canonically(string text, string canonical)
    {
        Assert.Equal(canonical, Rational.Parse(text).ToString());
        Assert.Equal(Rational.Parse(text), Rational.Parse(canonical));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("+1")]
    [InlineData("--1")]
    [InlineData("-")]
    [InlineData(".5")]
    [InlineData("-.5")]
    [InlineData("5.")]
    [InlineData(".")]
    [InlineData("1.2.3")]
    [InlineData("1,5")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("٣")]
    [InlineData("1/0")]
    [InlineData("1/-2")]
    [InlineData("1/2/3")]
    [InlineData("0.5/2")]
    [InlineData("/2")]
    [InlineData("1/")]
    [InlineData("1 / 2")]
    [InlineData("−1")]
    [InlineData("1_000")]
    public void Anything_else_is_refused(string? text)
    {
        Assert.False(Rational.TryParse(text, out var value));
        Assert.Null(value);
    }

    [Fact]
    public void A_text_too_long_to_be_meant_is_refused()
    {
        Assert.True(Rational.TryParse(new string('9', 128), out _));
        Assert.False(Rational.TryParse(new string('9', 129), out _));
    }

    [Fact]
    public void What_is_written_is_read_back() => Gen.Select(Gen.Byte.Array[1, 24], Gen.Byte.Array[1, 24]).Sample((n, d) =>
    {
        var value = new Rational(new BigInteger(n), BigInteger.Abs(new BigInteger(d)) + 1);
        Assert.Equal(value, Rational.Parse(value.ToString()));
    });

    [Fact]
    public void A_decimal_is_the_decimal_number_written() => Gen.Select(Gen.Long[0, 1_000_000_000_000], Gen.Int[1, 20]).Sample((n, decimals) =>
    {
        var digits = n.ToString().PadLeft(decimals + 1, '0');
        Assert.Equal(new Rational(n, BigInteger.Pow(10, decimals)), Rational.Parse($"{digits[..^decimals]}.{digits[^decimals..]}"));
    });

    [Fact]
    public void No_text_makes_the_parser_throw() => Gen.String[Gen.Char["0123456789./- e\u0663"], 0, 40].Sample(text =>
    {
        if (!Rational.TryParse(text, out _))
            Assert.Throws<FormatException>(() => Rational.Parse(text));
    });
}
