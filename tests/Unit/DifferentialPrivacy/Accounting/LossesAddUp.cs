using Consilience.DifferentialPrivacy.Accounting;
using static Consilience.DifferentialPrivacy.Tests.Accounting.GaussiansAsEpsilonAndDelta;

namespace Consilience.DifferentialPrivacy.Tests.Accounting;

/// <summary>
/// Privacy-loss distributions against published compositions: google/differential-privacy (pld_privacy_accountant_test.py, accountant_test.py and outputs of both accountants),
/// microsoft/prv_accountant.
/// </summary>
public sealed class LossesAddUp
{
    internal static PrivacyLoss Gaussian(double sigma, double step = 1e-4)
    {
        var reach = (1 / (2 * sigma * sigma)) + (9 / sigma);
        return PrivacyLoss.Of(e => GaussianProfile.Delta(sigma, e), -reach, reach, step);
    }

    internal static PrivacyLoss Laplace(double scale) => PrivacyLoss.Of(e => DiscreteProfiles.LaplaceDelta(scale, e), -1 / scale, 1 / scale);

    internal static PrivacyLoss DiscreteLaplace(double a) => PrivacyLoss.Of(e => DiscreteProfiles.DiscreteLaplaceDelta(a, e), -a, a);

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

    /// <summary>Finite losses end where they end, at a δ far below what a transform without weights can tell from nothing.</summary>
    [Fact]
    public void Laplaces_at_a_delta_of_nearly_nothing() => AssertUpward(4, Laplace(1).Times(3).And(Laplace(2).Times(2)).Epsilon(1e-14), 1e-6, 1e-6);

    [Fact]
    public void Discrete_Laplaces_at_a_delta_of_nearly_nothing() => AssertUpward(4, DiscreteLaplace(1).Times(3).And(DiscreteLaplace(0.5).Times(2)).Epsilon(1e-14), 1e-6, 1e-6);

    [Fact]
    public void Laplaces_on_samples_at_a_delta_of_nearly_nothing()
    {
        double All(double e) => DiscreteProfiles.LaplaceDelta(0.5, e);
        var worst = new[] { true, false }.Max(isRemoved => PrivacyLoss.Of(e => PoissonSample.Delta(All, All, 0.2, e, isRemoved), -2, 2).Times(3).Epsilon(1e-14));
        AssertUpward(2.46964, worst, 1e-3, 1e-3);
    }

    /// <summary>However small δ is, ε stays within a thousandth of the exact one.</summary>
    [Theory]
    [InlineData(10, 100, 1e-12)]
    [InlineData(10, 100, 1e-15)]
    [InlineData(10, 100, 1e-30)]
    [InlineData(10, 100, 1e-100)]
    [InlineData(100, 10_000, 1e-14)]
    public void Gaussians_at_any_delta(double sigma, int count, double delta)
    {
        var reach = (1 / (2 * sigma * sigma)) + (30 / sigma);
        var loss = PrivacyLoss.Of(e => GaussianProfile.Delta(sigma, e), -reach, reach).Times(count);
        var epsilon = GaussianProfile.Epsilon(sigma / Math.Sqrt(count), delta);
        AssertUpward(epsilon, loss.Epsilon(delta), 1e-9 * epsilon, 1e-3 * epsilon);
        Assert.InRange(loss.Delta(epsilon), delta * (1 - 1e-9), delta * 1.2);
    }

    /// <summary>Below the exact δ by at most nothing, above it by little, wherever it is read; and never falling out of the window it is computed on.</summary>
    [Fact]
    public void Delta_falls_with_epsilon_and_stays_above_the_formula()
    {
        var loss = Gaussian(20).Times(400);
        var before = 1.0;
        for (var epsilon = -6.0; epsilon < 9; epsilon += 0.25)
        {
            var (ours, exact) = (loss.Delta(epsilon), GaussianProfile.Delta(1, epsilon));
            Assert.InRange(ours, exact * (1 - 1e-9), (exact * 1.02) + 1e-9);
            Assert.True(ours <= before);
            before = ours;
        }
    }

    [Theory]
    [InlineData(0.1, 0.38914)]
    public void The_power_of_a_test_against_three_Gaussians(double falsePositives, double truePositives) =>
        AssertUpward(truePositives, Power(Gaussian(Math.Sqrt(3)).Times(3), falsePositives), 1e-5, 1e-3);

    /// <summary>True positives at a rate of false ones: min over ε of e^ε·α + δ(ε).</summary>
    private static double Power(PrivacyLoss loss, double falsePositives) => Enumerable.Range(-400, 800).Min(i => (Math.Exp(i / 100.0) * falsePositives) + loss.Delta(i / 100.0));

    /// <summary>Answers of (ε, δ) and no more said about them: randomised response that fails with probability δ.</summary>
    private static PrivacyLoss Approximate(double epsilon, double delta) =>
        PrivacyLoss.Of(e => delta + ((1 - delta) * (epsilon == 0 ? Math.Max(0, 1 - Math.Exp(e)) : DiscreteProfiles.DiscreteLaplaceDelta(epsilon, e))), -epsilon - 1e-3, epsilon + 1e-3, 1e-3);

    [Fact]
    public void Pure_answers_add_up()
    {
        var both = Approximate(1, 0).And(Approximate(2, 0));
        Assert.Equal(0, both.Delta(3), 1e-12);
        AssertUpward(3, both.Epsilon(1e-15), 1e-9, 2e-3);
        AssertUpward(0.8286, Power(both, 0.1), 1e-4, 1e-3);
    }

    [Fact]
    public void Failures_add_up()
    {
        var both = Approximate(1, 0.1).And(Approximate(2, 0.2));
        AssertUpward(0.28, both.Delta(3), 1e-12, 1e-4);
        AssertUpward(3, both.Epsilon(0.28 + 1e-9), 1e-6, 2e-3);
        AssertUpward(0.91938, Power(both, 0.1), 1e-4, 1e-3);
        AssertUpward(1 - Math.Pow(0.999, 10), Approximate(0, 0.001).Times(10).Delta(1e-2), 1e-14, 1e-12);
    }

    /// <summary>Optimal composition (Kairouz, Oh and Viswanath 2015).</summary>
    [Fact]
    public void Thirty_approximate_answers()
    {
        var thirty = Approximate(1, 0.001).Times(30);
        Assert.True(thirty.Delta(22.001) <= 0.06 && thirty.Delta(19.999) > 0.06 && thirty.Delta(20.001) <= 0.1);
        Assert.Equal(double.PositiveInfinity, thirty.Epsilon(0.029));
        AssertUpward(30, Approximate(1, 0).Times(30).Epsilon(1e-15), 1e-6, 5e-2);
    }

    [Theory]
    [InlineData(1, 20, 13.6, 0.1)]
    [InlineData(0.5, 20, 6.8, 0.1)]
    [InlineData(1, 500, 71.0, 0.1)]
    public void The_least_Laplace_of_several_answers(double sensitivity, int count, double scale, double tolerance)
    {
        Assert.True(Laplace((scale + tolerance) / sensitivity).Times(count).Epsilon(1e-4) <= 1);
        Assert.True(Laplace((scale - tolerance) / sensitivity).Times(count).Epsilon(1e-4) > 1);
    }

    [Theory]
    [InlineData(1, 0.073)]
    [InlineData(5, 0.014)]
    public void The_least_discrete_Laplace_of_several_answers(int sensitivity, double a)
    {
        PrivacyLoss Twenty(double parameter) => PrivacyLoss.Of(SamplesAndPairs.DiscreteLaplace(parameter, sensitivity).Delta, -sensitivity * parameter, sensitivity * parameter, 1e-3).Times(20);
        Assert.True(Twenty(a - 0.001).Epsilon(1e-4) <= 1);
        Assert.True(Twenty(a + 0.001).Epsilon(1e-4) > 1);
    }

    /// <summary>Gaussians of which the person adds 0, 1, 2 or 0, 2, 3, as a die falls: the worse of joining and leaving.</summary>
    [Fact]
    public void Mixtures_of_Gaussians()
    {
        (double, double)[] one = [(0.2, 0), (0.6, 1), (0.2, 2)], other = [(0.33, 0), (0.34, 2), (0.33, 3)], nobody = [(1, 0)];
        static (double, double)[] Negated((double Weight, double Mean)[] parts) => [.. parts.Select(p => (p.Weight, -p.Mean))];
        var joins = new GaussianMixtures(1, one, nobody).Loss(16, 1e-3).Times(3).And(new GaussianMixtures(2, other, nobody).Loss(12, 1e-3).Times(2));
        var leaves = new GaussianMixtures(1, nobody, Negated(one)).Loss(16, 1e-3).Times(3).And(new GaussianMixtures(2, nobody, Negated(other)).Loss(12, 1e-3).Times(2));
        AssertUpward(17.193115, Math.Max(joins.Epsilon(1e-6), leaves.Epsilon(1e-6)), 1e-4, 1e-2);
    }

    /// <summary>
    /// Deviation of one counter's noise when m counts share (1, 10⁻⁶) or (3, 10⁻⁶), as published, but for the discrete Laplace of 8 counts and more, where exact binomials lie a little below
    /// what was published, and for the Gaussians of 32 and more, where it is the continuous one's.
    /// </summary>
    [Theory]
    [InlineData(1, 1, 1.357, 4.231, 3.774)]
    [InlineData(1, 2, 2.799, 5.977, 5.808)]
    [InlineData(1, 4, 5.642, 8.452, 8.390)]
    [InlineData(1, 8, 11.306, 11.952, 11.933)]
    [InlineData(1, 16, 21.753, 16.912, 16.905)]
    [InlineData(1, 32, 32.359, 23.935, 23.933)]
    [InlineData(1, 64, 46.983, 33.898, 33.898)]
    [InlineData(1, 128, 67.342, 48.083, 48.083)]
    [InlineData(3, 1, 0.332, 1.562, 0.706)]
    [InlineData(3, 2, 0.860, 2.184, 1.734)]
    [InlineData(3, 4, 1.842, 3.091, 2.911)]
    [InlineData(3, 8, 3.749, 4.367, 4.301)]
    [InlineData(3, 16, 7.495, 6.178, 6.153)]
    [InlineData(3, 32, 11.633, 8.739, 8.729)]
    [InlineData(3, 64, 16.932, 12.363, 12.361)]
    [InlineData(3, 128, 24.422, 17.501, 17.501)]
    public void Noise_that_several_counts_need_within_one_budget(double epsilon, int count, double laplace, double gaussian, double skellam)
    {
        bool Holds(Func<double, double> delta, double most) => PrivacyLoss.Of(delta, -most, most, 1e-3 / Math.Sqrt(count)).Times(count).Epsilon(1e-6) <= epsilon;
        bool LaplaceHolds(double deviation)
        {
            var a = 2 * Math.Asinh(1 / (Math.Sqrt(2) * deviation));
            return Holds(e => DiscreteProfiles.DiscreteLaplaceDelta(a, e), a);
        }

        bool GaussianHolds(double deviation) => Holds(e => DiscreteProfiles.GaussianDelta(deviation * deviation, 1, e), (1 / (2 * deviation * deviation)) + (8 / deviation));
        bool SkellamHolds(double deviation)
        {
            var pair = DiscreteProfiles.Skellam(deviation * deviation, 1);
            return Holds(pair.Delta, (deviation < 2 ? 3 : 0) + (12 / deviation));
        }

        var lower = count < 32 ? 0.998 : 0.992;
        Assert.True(LaplaceHolds(laplace * 1.002) && !LaplaceHolds(laplace * (count < 8 ? 0.998 : 0.99)), "discrete Laplace");
        Assert.True(GaussianHolds(gaussian * 1.002) && !GaussianHolds(gaussian * lower), "discrete Gaussian");
        Assert.True(SkellamHolds(skellam * 1.002) && !SkellamHolds(skellam * lower), "Skellam");
    }

    /// <summary>The budget accountant of PipelineDP (tests/budget_accounting_test.py), by the standard deviation of one answer.</summary>
    [Fact]
    public void Noise_of_a_plan_within_one_budget()
    {
        // Published from a coarser grid, so ours is less: by two in a hundred.
        Assert.Equal(49.872, Math.Sqrt(2) * Bisection.Least(b => Laplace(b).Times(10).Epsilon(1e-3) <= 0.168, 10, 60, 1e-5), 1.0);
        Assert.Equal(50.25, Math.Sqrt(10) * GaussianProfile.Sigma(0.115, 1e-3), 1.1);
        Assert.Equal(2.82842712474619, Math.Sqrt(2) * Bisection.Least(b => Laplace(b / 3).Times(2).Epsilon(1e-14) <= 3, 1, 3, 1e-7), 1e-3);
        Assert.InRange(Laplace(49.73 / Math.Sqrt(2)).Times(5).And(Gaussian(49.73).Times(5)).And(Generic).Epsilon(1e-3), 0.2, 0.240);
        Assert.Equal(114.375, 10 * GaussianProfile.Sigma(0.5, 1e-10), 0.02);
    }

    /// <summary>Five answers of an ε and a δ each.</summary>
    private static PrivacyLoss Generic =>
        PrivacyLoss.Of(e => 0.00010439193305478515 + (0.99989560806694521 * DiscreteProfiles.DiscreteLaplaceDelta(0.02838875378244, e)), -0.03, 0.03).Times(5);

    /// <summary>Ten thousand answers, ε from a tenth to a hundred: brackets of microsoft/prv_accountant, exact because Gaussians add up.</summary>
    [Fact]
    public void Ten_thousand_Gaussians()
    {
        var loss = Gaussian(100).Times(10_000);
        foreach (var epsilon in new[] { 0.1, 1, 4, 8 })
            AssertUpward(GaussianProfile.Delta(1, epsilon), loss.Delta(epsilon), 0, (0.01 * GaussianProfile.Delta(1, epsilon)) + 1e-11);
        var mixed = Gaussian(10).Times(50).And(Gaussian(5).Times(50));
        AssertUpward(GaussianProfile.Delta(1 / Math.Sqrt(2.5), 4), mixed.Delta(4), 0, 1e-5);
    }

    [Fact]
    public void Samples_and_whole_data_and_Laplaces_in_one_plan()
    {
        double All(double e) => GaussianProfile.Delta(0.8, e);
        var sampled = new[] { true, false }.Select(isRemoved => PrivacyLoss.Of(e => PoissonSample.Delta(All, All, 5e-3, e, isRemoved), -6, 6).Times(100).And(Gaussian(8).Times(200)).And(Laplace(10).Times(100)));
        AssertUpward(11.149201, sampled.Max(s => s.Epsilon(1e-6)), 1e-3, 5e-3);
    }

    [Theory]
    [InlineData(2, 2.078338)]
    [InlineData(4, 1.641962)]
    [InlineData(9, 1.213301)]
    [InlineData(25, 0.775700)]
    [InlineData(100, 0.389458)]
    public void Skellams(double variance, double epsilon) =>
        AssertUpward(epsilon, Bisection.Least(e => DiscreteProfiles.SkellamDelta(variance, e) <= 1e-6, 0, 1), 1e-6, 1e-5);

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
