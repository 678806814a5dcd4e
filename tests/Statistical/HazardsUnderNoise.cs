using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Statistical.Tests;

/// <summary>
/// 95 % limits of cumulative hazards and of the incidence of competing causes hold what the persons were drawn from, sampling and noise together; the log-rank test rejects equal hazards about one time in twenty. Twelve intervals; a pure ε of 1, and
/// the ρ that it costs. Seeds are fixed.
/// </summary>
[Trait("speed", "slow")]
public sealed class HazardsUnderNoise(ITestOutputHelper output)
{
    private const int Repetitions = 2000;
    private static readonly PrivacyPrice SamePrice = PrivacyPrice.Concentrated(NanoRho.FromPureEpsilon(Epsilon.Parse("1")));

    [Theory]
    [InlineData("nelson-aalen", 100)]
    [InlineData("nelson-aalen", 300)]
    [InlineData("nelson-aalen", 1000)]
    [InlineData("fleming-harrington", 100)]
    [InlineData("fleming-harrington", 300)]
    [InlineData("fleming-harrington", 1000)]
    [InlineData("cumulative-incidence", 100)]
    [InlineData("cumulative-incidence", 300)]
    [InlineData("cumulative-incidence", 1000)]
    public void Limits_hold_the_truth(string method, int persons)
    {
        foreach (var price in new[] { NoisedTotals.EpsilonOne, SamePrice })
        {
            var coverage = SimulatedHazards.Coverage(method, persons, Repetitions, price);
            output.WriteLine($"{method}, {persons} persons, {price}: coverage {coverage:0.000}");
            Assert.InRange(coverage, 0.93, 0.985);
        }
    }

    [Theory]
    [InlineData(100, 2)]
    [InlineData(300, 2)]
    [InlineData(300, 4)]
    [InlineData(1000, 2)]
    [InlineData(1000, 4)]
    [InlineData(1000, 10)]
    public void A_test_of_equal_hazards_rejects_as_often_as_it_says(int persons, int share)
    {
        foreach (var price in new[] { NoisedTotals.EpsilonOne, SamePrice })
        {
            var rejections = SimulatedHazards.Rejections(persons, share, Repetitions, price);
            output.WriteLine($"log-rank, {persons} persons, one in {share} in the second group, {price}: {rejections:0.000}");
            Assert.InRange(rejections, 0.01, 0.065);
        }
    }

    /// <summary>The broken twins forget the noise.</summary>
    [Theory]
    [InlineData("nelson-aalen")]
    [InlineData("cumulative-incidence")]
    public void Limits_that_forget_the_noise_are_noticed(string method) =>
        Assert.InRange(SimulatedHazards.Coverage(method, 100, Repetitions, NoisedTotals.EpsilonOne, forgetNoise: true), 0, 0.93);

    [Fact]
    public void A_test_that_forgets_the_noise_is_noticed() => Assert.InRange(SimulatedHazards.Rejections(300, 4, Repetitions, NoisedTotals.EpsilonOne, forgetNoise: true), 0.065, 1);
}
