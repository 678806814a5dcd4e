using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.DifferentialPrivacy.Tests.Mechanisms;

/// <summary>
/// Attacks on the digits of an answer. Mironov, "On significance of the least significant bits for differential privacy" (2012): outputs that only one of two
/// neighbouring truths can give. Haney and others, "Precision-based attacks and interval refining" (2022): how fine an output near zero is.
/// </summary>
public sealed class OutputsRevealNoTruth
{
    private const int Releases = 10_000;

    /// <summary>The share of outputs under <paramref name="truth"/> that the rival value cannot give: each of them tells the two apart for certain.</summary>
    private static double Betrayed(ReleaseOfOneCounter mechanism, long truth, long rival)
    {
        var betrayed = 0;
        for (var i = 0; i < Releases; i++)
        {
            var output = mechanism.Release(truth);
            Assert.True(mechanism.CanGive(output, truth), "the attack does not know the mechanism");
            betrayed += mechanism.CanGive(output, rival) ? 0 : 1;
        }

        return (double)betrayed / Releases;
    }

    /// <summary>The share of outputs nearer to 0 than one half that are no multiple of 2⁻⁵³.</summary>
    private static double FinerThanPossible(ReleaseOfOneCounter mechanism, long truth)
    {
        var finer = 0;
        for (var i = 0; i < Releases; i++)
        {
            var output = mechanism.Release(truth);
            finer += Math.Abs(output) < 0.5 && Math.ScaleB(output, 53) != Math.Floor(Math.ScaleB(output, 53)) ? 1 : 0;
        }

        return (double)finer / Releases;
    }

    [Theory]
    [InlineData("1", 0, 1)]
    [InlineData("10", 0, 1)]
    [InlineData("1", 100, 101)]
    [InlineData("10/3", 17, 16)]
    [InlineData("1/2", 5, 6)]
    public void Every_output_is_possible_under_either_of_two_neighbours(string scale, long truth, long rival) =>
        Assert.Equal(0, Betrayed(new ExactRelease(Rational.Parse(scale)), truth, rival));

    [Theory]
    [InlineData(1, 0, 1, 0.674)]
    [InlineData(10, 0, 1, 0.622)]
    public void The_textbook_sampler_betrays_most_of_its_truths(double scale, long truth, long rival, double share) =>
        Assert.Equal(share, Betrayed(new NaiveRelease(scale), truth, rival), 0.03);

    [Fact]
    public void Noise_of_one_sign_is_caught() => Assert.True(Betrayed(new OneSidedRelease(Rational.One), 0, 1) > 0.4);

    [Fact]
    public void No_output_is_finer_than_another() => Assert.Equal(0, FinerThanPossible(new ExactRelease(Rational.One), 0));

    [Fact]
    public void The_textbook_sampler_is_finer_around_the_truth()
    {
        Assert.Equal(0.2704, FinerThanPossible(new NaiveRelease(1), 0), 0.03);
        Assert.Equal(0, FinerThanPossible(new NaiveRelease(1), 1));
    }

    /// <summary>Two releases of a vector whose differences are those of the truths give both away.</summary>
    private static bool NoiseCancels(Func<RandomBytes> source)
    {
        var mechanism = new DiscreteLaplace(10);
        long[] first = new long[64], second = new long[64];
        mechanism.Fill(first, source());
        mechanism.Fill(second, source());
        return first.Zip(second).All(pair => 17 + pair.First - (16 + pair.Second) == 1);
    }

    [Fact]
    public void Two_releases_never_share_their_noise() => Assert.False(NoiseCancels(() => RandomBytes.OperatingSystem));

    [Fact]
    public void A_seed_used_for_two_releases_is_caught() => Assert.True(NoiseCancels(() => XofBytes.Seeded(7)));
}
