using System.Globalization;
using System.Numerics;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;
using CsCheck;

namespace Consilience.DifferentialPrivacy.Tests.Sampling;

/// <summary>
/// The table of discrete Gaussian sizes and its reference: digits of the distribution computed elsewhere, the same draws from the same bytes, and the right side of every border, where twins fall on
/// the wrong one.
/// </summary>
public sealed class TableDrawsAlike
{
    /// <summary>Digits of U in three pairs of words, without the sign.</summary>
    private const int Digits = ExactInversion.FirstDigits + 128;

    private delegate long Path(UniformWords words, Rational variance);

    private static readonly Path Table = (words, variance) => GaussianTable.TryCreate(variance)!.Next(words);
    private static readonly Path Reference = (words, variance) => new ExactInversion(words, variance).Next();

    /// <summary>⌊2¹⁹²·F_k⌋ from 600-bit arithmetic of mpmath 1.3: sums of exp(−j²/2σ²) up to 40σ.</summary>
    [Theory]
    [InlineData("1/4", 0, "c95cb2a6bc9c822987c3c68d1966c28e5738f89e3f594161")]
    [InlineData("1/4", 2, "ffffff9918e03b29bcb0f110cc2fcc4814785ad189692061")]
    [InlineData("1", 0, "662114c625dcf1a1fc08d67b8001162283fbcd4490a4ec6e")]
    [InlineData("1", 1, "e204aaf3d33038cfad4e0445d7880aed3baf23986c6810b4")]
    [InlineData("1", 9, "ffffffffffffffffff45f36e1ca8d374849b72318c264998")]
    [InlineData("9/4", 1, "b11fd8cadd784d72e827f7ca1ca530c51727a2e5b67d9354")]
    [InlineData("9/4", 9, "ffffffff7c2102e237eda472324bf46e90d23c4d9fb8a647")]
    [InlineData("100", 0, "0a368214bb48ed0539847e866b116c132ec0431e6e83e715")]
    [InlineData("100", 9, "a878854f8534a947348493a2444b143db8767e94a98beecf")]
    [InlineData("4096", 2, "07fa15fda03b119d8d107a9c0c1bbda278307da4a1590d2f")]
    [InlineData("4096", 200, "ff8e8b149f813cad6c1fab7ea7be9fcdf4f24e15aa02b0a6")]
    [InlineData("4096", 399, "fffffffe25c2c0b82cccf238b0f2b0fb59427fc448b9bdfa")]
    public void Digits_of_the_distribution_are_those_computed_elsewhere(string variance, int size, string digits)
    {
        var expected = BigInteger.Parse("0" + digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Assert.Equal(expected, GaussianShares.Of(Rational.Parse(variance), 192)[size]);
        Assert.Equal(expected >> 129, GaussianShares.Of(Rational.Parse(variance), ExactInversion.FirstDigits)[size]);
    }

    [Fact]
    public void Table_and_reference_give_the_same_draws() => Gen.Select(Gen.Int[1, 400], Gen.Int[1, 60], Gen.Int).Sample((n, d, seed) =>
    {
        var variance = new Rational(n, d);
        using var words = new UniformWords(XofBytes.Seeded(seed));
        using var referenceWords = new UniformWords(XofBytes.Seeded(seed));
        var (table, reference) = (GaussianTable.TryCreate(variance)!, new ExactInversion(referenceWords, variance));
        for (var i = 0; i < 12; i++)
            Assert.Equal(reference.Next(), table.Next(words));
        Assert.Equal(referenceWords.Next(), words.Next());
    }, iter: 60);

    [Theory]
    [InlineData("1/1000000")]
    [InlineData("1/7")]
    [InlineData("1")]
    [InlineData("100/3")]
    public void Beside_every_border_a_draw_falls_on_its_own_side(string variance)
    {
        Assert.Equal(0, Misplaced(Rational.Parse(variance), Table));
        Assert.Equal(0, Misplaced(Rational.Parse(variance), Reference));
    }

    [Fact]
    public void A_table_that_settles_ties_without_further_digits_is_caught() => Assert.NotEqual(0, Misplaced(1, Twin((u, share) => u <= share)));

    [Fact]
    public void A_table_of_digits_rounded_up_is_caught() => Assert.NotEqual(0, Misplaced(1, Twin((u, share) => u < share + 1)));

    [Fact]
    public void A_table_of_digits_one_too_small_is_caught() => Assert.NotEqual(0, Misplaced(1, Twin((u, share) => u < share - 1)));

    [Fact]
    public void A_variance_too_large_for_a_table_is_left_to_the_other_paths()
    {
        Assert.NotNull(GaussianTable.TryCreate(GaussianTable.LargestVariance));
        Assert.Null(GaussianTable.TryCreate(GaussianTable.LargestVariance + new Rational(1, 1000)));
    }

    /// <summary>How many of the draws next to borders between sizes, at every distance from the first digits to the last, are not what <see cref="Digits"/> digits say, or have the wrong sign.</summary>
    private static int Misplaced(Rational variance, Path path)
    {
        var borders = GaussianShares.Of(variance, Digits);
        var misplaced = 0;
        foreach (var border in borders.Take(20).Concat(borders.SkipLast(1).TakeLast(3)))
        {
            foreach (var offset in new[] { 0, 40, 64, 65, 127, 128, 129 }.SelectMany(power => new[] { BigInteger.One << power, -(BigInteger.One << power) }))
            {
                var u = border + offset;
                if (u.Sign < 0 || u >= borders[^1])
                    continue;
                var size = Array.FindIndex(borders, b => u < b);
                misplaced += Draw(u, 0) == size && Draw(u, 1) == -size ? 0 : 1;
            }
        }

        return misplaced;

        long Draw(BigInteger u, int sign)
        {
            using var words = new UniformWords(new WordSequence([.. Pairs(u, sign).SelectMany(pair => new[] { (uint)(pair & uint.MaxValue), (uint)(pair >> 32) })]));
            return path(words, variance);
        }
    }

    private static ulong[] Pairs(BigInteger u, int sign) => [(ulong)(((u >> 128) << 1) + sign), (ulong)((u >> 64) & ulong.MaxValue), (ulong)(u & ulong.MaxValue)];

    /// <summary>A table with a comparison to choose.</summary>
    private static Path Twin(Func<BigInteger, BigInteger, bool> isBelow) => (words, variance) =>
    {
        var pair = words.NextPair();
        var size = Array.FindIndex(GaussianShares.Of(variance, ExactInversion.FirstDigits), share => isBelow(pair >> 1, share));
        return (pair & 1) == 0 ? size : -size;
    };
}
