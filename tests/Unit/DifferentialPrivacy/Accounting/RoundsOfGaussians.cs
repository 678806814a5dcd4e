using System.Numerics;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Accounting;
using static Consilience.DifferentialPrivacy.Tests.Accounting.GaussiansAsEpsilonAndDelta;

namespace Consilience.DifferentialPrivacy.Tests.Accounting;

/// <summary>
/// Fixed plans of discrete Gaussians: against published values of the continuous one, and against the losses of discrete ones themselves, added up. The broken twin takes them for continuous, and undercuts discrete ones where units are coarse.
/// </summary>
public sealed class RoundsOfGaussians
{
    /// <summary>In units so fine that whole numbers are as good as any.</summary>
    [Theory]
    [MemberData(nameof(GaussiansAsEpsilonAndDelta.SeveralGaussians), MemberType = typeof(GaussiansAsEpsilonAndDelta))]
    public void In_fine_units_they_lose_what_continuous_ones_lose(int sigma, int answers, double delta, double epsilon)
    {
        var squares = BigInteger.Pow(1 << 20, 2);
        AssertUpward(epsilon, GaussianRounds.Epsilon(squares, new Rational(squares * sigma * sigma, 1), 1, 1000, answers, delta), 1e-9, 1e-8);
        AssertUpward(epsilon, GaussianRounds.Epsilon(squares, new Rational(squares * sigma * sigma, 3), 3, 1000, answers, delta), 1e-9, 1e-8);
    }

    /// <summary>One person moves one counter by 1 to 8 units; losses of the discrete Gaussian itself, summed over answers on a grid, whose ε is up to a hundredth too large.</summary>
    [Theory]
    [InlineData(16, 1, 1)]
    [InlineData(100, 1, 10)]
    [InlineData(100, 4, 3)]
    [InlineData(1000, 8, 20)]
    public void Discrete_ones_are_never_undercut(int variance, int step, int answers)
    {
        var truth = PrivacyLoss.Of(e => DiscreteProfiles.GaussianDelta(variance, step, e), -8, 8, 1e-3).Times(answers).Epsilon(1e-5);
        var ours = GaussianRounds.Epsilon(step * step, variance, 1, 1, answers, 1e-5);
        Assert.InRange(ours, truth * (1 - 1e-2), truth * (1.02 + (6.0 / variance)));
        Assert.True(GaussianRounds.Epsilon(step * step, variance, 1, 1, 1, 1e-5) >= DiscreteProfiles.GaussianEpsilon(variance, step, 1e-5));
    }

    /// <summary>Theorem 7 of Canonne, Kamath and Steinke against what takes the discrete Gaussian for continuous.</summary>
    [Fact]
    public void Taking_them_for_continuous_is_caught() =>
        Assert.Contains(new[] { 5, 6, 7, 8, 9, 16 }, variance => GaussianProfile.Epsilon(Math.Sqrt(variance), 1e-5) < DiscreteProfiles.GaussianEpsilon(variance, 1, 1e-5)
            && GaussianRounds.Epsilon(1, variance, 1, 1, 1, 1e-5) >= DiscreteProfiles.GaussianEpsilon(variance, 1, 1e-5));

    /// <summary>The premise: the sum of two draws, and a continuous Gaussian made whole at random, are a discrete Gaussian but for the ratio that is added.</summary>
    [Fact]
    public void A_continuous_gaussian_made_whole_is_a_discrete_one()
    {
        const double Smooth = 5, Rounding = GaussianRounds.Rounding;
        double[] whole = [.. Enumerable.Range(-12, 25).Select(x => Integral(y => Density(y, Smooth) * Weight(x - y, Rounding) / Enumerable.Range(-60, 121).Sum(z => Weight(z - y, Rounding))))];
        double[] discrete = [.. Enumerable.Range(-12, 25).Select(x => Weight(x, Smooth + Rounding) / Enumerable.Range(-60, 121).Sum(z => Weight(z, Smooth + Rounding)))];
        Assert.All(whole.Zip(discrete), p => Assert.Equal(1, p.First / p.Second, 1e-12));

        // With a quarter of that variance for the rounding they differ visibly.
        Assert.NotEqual(1, Integral(y => Density(y, 8.75) * Weight(-y, 0.25) / Enumerable.Range(-60, 121).Sum(z => Weight(z - y, 0.25))) / discrete[12], 1e-6);
    }

    [Fact]
    public void Further_honest_shares_protect_more()
    {
        double Of(int share, int honest) => GaussianRounds.Epsilon(1, share, honest, 10, 1, 1e-5);
        Assert.InRange(Of(100, 4), 0, Of(100, 1) / 1.9);

        // Two shares of 3 make whole numbers of a continuous Gaussian, which one alone does not.
        Assert.Equal((double.PositiveInfinity, true), (Of(3, 1), double.IsFinite(Of(3, 2))));
    }

    [Fact]
    public void Noise_too_small_for_the_argument_promises_nothing() => Assert.Equal(double.PositiveInfinity, GaussianRounds.Epsilon(1, 3, 1, 1, 1, 1e-5));

    private static double Weight(double x, double variance) => Math.Exp(-x * x / (2 * variance));

    private static double Density(double y, double variance) => Weight(y, variance) / Math.Sqrt(2 * Math.PI * variance);

    /// <summary>By the trapezoid rule, exact for what is smooth and vanishes at both ends.</summary>
    private static double Integral(Func<double, double> f) => Enumerable.Range(-6000, 12001).Sum(i => f(i / 100.0)) / 100;
}
