using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.Statistical.Tests;

/// <summary>Frequencies of drawn noise against P(y) = (1−a)/(1+a)·a^|y|, a = e^(−1/b). Seeds are fixed, so a test that passes once passes always.</summary>
[Trait("speed", "slow")]
public sealed class DiscreteLaplaceIsDrawn
{
    private const int Draws = 1_000_000;
    private const double Level = 1e-6;

    /// <summary>Cells of −reach, …, reach, with the tails in the outermost two.</summary>
    private static double PValue(double b, IEnumerable<long> draws)
    {
        var reach = (int)Math.Ceiling(8 * b) + 1;
        var a = Math.Exp(-1 / b);
        var probabilities = Enumerable.Range(-reach, (2 * reach) + 1)
            .Select(y => Math.Abs(y) == reach ? Math.Pow(a, reach) / (1 + a) : (1 - a) / (1 + a) * Math.Pow(a, Math.Abs(y))).ToList();
        var counts = new long[(2 * reach) + 1];
        foreach (var draw in draws)
            counts[Math.Clamp(draw, -reach, reach) + reach]++;
        return ChiSquare.PValue(counts, probabilities);
    }

    private static long[] Batch(Rational scale, RandomBytes random)
    {
        var draws = new long[Draws];
        new DiscreteLaplace(scale).Fill(draws, random);
        return draws;
    }

    private static IEnumerable<long> Each(int count, Func<long> draw) => Enumerable.Range(0, count).Select(_ => draw());

    public static TheoryData<string> Scales => ["1/5", "1/2", "1", "2", "10/3", "4", "10", "20", "3141/100"];

    [Theory]
    [MemberData(nameof(Scales))]
    public void Frequencies_are_those_of_the_distribution(string scale) =>
        Assert.True(PValue(Rational.Parse(scale).ToDouble(), Batch(Rational.Parse(scale), XofBytes.Seeded(11))) > Level);

    [Theory]
    [MemberData(nameof(Scales))]
    public void The_reference_has_the_same_frequencies(string text)
    {
        var scale = Rational.Parse(text);
        using var words = new UniformWords(XofBytes.Seeded(12));
        var reference = new ExactSampler(words);
        Assert.True(PValue(scale.ToDouble(), Each(100_000, () => (long)reference.DiscreteLaplace(scale))) > Level);
    }

    /// <summary>The one run with randomness that is not fixed: false once in a thousand million.</summary>
    [Fact]
    public void With_the_operating_systems_randomness_too() => Assert.True(PValue(2, Batch(2, RandomBytes.OperatingSystem)) > 1e-9);

    /// <summary>P(0) and tails from sums of 40-digit arithmetic; five standard errors of a frequency.</summary>
    [Theory]
    [InlineData("0.2", 0.98661429815143, 9.01921496e-5, 4.094717257e-9, 1.858998759e-13, 2.581767041e-24)]
    [InlineData("0.5", 0.761594155955765, 0.03226472243, 0.0005909490049, 1.082360857e-5, 4.913910691e-10)]
    [InlineData("1", 0.46211715726001, 0.1978760396, 0.02677960987, 0.003624226086, 2.441984328e-5)]
    [InlineData("2", 0.244918662403709, 0.4579799818, 0.1684814198, 0.06198085056, 0.005087698033)]
    [InlineData("4", 0.124353001771596, 0.6819545679, 0.413626354, 0.2508770653, 0.07187748264)]
    [InlineData("10", 0.04995837495788, 0.859633211, 0.7038081462, 0.5762293736, 0.3495007821)]
    [InlineData("20", 0.0249947929684207, 0.927453642, 0.8391947587, 0.7593348187, 0.5913705514)]
    public void Zeros_tails_and_variance_are_the_tabulated_ones(string scale, double zero, double above1, double above3, double above5, double above10)
    {
        var draws = Batch(Rational.Parse(scale), XofBytes.Seeded(13));
        AssertFrequency(zero, draws.Count(y => y == 0));
        AssertFrequency(above1, draws.Count(y => Math.Abs(y) > 1));
        AssertFrequency(above3, draws.Count(y => Math.Abs(y) > 3));
        AssertFrequency(above5, draws.Count(y => Math.Abs(y) > 5));
        AssertFrequency(above10, draws.Count(y => Math.Abs(y) > 10));
        var variance = new DiscreteLaplace(Rational.Parse(scale)).Variance;
        var fourth = draws.Average(y => Math.Pow(y, 4));
        Assert.Equal(variance, draws.Average(y => (double)y * y), 5 * Math.Sqrt(fourth / Draws));
        Assert.Equal(0, draws.Average(), 5 * Math.Sqrt(variance / Draws));
    }

    private static void AssertFrequency(double probability, int count) =>
        Assert.Equal(probability * Draws, count, (5 * Math.Sqrt(probability * (1 - probability) * Draws)) + 0.001);

    [Fact]
    public void A_scale_two_hundredths_too_small_is_caught() => Assert.True(PValue(2, Batch(new Rational(196, 100), XofBytes.Seeded(14))) < Level);

    [Fact]
    public void Zero_counted_for_both_signs_is_caught()
    {
        using var words = new UniformWords(XofBytes.Seeded(15));
        var exact = new ExactSampler(words);
        Assert.True(PValue(2, Each(100_000, () => (long)exact.Geometric(new Rational(1, 2)) * (words.Below(2) == 0 ? -1 : 1))) < Level);
    }

    [Fact]
    public void A_continuous_Laplace_rounded_to_integers_is_caught()
    {
        using var words = new UniformWords(XofBytes.Seeded(16));
        Assert.True(PValue(1, Each(100_000, () =>
        {
            var u = (words.Next() + 0.5) / 4294967296.0;
            return (long)Math.Round((words.Next() & 1) == 0 ? Math.Log(u) : -Math.Log(u));
        })) < Level);
    }
}
