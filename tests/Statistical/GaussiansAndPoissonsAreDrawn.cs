using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.Statistical.Tests;

/// <summary>Frequencies of discrete Gaussian, Poisson and Skellam draws against their distributions. Seeds are fixed, so a test that passes once passes always.</summary>
[Trait("speed", "slow")]
public sealed class GaussiansAndPoissonsAreDrawn
{
    private const int Draws = 200_000;
    private const double Level = 1e-6;

    /// <summary>P(0), variance and the tail from ⌈2σ⌉ on, from sums of 40-digit arithmetic; frequencies against P(x) ∝ e^(−x²/2σ²).</summary>
    [Theory]
    [InlineData("0.1", 0.986703287028858, 0.0132967251736242, 1, 0.0132967129711)]
    [InlineData("0.25", 0.786570707041948, 0.215012675088138, 1, 0.213429292958)]
    [InlineData("0.5", 0.564131226218842, 0.49897913083282, 2, 0.0208042132837)]
    [InlineData("1", 0.398942278266862, 0.999999788767728, 2, 0.117116275284)]
    [InlineData("2", 0.282094791773878, 2.0, 3, 0.0709601700481)]
    [InlineData("4", 0.199471140200716, 4.0, 4, 0.0769752128499)]
    [InlineData("9", 0.132980760133811, 9.0, 6, 0.0654931257307)]
    [InlineData("16", 0.0997355701003582, 16.0, 8, 0.0601216298384)]
    [InlineData("25", 0.0797884560802865, 25.0, 10, 0.0570178526995)]
    [InlineData("100", 0.0398942280401433, 100.0, 20, 0.0510793003767)]
    public void A_discrete_Gaussian_has_its_frequencies(string text, double zero, double variance, int threshold, double tail)
    {
        var mechanism = new DiscreteGaussian(Rational.Parse(text));
        var probabilities = Probabilities(mechanism.Weight, (int)(9 * Math.Sqrt(variance)) + 2);
        var reach = probabilities.Count / 2;
        Assert.Equal(zero, probabilities[reach], 1e-12);
        Assert.Equal(tail, probabilities.Where((_, i) => Math.Abs(i - reach) >= threshold).Sum(), 1e-12);
        Assert.Equal(variance, mechanism.Variance, 1e-7);
        var draws = new long[Draws];
        mechanism.Fill(draws, XofBytes.Seeded(threshold));
        Assert.True(PValue(draws, probabilities) > Level);
        using var words = new UniformWords(XofBytes.Seeded(threshold + 1));
        var reference = new ExactSampler(words);
        Assert.True(PValue(Enumerable.Range(0, 20_000).Select(_ => (long)reference.DiscreteGaussian(Rational.Parse(text))), probabilities) > Level);
    }

    [Fact]
    public void A_variance_taken_for_a_standard_deviation_is_caught()
    {
        var draws = new long[Draws];
        new DiscreteGaussian(4).Fill(draws, XofBytes.Seeded(1));
        Assert.True(PValue(draws, Probabilities(new DiscreteGaussian(16).Weight, 40)) < Level);
    }

    /// <summary>e^(−1)/k!.</summary>
    [Fact]
    public void A_Poisson_of_mean_one_has_its_frequencies()
    {
        using var words = new UniformWords(XofBytes.Seeded(3));
        var exact = new ExactSampler(words);
        var probabilities = new List<double> { Math.Exp(-1) };
        for (var k = 1; k < 12; k++)
            probabilities.Add(probabilities[^1] / k);
        probabilities.Add(1 - probabilities.Sum());
        var counts = new long[probabilities.Count];
        for (var i = 0; i < Draws; i++)
            counts[(int)exact.PoissonOfOne()]++;
        Assert.True(ChiSquare.PValue(counts, probabilities) > Level);
    }

    /// <summary>P(k) = e^(−μ)·I_k(μ), from the convolution of two Poisson distributions of mean μ/2.</summary>
    [Theory]
    [InlineData("1/2")]
    [InlineData("2")]
    [InlineData("9")]
    [InlineData("25/3")]
    public void A_Skellam_has_its_frequencies(string variance)
    {
        var probabilities = Skellam(Rational.Parse(variance).ToDouble(), 40);
        using var words = new UniformWords(XofBytes.Seeded(4));
        var fast = FastSkellam.TryCreate(words, Rational.Parse(variance))!;
        Assert.True(PValue(Enumerable.Range(0, Draws).Select(_ => fast.Next()), probabilities) > Level);
    }

    [Fact]
    public void A_Skellam_whose_halves_share_their_points_is_caught()
    {
        using var words = new UniformWords(XofBytes.Seeded(5));
        var exact = new ExactSampler(words);
        Assert.True(PValue(Enumerable.Range(0, 50_000).Select(_ => (long)exact.Poisson(2) - 1), Skellam(2, 40)) < Level);
    }

    private static List<double> Skellam(double variance, int reach)
    {
        var poisson = new List<double> { Math.Exp(-variance / 2) };
        for (var k = 1; k < 200; k++)
            poisson.Add(poisson[^1] * variance / 2 / k);
        return [.. Enumerable.Range(-reach, (2 * reach) + 1).Select(d => Enumerable.Range(0, 150).Where(k => k + d >= 0 && k + d < 200).Sum(k => poisson[k] * poisson[k + d]))];
    }

    private static List<double> Probabilities(Func<long, double> weight, int reach)
    {
        var weights = Enumerable.Range(-reach, (2 * reach) + 1).Select(x => weight(x)).ToList();
        return [.. weights.Select(w => w / weights.Sum())];
    }

    private static double PValue(IEnumerable<long> draws, List<double> probabilities)
    {
        var reach = probabilities.Count / 2;
        var counts = new long[probabilities.Count];
        foreach (var draw in draws)
            counts[Math.Clamp(draw, -reach, reach) + reach]++;
        return ChiSquare.PValue(counts, probabilities);
    }
}
