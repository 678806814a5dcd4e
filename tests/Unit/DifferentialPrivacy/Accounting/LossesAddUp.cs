using Consilience.DifferentialPrivacy.Accounting;
using static Consilience.DifferentialPrivacy.Tests.Accounting.GaussiansAsEpsilonAndDelta;

namespace Consilience.DifferentialPrivacy.Tests.Accounting;

/// <summary>
/// Privacy-loss distributions and Rényi curves against published compositions: google/differential-privacy (pld_privacy_accountant_test.py, rdp_privacy_accountant_test.py and
/// outputs of both accountants).
/// </summary>
public sealed class LossesAddUp
{
    private static PrivacyLoss Gaussian(double sigma, double step = 1e-4)
    {
        var reach = (1 / (2 * sigma * sigma)) + (9 / sigma);
        return PrivacyLoss.Of(e => GaussianProfile.Delta(sigma, e), -reach, reach, step);
    }

    private static PrivacyLoss Laplace(double scale) => PrivacyLoss.Of(e => DiscreteProfiles.LaplaceDelta(scale, e), -1 / scale, 1 / scale);

    private static PrivacyLoss DiscreteLaplace(double a) => PrivacyLoss.Of(e => DiscreteProfiles.DiscreteLaplaceDelta(a, e), -a, a);

    /// <summary>DP-SGD: the worse of the two directions.</summary>
    private static double Sampled(double rate, double sigma, int steps, double delta)
    {
        var reach = (1 / (2 * sigma * sigma)) + (9 / sigma);
        return new[] { true, false }.Max(isRemoved => PrivacyLoss.Of(e => GaussianProfile.SampledDelta(sigma, rate, e, isRemoved), -reach, reach).Times(steps).Epsilon(delta));
    }

    [Fact]
    public void Three_Gaussians_are_one() => AssertUpward(0.12693674, Gaussian(Math.Sqrt(3)).Times(3).Delta(1), 1e-7, 1e-5);

    [Theory]
    [InlineData(5, 10, 1e-6, 2.921600590)]
    [InlineData(10, 100, 1e-6, 4.886554117)]
    [InlineData(10, 50, 1e-6, 3.307601)]
    [InlineData(20, 100, 1e-9, 2.909732381)]
    public void Gaussians_to_what_the_formula_gives(double sigma, int count, double delta, double epsilon) =>
        AssertUpward(epsilon, Gaussian(sigma).Times(count).Epsilon(delta), 1e-6, 2e-3);

    [Theory]
    [InlineData(5, 20, 1e-6, 3.670920)]
    [InlineData(10, 100, 1e-6, 4.692667)]
    [InlineData(2, 50, 1e-5, 17.473913)]
    [InlineData(100, 1000, 1e-6, 1.362925)]
    public void Laplaces(double scale, int count, double delta, double epsilon) => AssertUpward(epsilon, Laplace(scale).Times(count).Epsilon(delta), 1e-4, 2e-3);

    [Theory]
    [InlineData(1, 10, 1e-6, 9.999977)]
    [InlineData(0.1, 100, 1e-6, 4.774568)]
    [InlineData(0.25, 40, 1e-6, 7.755088)]
    public void Discrete_Laplaces(double a, int count, double delta, double epsilon) => AssertUpward(epsilon, DiscreteLaplace(a).Times(count).Epsilon(delta), 1e-4, 2e-3);

    [Fact]
    public void Mechanisms_of_different_kinds()
    {
        var both = Laplace(2).Times(3).And(Gaussian(5).Times(2));
        AssertUpward(2.582626, both.Epsilon(1e-6), 1e-4, 2e-3);
        var three = both.And(DiscreteLaplace(0.5));
        AssertUpward(3.049918, three.Epsilon(1e-6), 1e-4, 2e-3);
        AssertUpward(0.0489297, three.Delta(1.5), 1e-6, 1e-4);
    }

    [Theory]
    [InlineData(2, 2.078338)]
    [InlineData(4, 1.641962)]
    [InlineData(9, 1.213301)]
    [InlineData(25, 0.775700)]
    [InlineData(100, 0.389458)]
    public void Skellams(double variance, double epsilon) =>
        AssertUpward(epsilon, Bisection.Least(e => DiscreteProfiles.SkellamDelta(variance, e) <= 1e-6, 0, 1), 1e-6, 1e-5);

    [Theory]
    [InlineData(256 / 60000.0, 1.3, 3515, 1e-5, 0.864459)]
    [InlineData(0.01, 1.0, 1000, 1e-5, 1.828244)]
    [InlineData(0.01, 4.0, 10000, 1e-5, 0.946999)]
    [InlineData(0.02, 2.0, 500, 1e-5, 0.920929)]
    [InlineData(0.1, 5.0, 100, 1e-5, 0.758287)]
    [InlineData(0.05, 1.0, 200, 1e-5, 4.765920)]
    public void Training_on_samples(double rate, double sigma, int steps, double delta, double epsilon) => AssertUpward(epsilon, Sampled(rate, sigma, steps, delta), 1e-3, 5e-3);

    [Theory]
    [InlineData(256 / 60000.0, 1.3, 3515, 1e-5, 0.954430)]
    [InlineData(256 / 60000.0, 1.1, 14062, 1e-5, 2.596556)]
    [InlineData(0.01, 1.0, 10000, 1e-5, 6.712757)]
    [InlineData(0.001, 0.8, 10000, 1e-6, 1.703625)]
    [InlineData(0.1, 5.0, 100, 1e-5, 0.834863)]
    public void Training_on_samples_by_Renyi_divergence(double rate, double sigma, int steps, double delta, double epsilon) =>
        AssertUpward(epsilon, RenyiCurve.Of(RenyiCurve.UsualOrders, SampledGaussianRenyi.Of(rate, sigma)).Times(steps).Epsilon(delta), 1e-4, 0.02);

    [Theory]
    [InlineData(1.5, 6.70579741e-4)]
    [InlineData(2.5, 1.08548710e-3)]
    [InlineData(5, 2.18075656e-3)]
    [InlineData(50, 2.38460375e-2)]
    [InlineData(100, 1.67416308e2)]
    public void Renyi_divergence_of_fifty_samples(double order, double divergence)
    {
        // At orders that are not whole ours lies on the chord above, which is what it may.
        var ours = 50 * SampledGaussianRenyi.Of(0.01, 2.5)(order);
        AssertUpward(divergence, ours, divergence * 1e-4, divergence * (order == Math.Floor(order) ? 1e-4 : 0.3));
    }

    [Theory]
    [InlineData(1, 10, 1e-6, 9.998981)]
    [InlineData(5, 20, 1e-6, 3.776833)]
    [InlineData(10, 100, 1e-6, 4.984174)]
    [InlineData(2, 50, 1e-5, 18.327319)]
    public void Laplaces_by_Renyi_divergence(double scale, int count, double delta, double epsilon) =>
        AssertUpward(epsilon, RenyiCurve.Of([.. RenyiCurve.UsualOrders, 4096, 1 << 20], RenyiCurve.Laplace(scale)).Times(count).Epsilon(delta), 1e-3, 0.02);

    /// <summary>A constant divergence of 1.1 at orders 2 to 32.</summary>
    [Fact]
    public void The_conversion_is_the_published_one()
    {
        var curve = RenyiCurve.Of([.. Enumerable.Range(2, 31).Select(i => (double)i)], _ => 1.1);
        Assert.Equal(1.32783806176, curve.Epsilon(1e-5), 1e-10);
        Assert.Equal(1e-5, curve.Delta(1.32783806176), 1e-12);
    }

    /// <summary>ρ of a discrete Laplace: Dα/α never exceeds ε·tanh(ε/2).</summary>
    [Theory]
    [InlineData(0.1, 0.004996)]
    [InlineData(0.5, 0.122459)]
    [InlineData(1, 0.462117)]
    [InlineData(3, 2.715445)]
    public void Randomised_response_concentrates_as_published(double epsilon, double rho)
    {
        var ratios = Enumerable.Range(1, 4000).Select(i => 1 + (i / 100.0)).Select(a => RenyiCurve.RandomisedResponse(epsilon)(a) / a).ToList();
        Assert.Equal(rho, ratios.Max(), 0.01 * rho);
        Assert.All(ratios, r => Assert.True(r <= (epsilon * Math.Tanh(epsilon / 2)) + 1e-12));
    }

    /// <summary>
    /// Deviation of one counter's discrete Laplace noise when m counts share (1, 10⁻⁶): for up to 4 counts as published, beyond from exact binomials, which lie below what was published.
    /// </summary>
    [Theory]
    [InlineData(1, 1.357)]
    [InlineData(4, 5.642)]
    [InlineData(64, 46.840)]
    [InlineData(128, 66.919)]
    public void Laplace_noise_that_several_counts_need_within_one_budget(int count, double deviation)
    {
        var a = 1 / Bisection.Least(b => DiscreteLaplace(1 / b).Times(count).Epsilon(1e-6) <= 1, 0.25 * count, count * 1.01);
        AssertUpward(deviation, 1 / (Math.Sqrt(2) * Math.Sinh(a / 2)), 1e-3, 5e-3);
    }

    /// <summary>The discrete Gaussian for one count, from its exact profile.</summary>
    [Fact]
    public void Gaussian_noise_that_one_count_needs() =>
        AssertUpward(4.23078, Bisection.Least(s => DiscreteProfiles.GaussianDelta(s * s, 1, 1) <= 1e-6, 0, 8), 1e-5, 1e-3);

    /// <summary>Rounding losses down in place of joining the dots above the curve.</summary>
    [Fact]
    public void An_accountant_that_rounds_losses_down_is_caught()
    {
        var honest = Gaussian(10, step: 1e-3);
        var hasty = PrivacyLoss.Of(e => GaussianProfile.Delta(10, e + 5e-4), -1, 1, 1e-3);
        Assert.True(honest.Times(100).Epsilon(1e-6) >= 4.886554117);
        Assert.True(hasty.Times(100).Epsilon(1e-6) < 4.886554117 - 0.01);
    }
}
