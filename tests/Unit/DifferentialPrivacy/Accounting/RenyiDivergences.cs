using Consilience.DifferentialPrivacy.Accounting;
using static Consilience.DifferentialPrivacy.Tests.Accounting.GaussiansAsEpsilonAndDelta;

namespace Consilience.DifferentialPrivacy.Tests.Accounting;

/// <summary>Rényi divergences and what is read from them: google/differential-privacy (rdp_privacy_accountant_test.py), integrals in 40-digit arithmetic.</summary>
public sealed class RenyiDivergences
{
    /// <summary>The published value at 1.5 is a bound three in a hundred above the integral in 40-digit arithmetic; ours is the integral.</summary>
    [Theory]
    [InlineData(1.5, 50 * 6.5007089718804e-6 / 0.5)]
    [InlineData(2.5, 1.08548710e-3)]
    [InlineData(5, 2.18075656e-3)]
    [InlineData(50, 2.38460375e-2)]
    [InlineData(100, 1.67416308e2)]
    public void Of_fifty_samples(double order, double divergence) => AssertUpward(divergence, 50 * SampledGaussianRenyi.Of(0.01, 2.5)(order), divergence * 1e-4, divergence * 1e-4);

    /// <summary>ln A(α) against integrals in 40-digit arithmetic, at whole orders by both ways.</summary>
    [Theory]
    [InlineData(1e-7, 0.1, 1.01, 4.0034123225264e-8)]
    [InlineData(1e-6, 0.1, 256, 3260463.22929716)]
    [InlineData(1e-5, 0.1, 256.1, 3263607.03978842)]
    [InlineData(1e-6, 1, 27, 8.7695113048485e-10)]
    [InlineData(1e-4, 1, 1.5, 6.44268695383665e-9)]
    [InlineData(1e-3, 1, 2, 1.71828035221452e-6)]
    [InlineData(0.01, 10, 20, 0.00019129699912843)]
    [InlineData(0.1, 100, 20.5, 0.000199918184580683)]
    [InlineData(0.99, 0.1, 256, 3263997.42711402)]
    [InlineData(0.999, 100, 256.1, 3.26010803797311)]
    [InlineData(0.01, 2.5, 2.5, 3.25625417075437e-5)]
    public void Of_one_sample(double rate, double sigma, double order, double logMoment)
    {
        Assert.Equal(logMoment, SampledGaussianRenyi.LogMomentByIntegral(rate, sigma, order), (logMoment * 1e-9) + 1e-17);
        AssertUpward(logMoment, SampledGaussianRenyi.Of(rate, sigma)(order) * (order - 1), logMoment * 1e-12, logMoment * 3e-9);
        if (double.IsInteger(order))
            Assert.Equal(logMoment, SampledGaussianRenyi.LogMoment(rate, sigma, (int)order), logMoment * 1e-9);
    }

    /// <summary>Randomised response with noise 0.3 in ten buckets, against another answer and against no answer at all.</summary>
    [Theory]
    [InlineData(1.5, 1.5030552584, 2.6946320227)]
    [InlineData(2.5, 1.7801182479, 2.9838653640)]
    [InlineData(5, 1.9091969257, 3.1131697007)]
    [InlineData(50, 1.9814516799, 3.1854244842)]
    [InlineData(100, 1.9846954517, 3.1886682561)]
    public void Of_randomised_response(double order, double special, double one)
    {
        double[] first = [0.73, .. Enumerable.Repeat(0.03, 9)], second = [0.03, 0.73, .. Enumerable.Repeat(0.03, 8)], none = [.. Enumerable.Repeat(0.1, 10)];
        static DiscretePair Pair(double[] p, double[] q) => new([.. p.Select(x => Math.Log(x))], [.. q.Select(x => Math.Log(x))]);
        AssertUpward(one, Pair(first, second).Renyi(order), 1e-9, 1e-8);
        AssertUpward(special, Math.Max(Pair(first, none).Renyi(order), Pair(none, first).Renyi(order)), 1e-9, 1e-8);
    }

    /// <summary>A Skellam's divergence is at most what Agarwal, Kairouz and Liu (2021, theorem 3.5) allow over the Gaussian's of its variance; at whole orders against sums of two Poisson distributions.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(100)]
    public void Of_a_Skellam(double variance)
    {
        foreach (var order in new[] { 1.5, 2, 8, 32 })
        {
            var gaussian = order / (2 * variance);
            Assert.InRange(RenyiCurve.Skellam(variance)(order), 0, gaussian + Math.Min(((2 * order) + 5) / (4 * variance * variance), 3 / (2 * variance)));
        }

        var poisson = new List<double> { Math.Exp(-variance / 2) };
        for (var k = 1; k < 400; k++)
            poisson.Add(poisson[^1] * variance / 2 / k);
        double Mass(int d) => Enumerable.Range(0, 300).Where(k => k + d is >= 0 and < 400).Sum(k => poisson[k] * poisson[k + d]);
        var masses = Enumerable.Range(-60, 121).Select(Mass).ToList();
        foreach (var order in new[] { 2, 8 })
            Assert.Equal(Math.Log(masses.Zip(masses.Skip(1), (p, q) => p * Math.Pow(p / q, order - 1)).Sum()) / (order - 1), RenyiCurve.Skellam(variance)(order), 1e-6);
    }

    /// <summary>A tree over 1,600 steps: a person is in 11 of its nodes.</summary>
    [Theory]
    [InlineData(1.13, 18.709610, 19.74)]
    [InlineData(8.83, 1.773192, 2.04)]
    public void Of_a_tree_of_sums(double noise, double epsilon, double most)
    {
        var curve = RenyiCurve.Of(RenyiCurve.UsualOrders, RenyiCurve.Concentrated(1 / (2 * noise * noise))).Times(11);
        AssertUpward(epsilon, curve.Epsilon(1e-6), 0.02, 0.05);
        Assert.True(curve.Epsilon(1e-6) < most);
        Assert.True(ConcentratedProfile.Epsilon(11 / (2 * noise * noise), 1e-6) <= curve.Epsilon(1e-6) + 1e-9);
    }

    /// <summary>Where Rényi divergence optimally converted gives (1, 10⁻⁶).</summary>
    [Fact]
    public void Of_the_Gaussian_that_is_worth_one()
    {
        var curve = RenyiCurve.Of([.. Enumerable.Range(1, 10_000).Select(i => 1 + (i / 100.0))], RenyiCurve.Concentrated(1 / (2 * 4.530877117 * 4.530877117)));
        Assert.Equal(1, curve.Epsilon(1e-6), 1e-6);
        Assert.Equal(1e-6, curve.Delta(1), 1e-11);
    }

    /// <summary>Never below the exact δ of the Gaussian, and never above the textbook's bound.</summary>
    [Fact]
    public void Never_beat_the_exact_Gaussian()
    {
        var curve = RenyiCurve.Of([.. Enumerable.Range(1, 494).Select(i => 1 + (i / 10.0))], RenyiCurve.Concentrated(0.5));
        for (var epsilon = 0.6; epsilon < 49.9; epsilon += 0.1)
            Assert.InRange(curve.Delta(epsilon), GaussianProfile.Delta(1, epsilon), Math.Max(Math.Exp(-Math.Pow(epsilon - 0.5, 2) / 2) * (1 + 1e-3), 1e-300));
    }

    [Fact]
    public void What_epsilon_and_delta_are_read_agrees()
    {
        foreach (var rate in new[] { 0, 0.01, 0.1, 0.8, 1 })
        {
            foreach (var sigma in new[] { 0.1, 1, 10, 100 })
            {
                var curve = RenyiCurve.Of([.. Enumerable.Range(2, 48).Select(i => (double)i)], SampledGaussianRenyi.Of(rate, sigma));
                foreach (var delta in new[] { 0.99, 0.5, 1e-3, 1e-6, 1e-12 })
                {
                    var epsilon = curve.Epsilon(delta);
                    Assert.True(epsilon == 0 ? curve.Delta(epsilon) <= delta * (1 + 1e-9) : Math.Abs(curve.Delta(epsilon) - delta) <= 1e-6 * delta);
                }
            }
        }
    }

    /// <summary>ρ of a continuous Laplace: Dα/α never exceeds ε + e^−ε − 1 (Harrison and Manurangsi 2026).</summary>
    [Theory]
    [InlineData(0.1, 0.004837)]
    [InlineData(0.5, 0.106531)]
    [InlineData(1, 0.367879)]
    [InlineData(3, 2.049787)]
    public void A_Laplace_concentrates_as_published(double epsilon, double rho)
    {
        var ratios = Enumerable.Range(1, 4000).Select(i => 1 + (i / 1000.0)).Select(a => RenyiCurve.Laplace(1 / epsilon)(a) / a).ToList();
        Assert.Equal(rho, ratios.Max(), 0.01 * rho);
        Assert.All(ratios, r => Assert.True(r <= rho + 1e-6));
    }

    [Theory]
    [InlineData(1, 10, 1e-6, 9.998981)]
    [InlineData(5, 20, 1e-6, 3.776833)]
    [InlineData(10, 100, 1e-6, 4.984174)]
    [InlineData(2, 50, 1e-5, 18.327319)]
    public void Of_Laplaces(double scale, int count, double delta, double epsilon) =>
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

    /// <summary>Twin: the chord's neighbour, the divergence of the next lower whole order, lies below.</summary>
    [Fact]
    public void Orders_rounded_down_are_caught() => Assert.True(50 * SampledGaussianRenyi.LogMoment(0.01, 2.5, 2) / 1.5 < 1.08548710e-3 * 0.9);
}
