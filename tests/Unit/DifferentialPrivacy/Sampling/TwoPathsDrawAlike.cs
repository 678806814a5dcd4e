using System.Numerics;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;
using CsCheck;

namespace Consilience.DifferentialPrivacy.Tests.Sampling;

/// <summary>The 64-bit path and the reference on the same bytes: the same draws, and the same place in the stream afterwards.</summary>
public sealed class TwoPathsDrawAlike
{
    private const int Draws = 24;

    private static readonly Gen<ulong> Part = Gen.OneOf(
        Gen.ULong[1, 40],
        Gen.ULong[1, 1UL << 20],
        Gen.ULong[1, FastLaplace.Limit],
        Gen.Int[0, 48].Select(power => 1UL << power),
        Gen.Int[1, 48].Select(power => (1UL << power) - 1),
        Gen.Int[0, 47].Select(power => (1UL << power) + 1));

    // Denominators far above the numerator give zeros only; they stay in, but rare.
    private static readonly Gen<Rational> Scale = Gen.Select(Part, Gen.Frequency((4, Gen.ULong[1, 40]), (1, Part)), (s, t) => new Rational(s, t));

    private static bool Agree(Rational scale, int seed, Func<UniformWords, Rational, Func<long>> path)
    {
        using var words = new UniformWords(XofBytes.Seeded(seed));
        using var referenceWords = new UniformWords(XofBytes.Seeded(seed));
        var draw = path(words, scale);
        var reference = new ExactSampler(referenceWords);
        for (var i = 0; i < Draws; i++)
        {
            if (draw() != reference.DiscreteLaplace(scale))
                return false;
        }

        return words.Next() == referenceWords.Next();
    }

    private static Func<long> Fast(UniformWords words, Rational scale) => new FastLaplace(words, (ulong)scale.Numerator, (ulong)scale.Denominator).Next;

    [Fact]
    public void On_the_same_bytes_both_paths_give_the_same_draws() =>
        Gen.Select(Scale, Gen.Int).Sample((scale, seed) => Agree(scale, seed, Fast), iter: 500);

    [Theory]
    [InlineData("1/281474976710656")]
    [InlineData("281474976710656/281474976710655")]
    [InlineData("281474976710656")]
    [InlineData("281474976710655")]
    [InlineData("4294967296")]
    [InlineData("4294967295")]
    [InlineData("2147483648")]
    [InlineData("1")]
    [InlineData("1/2")]
    public void At_the_edges_of_word_and_width_they_agree_too(string scale)
    {
        for (var seed = 0; seed < 50; seed++)
            Assert.True(Agree(Rational.Parse(scale), seed, Fast));
    }

    [Fact]
    public void A_path_that_does_not_reduce_its_fractions_is_caught() => Assert.False(AlwaysAgrees((words, scale) =>
        () => Twin(words, (ulong)scale.Numerator, (ulong)scale.Denominator, reduce: false, edge: 0)));

    [Fact]
    public void A_path_off_by_one_in_its_comparison_is_caught() => Assert.False(AlwaysAgrees((words, scale) =>
        () => Twin(words, (ulong)scale.Numerator, (ulong)scale.Denominator, reduce: true, edge: 1)));

    [Fact]
    public void The_twins_without_their_faults_agree() => Assert.True(AlwaysAgrees((words, scale) =>
        () => Twin(words, (ulong)scale.Numerator, (ulong)scale.Denominator, reduce: true, edge: 0)));

    [Fact]
    public void A_scale_outside_64_bits_is_not_taken()
    {
        using var words = new UniformWords(RandomBytes.OperatingSystem);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FastLaplace(words, FastLaplace.Limit + 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FastLaplace(words, 1, FastLaplace.Limit + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FastLaplace(words, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FastLaplace(words, 1, 0));
    }

    [Theory]
    [InlineData("20")]
    [InlineData("10/3")]
    [InlineData("100000000000000000000/33333333333333333333")]
    public void A_batch_is_the_draws_of_the_reference_in_order(string text)
    {
        var scale = Rational.Parse(text);
        var batch = new long[3000];
        new DiscreteLaplace(scale).Fill(batch, XofBytes.Seeded(5));
        using var words = new UniformWords(XofBytes.Seeded(5));
        var reference = new ExactSampler(words);
        Assert.All(batch, draw => Assert.Equal(reference.DiscreteLaplace(scale), draw));
    }

    private static bool AlwaysAgrees(Func<UniformWords, Rational, Func<long>> path)
    {
        var scales = new[] { "1", "2", "12", "10/3", "7/2", "1000" }.Select(Rational.Parse);
        return scales.All(scale => Enumerable.Range(0, 5).All(seed => Agree(scale, seed, path)));
    }

    /// <summary>A discrete Laplace sampler with faults to choose from.</summary>
    private static long Twin(UniformWords words, ulong s, ulong t, bool reduce, ulong edge)
    {
        while (true)
        {
            var negative = words.Below(2) == 0;
            ulong u, v = 0;
            do
            {
                u = words.Below(s);
            }
            while (!Exp(u, s));
            while (Exp(1, 1))
                v++;
            var magnitude = (long)((u + (s * v)) / t);
            if (!negative || magnitude != 0)
                return negative ? -magnitude : magnitude;
        }

        bool Exp(ulong p, ulong q)
        {
            ulong k = 1;
            while (Bernoulli(p, q * k))
                k++;
            return k % 2 == 1;
        }

        bool Bernoulli(ulong p, ulong q)
        {
            var divisor = reduce ? (ulong)BigInteger.GreatestCommonDivisor(p, q) : 1;
            // With both parts equal the fault would never end.
            return words.Below(q / divisor) + (p == q ? 0 : edge) < p / divisor;
        }
    }
}
