using System.Numerics;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;
using CsCheck;

namespace Consilience.DifferentialPrivacy.Tests.Sampling;

/// <summary>The 64-bit paths of discrete Gaussian and Skellam draws and their references on the same bytes: the same draws, and the same place in the stream afterwards.</summary>
public sealed class OtherPathsDrawAlike
{
    private const int Draws = 16;

    private static bool Agree(int seed, Func<UniformWords, Func<BigInteger>> path, Func<ExactSampler, BigInteger> reference)
    {
        using var words = new UniformWords(XofBytes.Seeded(seed));
        using var referenceWords = new UniformWords(XofBytes.Seeded(seed));
        var draw = path(words);
        var exact = new ExactSampler(referenceWords);
        for (var i = 0; i < Draws; i++)
        {
            if (draw() != reference(exact))
                return false;
        }

        return words.Next() == referenceWords.Next();
    }

    private static long[] Batch(Rational variance)
    {
        var batch = new long[400];
        new DiscreteGaussian(variance).Fill(batch, XofBytes.Seeded(5));
        return batch;
    }

    private static Func<BigInteger> Fast(UniformWords words, Rational variance)
    {
        var fast = FastGaussian.TryCreate(words, variance) ?? throw new InvalidOperationException($"{variance} is beyond 64 bits");
        return () => fast.Next();
    }

    [Fact]
    public void Discrete_Gaussians_of_both_paths_are_the_same() => Gen.Select(Gen.Int[1, 4000], Gen.Int[1, 60], Gen.Int).Sample((n, d, seed) =>
    {
        var variance = new Rational(n, d);
        Assert.True(Agree(seed, words => Fast(words, variance), exact => exact.DiscreteGaussian(variance)), $"{variance}");
    }, iter: 300);

    [Theory]
    [InlineData("1/1000000")]
    [InlineData("1")]
    [InlineData("999999/1000000")]
    [InlineData("4")]
    [InlineData("3999999/1000000")]
    [InlineData("1000000")]
    [InlineData("11000000")]
    public void At_the_edges_they_agree_too(string variance)
    {
        for (var seed = 0; seed < 20; seed++)
            Assert.True(Agree(seed, words => Fast(words, Rational.Parse(variance)), exact => exact.DiscreteGaussian(Rational.Parse(variance))));
    }

    [Fact]
    public void A_variance_beyond_64_bits_is_left_to_the_reference()
    {
        using var words = new UniformWords(RandomBytes.OperatingSystem);
        Assert.Null(FastGaussian.TryCreate(words, 1L << 48));
        Assert.Null(FastGaussian.TryCreate(words, new Rational(1, BigInteger.Pow(2, 50))));
        var draws = new long[4];
        new DiscreteGaussian(1L << 48).Fill(draws, XofBytes.Seeded(1));
        Assert.Contains(draws, d => Math.Abs(d) > 1 << 20);
    }

    [Fact]
    public void A_path_that_takes_the_wrong_side_of_the_candidate_is_caught() => Assert.False(Agree(
        3,
        words =>
        {
            var candidates = new FastLaplace(words, 4, 1);
            var bernoulli = new ExactSampler(words);
            return () =>
            {
                while (true)
                {
                    var y = candidates.Next();
                    var distance = new Rational(Math.Abs(y), 1) + new Rational(9, 4);
                    if (bernoulli.BernoulliExp(distance * distance / 18))
                        return y;
                }
            };
        },
        exact => exact.DiscreteGaussian(9)));

    [Fact]
    public void Skellams_of_both_paths_are_the_same() => Gen.Select(Gen.Int[1, 60], Gen.Int[1, 20], Gen.Int).Sample((n, d, seed) =>
    {
        var variance = new Rational(n, d);
        Assert.True(Agree(seed, words =>
        {
            var fast = FastSkellam.TryCreate(words, variance)!;
            return () => fast.Next();
        }, exact => exact.Skellam(variance)), $"{variance}");
    }, iter: 200);

    [Fact]
    public void A_Skellam_without_its_fraction_is_caught() => Assert.False(Agree(
        1,
        words =>
        {
            var fast = FastSkellam.TryCreate(words, 4)!;
            return () => fast.Next();
        },
        exact => exact.Skellam(new Rational(9, 2))));

    [Fact]
    public void A_batch_is_the_draws_of_the_reference_in_order()
    {
        using var words = new UniformWords(XofBytes.Seeded(5));
        var (reference, variance) = (new ExactSampler(words), Rational.Parse("41293847/3"));
        Assert.All(Batch(variance), draw => Assert.Equal(reference.DiscreteGaussian(variance), draw));
    }

    [Fact]
    public void A_batch_from_a_table_is_the_draws_of_its_reference_in_order()
    {
        using var words = new UniformWords(XofBytes.Seeded(5));
        var reference = new ExactInversion(words, 9);
        Assert.All(Batch(9), draw => Assert.Equal(reference.Next(), draw));
    }
}
