using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.Statistical.Tests;

[Trait("speed", "slow")]
public sealed class BuildingBlocksOfTheSamplers
{
    private const int Draws = 100_000;
    private const double Level = 1e-6;

    private static double Frequency(int draws, Func<bool> draw) => Enumerable.Range(0, draws).Count(_ => draw()) / (double)draws;

    private static bool IsExponential(Rational x, Func<ExactSampler, Rational, bool> bernoulli)
    {
        using var words = new UniformWords(XofBytes.Seeded((int)((100 * x.Numerator) + x.Denominator)));
        var exact = new ExactSampler(words);
        var expected = Math.Exp(-x.ToDouble());
        return Math.Abs(Frequency(Draws, () => bernoulli(exact, x)) - expected) <= 5 * Math.Sqrt(expected * (1 - expected) / Draws);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1/8")]
    [InlineData("1/4")]
    [InlineData("1/2")]
    [InlineData("3/4")]
    [InlineData("1")]
    public void A_Bernoulli_of_a_small_exponent_succeeds_as_often_as_it_should(string x) =>
        Assert.True(IsExponential(Rational.Parse(x), (exact, e) => exact.BernoulliExpUnit(e)));

    [Theory]
    [InlineData("0")]
    [InlineData("1/8")]
    [InlineData("3/4")]
    [InlineData("1")]
    [InlineData("3/2")]
    [InlineData("2")]
    [InlineData("9/4")]
    [InlineData("3")]
    [InlineData("7/2")]
    [InlineData("5")]
    public void A_Bernoulli_of_any_exponent_succeeds_as_often_as_it_should(string x) =>
        Assert.True(IsExponential(Rational.Parse(x), (exact, e) => exact.BernoulliExp(e)));

    [Theory]
    [InlineData("1/2", "1/2")]
    [InlineData("1", "1/4")]
    [InlineData("2", "3/4")]
    [InlineData("5/2", "1/8")]
    public void Two_exponents_one_after_the_other_are_their_sum(string a, string b) =>
        Assert.True(IsExponential(Rational.Parse(a) + Rational.Parse(b), (exact, _) => exact.BernoulliExp(Rational.Parse(a)) && exact.BernoulliExp(Rational.Parse(b))));

    [Fact]
    public void An_exponent_cut_to_its_fraction_is_caught() =>
        Assert.False(IsExponential(new Rational(3, 2), (exact, x) => exact.BernoulliExpUnit(x - new Rational(x.Floor(), 1))));

    [Fact]
    public void The_first_two_terms_of_the_series_are_caught() =>
        Assert.False(IsExponential(new Rational(1, 4), (exact, x) => exact.Bernoulli(Rational.One - x)));

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(9)]
    public void The_mean_of_a_geometric_draw_is_that_of_the_distribution(int k)
    {
        using var words = new UniformWords(XofBytes.Seeded(k));
        var exact = new ExactSampler(words);
        var p = 1 - Math.Exp(-1.0 / k);
        var mean = Enumerable.Range(0, Draws).Average(_ => (double)exact.Geometric(new Rational(1, k)));
        Assert.Equal((1 - p) / p, mean, 5 * Math.Sqrt((1 - p) / (p * p) / Draws));
    }
}
