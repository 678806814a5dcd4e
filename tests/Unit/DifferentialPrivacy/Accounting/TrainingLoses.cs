using Consilience.DifferentialPrivacy.Accounting;
using static Consilience.DifferentialPrivacy.Tests.Accounting.GaussiansAsEpsilonAndDelta;

namespace Consilience.DifferentialPrivacy.Tests.Accounting;

/// <summary>DP-SGD on Poisson samples, against outputs of google/differential-privacy's accountants, DPBayes/PLD-Accountant, and microsoft/prv_accountant's test of robustness.</summary>
[Trait("speed", "slow")]
public sealed class TrainingLoses
{
    [Theory]
    [InlineData(256 / 60000.0, 1.3, 3515, 1e-5, 0.864459)]
    [InlineData(256 / 60000.0, 1.1, 14062, 1e-5, 2.381686)]
    [InlineData(256 / 60000.0, 0.7, 10546, 1e-5, 5.639447)]
    [InlineData(0.01, 1.0, 1000, 1e-5, 1.828244)]
    [InlineData(0.01, 1.0, 10000, 1e-5, 6.187745)]
    [InlineData(0.01, 4.0, 10000, 1e-5, 0.946999)]
    [InlineData(0.001, 0.8, 10000, 1e-6, 0.947324)]
    [InlineData(0.005, 0.8, 1000, 1e-6, 2.004112)]
    [InlineData(0.02, 2.0, 500, 1e-5, 0.920929)]
    [InlineData(0.1, 5.0, 100, 1e-5, 0.758287)]
    [InlineData(0.05, 1.0, 200, 1e-5, 4.765920)]
    [InlineData(1, 10.0, 50, 1e-6, 3.307601)]
    public void Epsilon_by_the_distribution_of_losses(double rate, double sigma, int steps, double delta, double epsilon) =>
        AssertUpward(epsilon, TrainingOnSamples.Epsilon(rate, sigma, steps, delta), 1e-3, 2e-3);

    [Theory]
    [InlineData(4, 10_000, 1, 4.24359941e-06, 1e-3)]
    [InlineData(2, 1000, 1, 3.9918138e-10, 1e-3)]
    [InlineData(1, 1000, 1, 2.61242134e-3, 1e-3)]
    public void Delta_of_a_person_who_leaves(double sigma, int steps, double epsilon, double delta, double slack)
    {
        var loss = PrivacyLoss.Of(e => GaussianProfile.SampledDelta(sigma, 0.01, e, isRemoved: true), -3, 3, sigma > 3 ? 2e-5 : 1e-4).Times(steps);
        AssertUpward(delta, loss.Delta(epsilon), delta * 1e-4, delta * slack * 5);
    }

    /// <summary>A person replaced by another, both drawn into the sample at q = 0.01.</summary>
    [Theory]
    [InlineData(4, 10_000, 1.993139)]
    [InlineData(2, 1000, 1.205199)]
    [InlineData(1, 1000, 2.843440)]
    public void Epsilon_of_a_person_replaced(double sigma, int steps, double epsilon) =>
        AssertUpward(epsilon, GaussianMixtures.Replaced(sigma, 0.01).Loss(3, sigma > 3 ? 5e-5 : 1e-4).Times(steps).Epsilon(1e-5), 1e-3, 5e-3);

    [Fact]
    public void Three_steps_on_a_fifth()
    {
        var worst = new[] { true, false }.Max(isRemoved => PrivacyLoss.Of(e => GaussianProfile.SampledDelta(0.5, 0.2, e, isRemoved), -14, 14, 1e-3).Times(3).Delta(1));
        AssertUpward(0.15594, worst, 1e-4, 1e-3);
    }

    /// <summary>The least σ, and that it is enough.</summary>
    [Theory]
    [InlineData(0.01, 1, 1, 1e-5, 0.67379294682)]
    [InlineData(0.001, 25, 1, 1e-5, 0.53492767)]
    [InlineData(0.01, 1000, 1.828244, 1e-5, 1)]
    public void Sigma_that_a_promise_needs(double rate, int steps, double epsilon, double delta, double sigma)
    {
        var ours = TrainingOnSamples.Sigma(rate, steps, epsilon, delta);
        AssertUpward(sigma, ours, 2e-3 * sigma, 3e-3 * sigma);
        Assert.True(TrainingOnSamples.Epsilon(rate, ours, steps, delta) <= epsilon);
    }

    /// <summary>A plan at which an accountant once overflowed.</summary>
    [Fact]
    public void A_plan_that_made_an_accountant_overflow()
    {
        const double rate = 0.26058631921824105, delta = 0.00011448277499759097;
        var sigma = TrainingOnSamples.Sigma(rate, 18_800, 4, delta, 1e-3);
        Assert.InRange(TrainingOnSamples.Epsilon(rate, sigma, 18_800, delta, 1e-3), 3, 4);
        Assert.True(TrainingOnSamples.EpsilonByRenyi(rate, sigma, 18_800, delta) is > 3 and < 6);
    }

    [Fact]
    public void Without_samples_or_without_delta()
    {
        Assert.Equal(0, TrainingOnSamples.Epsilon(0, 1, 10, 1e-5));
        Assert.Equal(double.PositiveInfinity, TrainingOnSamples.Epsilon(0.1, 1, 10, 0));
        Assert.Equal(double.PositiveInfinity, TrainingOnSamples.Sigma(0.1, 10, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainingOnSamples.Epsilon(0.1, 0, 10, 1e-5));
        Assert.Throws<ArgumentOutOfRangeException>(() => TrainingOnSamples.Epsilon(0.1, 1, 0, 1e-5));
    }

    [Theory]
    [InlineData(256 / 60000.0, 1.3, 3515, 1e-5, 0.954430)]
    [InlineData(256 / 60000.0, 1.1, 14062, 1e-5, 2.596556)]
    [InlineData(0.01, 1.0, 10000, 1e-5, 6.712757)]
    [InlineData(0.001, 0.8, 10000, 1e-6, 1.703625)]
    [InlineData(0.1, 5.0, 100, 1e-5, 0.834863)]
    public void Training_on_samples_by_Renyi_divergence(double rate, double sigma, int steps, double delta, double epsilon) =>
        AssertUpward(epsilon, TrainingOnSamples.EpsilonByRenyi(rate, sigma, steps, delta), 1e-4, 0.02);

    /// <summary>Twin: one direction alone lies below what both lose.</summary>
    [Fact]
    public void An_accountant_of_those_who_join_alone_is_caught() =>
        Assert.True(PrivacyLoss.Of(e => GaussianProfile.SampledDelta(1, 0.01, e, isRemoved: false), -3, 3).Times(1000).Epsilon(1e-5) < 1.828244 - 0.1);
}
