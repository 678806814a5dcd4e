using System.Numerics;
using System.Runtime.CompilerServices;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;
using CsCheck;

namespace Consilience.DifferentialPrivacy.Tests.Sampling;

public sealed class UniformIntegers
{
    /// <summary>How often each integer comes out when every value the leading bits of a word can take is tried once; rejected words count for none.</summary>
    private static int[] Outcomes(int n, Func<UniformWords, ulong> below)
    {
        const int bits = 8;
        var outcomes = new int[n];
        for (uint leading = 0; leading < 1 << bits; leading++)
        {
            // After a rejected word the 0 is taken, and then the next word is one of only ones.
            using var words = new UniformWords(new WordSequence([leading << (32 - bits), 0]));
            var draw = below(words);
            if (words.Next() != uint.MaxValue)
                outcomes[draw]++;
        }

        return outcomes;
    }

    private static bool IsUniform(Func<UniformWords, int, ulong> below) =>
        Enumerable.Range(1, 255).All(n => Outcomes(n, words => below(words, n)).Distinct().Count() == 1);

    [Fact]
    public void Every_integer_below_n_comes_from_equally_many_words() => Assert.True(IsUniform((words, n) => words.Below((ulong)n)));

    [Fact]
    public void The_reference_is_as_uniform() => Assert.True(IsUniform((words, n) => (ulong)words.Below((BigInteger)n)));

    [Fact]
    public void A_remainder_in_the_place_of_rejection_is_caught() => Assert.False(IsUniform((words, n) => words.Next() % (uint)n));

    [Fact]
    public void Both_paths_take_the_same_words() => Gen.Select(Gen.ULong.Where(n => n > 0), Gen.Int[0, 63], Gen.Int).Sample((wide, shift, seed) =>
    {
        var n = Math.Max(1, wide >> shift);
        using var words = new UniformWords(XofBytes.Seeded(seed));
        using var referenceWords = new UniformWords(XofBytes.Seeded(seed));
        for (var i = 0; i < 10; i++)
            Assert.Equal(referenceWords.Below((BigInteger)n), words.Below(n));
        Assert.Equal(referenceWords.Next(), words.Next());
    });

    [Theory]
    [InlineData(1, new uint[] { 0x7FFFFFFF }, 0)]
    [InlineData(2, new uint[] { 0x80000000, 0x7FFFFFFF }, 1)]
    [InlineData(0xFFFFFFFF, new uint[] { 0xFFFFFFFF, 0xFFFFFFFE }, 0xFFFFFFFE)]
    [InlineData(0x100000000, new uint[] { 7, 0x80000000, 9, 0x7FFFFFFF }, 9)]
    [InlineData(ulong.MaxValue, new uint[] { 0xFFFFFFFF, 0xFFFFFFFF, 1, 2 }, 0x200000001)]
    public void Words_are_taken_low_first_and_the_last_is_shifted(ulong n, uint[] stream, ulong expected)
    {
        using var words = new UniformWords(new WordSequence(stream));
        using var referenceWords = new UniformWords(new WordSequence(stream));
        Assert.Equal(expected, words.Below(n));
        Assert.Equal(expected, (ulong)referenceWords.Below((BigInteger)n));
    }

    [Fact]
    public void A_fraction_is_hit_by_exactly_its_share_of_the_words()
    {
        for (var q = 1; q <= 16; q++)
        {
            for (var p = 0; p <= q; p++)
            {
                var reduced = new Rational(p, q);
                var hits = Enumerable.Range(0, (int)reduced.Denominator).Count(draw =>
                {
                    var bits = (int)reduced.Denominator.GetBitLength();
                    using var words = new UniformWords(new WordSequence([(uint)draw << (32 - bits)]));
                    return new ExactSampler(words).Bernoulli(reduced);
                });
                Assert.Equal(reduced.Numerator, hits);
            }
        }
    }

    [Fact]
    public void What_was_fetched_is_wiped()
    {
        var words = new UniformWords(RandomBytes.OperatingSystem);
        words.Next();
        Assert.Contains(Buffer(words), b => b != 0);
        words.Dispose();
        Assert.DoesNotContain(Buffer(words), b => b != 0);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "buffer")]
    private static extern ref readonly byte[] Buffer(UniformWords words);
}
