using System.Numerics;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using CsCheck;

namespace Consilience.DifferentialPrivacy.Tests.Mechanisms;

public sealed class PlansOfNoise
{
    private static readonly KeyHolderTrust AllButOne = new(3, 2);

    private static PrivacyPrice Rho(string text) => PrivacyPrice.Concentrated(NanoRho.TryParseRho(text, out var rho) ? rho : throw new FormatException(text));

    private static PrivacyPrice Pure(string text) => PrivacyPrice.Pure(Epsilon.Parse(text));

    private static Workload Sums(int length) => new(length, [new CounterStream(0, length)]);

    [Fact]
    public void For_pure_epsilon_discrete_Laplace_is_the_only_plan()
    {
        var plan = Assert.Single(NoisePlanner.Candidates(ContributionBound.OneCell, Sums(12), Pure("1"), AllButOne));
        Assert.Equal("discrete-laplace", plan.Name);
        Assert.Equal("1", plan.Mechanism.Parameter.ToString());
        Assert.Equal("1", plan.Epsilon!.ToString());
        Assert.Equal("0.5", plan.Charge.ToString());
    }

    [Theory]
    [InlineData("0.1", 1, "discrete-gaussian")]
    [InlineData("0.5", 1, "discrete-gaussian")]
    [InlineData("0.5", 64, "discrete-gaussian")]
    public void For_an_amount_of_rho_the_least_error_comes_first(string rho, int touched, string first)
    {
        var plans = NoisePlanner.Candidates(new ContributionBound(touched, 1, touched, touched), Workload.OfCells(touched), Rho(rho), new KeyHolderTrust(1, 0));
        Assert.Equal(2, plans.Count);
        Assert.Equal(first, plans[0].Name);
        Assert.True(plans[0].Error <= plans[1].Error);
    }

    [Theory]
    [InlineData(1, "discrete-gaussian")]
    [InlineData(2, "discrete-gaussian+prefix")]
    [InlineData(12, "discrete-gaussian+prefix")]
    [InlineData(60, "discrete-gaussian+prefix")]
    [InlineData(513, "discrete-gaussian")]
    public void Running_sums_are_factorised_where_that_helps(int length, string first) =>
        Assert.Equal(first, NoisePlanner.Candidates(ContributionBound.OneCell, Sums(length), Rho("0.5"), AllButOne)[0].Name);

    /// <summary>σ² = Δ²/2ρ at every key holder, when all but one may collude.</summary>
    [Theory]
    [InlineData("0.5", 1, 1, "1")]
    [InlineData("0.125", 1, 1, "4")]
    [InlineData("0.5", 4, 16, "16")]
    public void The_variance_is_that_of_the_theorem(string rho, int total, int squares, string variance)
    {
        var plan = NoisePlanner.Candidates(new ContributionBound(1, total, total, squares), Workload.OfCells(1), Rho(rho), AllButOne).Single(p => p.Name == "discrete-gaussian");
        Assert.Equal(variance, plan.Mechanism.Parameter.ToString());
        Assert.Null(plan.Epsilon);
        Assert.Equal(rho, plan.Charge.ToString());
    }

    /// <summary>Whoever knows the noise of the colluding key holders still faces what the price pays for, by the bound on sums of discrete Gaussians.</summary>
    [Fact]
    public void Shares_never_fall_below_what_the_price_pays_for() =>
        Gen.Select(Gen.Long[1, 3_000_000_000], Gen.Int[1, 8], Gen.Int[0, 7], Gen.Int[1, 50], Gen.Int[1, 1_000_000]).Sample((nano, holders, colluding, sensitivity, length) =>
        {
            if (colluding >= holders)
                return;
            var trust = new KeyHolderTrust(holders, colluding);
            var price = PrivacyPrice.Concentrated(new NanoRho(nano));
            var bound = new ContributionBound(1, sensitivity, sensitivity, (long)sensitivity * sensitivity);
            var plan = NoisePlanner.Candidates(bound, Workload.OfCells(length), price, trust).Single(p => p.Name == "discrete-gaussian");
            var share = plan.Mechanism.Parameter;
            var least = new Rational((BigInteger)sensitivity * sensitivity * 1_000_000_000, 2 * nano);
            if (share >= least)
                return;
            Assert.True(share >= 2);
            Assert.True(NoisePlanner.RhoOfShares((BigInteger)sensitivity * sensitivity, share * trust.Honest, trust.Honest, length) <= new Rational(nano, 1_000_000_000));
        });

    [Fact]
    public void A_share_that_counts_on_the_colluders_noise_is_caught() =>
        Assert.True(NoisePlanner.RhoOfShares(1, new Rational(2, 3), 2, 1) > new Rational(1, 2));

    [Fact]
    public void Fewer_colluders_need_less_noise()
    {
        var errors = new[] { 0, 1, 2 }.Select(t => NoisePlanner.Candidates(ContributionBound.OneCell, Workload.OfCells(1), Rho("0.01"), new KeyHolderTrust(3, t))[0].Error).ToList();
        Assert.Equal(errors.Order(), errors);
        Assert.Equal(Math.Sqrt(50), errors[0], 0.001);
        Assert.Equal(Math.Sqrt(150), errors[2], 0.001);
    }

    /// <summary>The largest ε whose ε²/2 an amount of ρ covers.</summary>
    [Fact]
    public void Rho_buys_the_largest_epsilon_it_covers() => Gen.Long[1, 4_000_000_000].Sample(nano =>
    {
        var epsilon = Epsilon.LargestFor(new NanoRho(nano));
        Assert.True(NanoRho.FromPureEpsilon(epsilon) <= new NanoRho(nano));
        Assert.True(Epsilon.TryParse((epsilon.Value + new Rational(2, 1_000_000_000)).ToString(), out var more));
        Assert.True(NanoRho.FromPureEpsilon(more) >= new NanoRho(nano));
    });

    [Theory]
    [InlineData("1", null, true)]
    [InlineData(null, "0.5", true)]
    [InlineData("1", "0.5", false)]
    [InlineData(null, null, false)]
    [InlineData("2/2", null, false)]
    [InlineData(null, "0.50", false)]
    [InlineData(null, "0", false)]
    [InlineData(null, "0.0000000001", false)]
    [InlineData(null, "-1", false)]
    public void A_price_is_exactly_one_canonical_number(string? epsilon, string? rho, bool isPrice) =>
        Assert.Equal(isPrice, PrivacyPrice.Read(epsilon, rho) is not null);

    [Theory]
    [InlineData(0, 1, 1, 1)]
    [InlineData(1, 0, 1, 1)]
    [InlineData(1, 1, 2, 2)]
    [InlineData(2, 2, 1, 1)]
    [InlineData(2, 1, 2, 3)]
    [InlineData(2, 2, 3, 3)]
    [InlineData(1, 1, 1, 0)]
    public void Bounds_that_contradict_each_other_are_refused(long cells, long perCell, long total, long squares) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ContributionBound(cells, perCell, total, squares));

    [Fact]
    public void A_person_at_several_sites_counts_several_times_in_the_same_cell() =>
        Assert.Equal(new ContributionBound(3, 3, 3, 9), ContributionBound.OneCell.Times(3));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 2)]
    [InlineData(2, -1)]
    public void Noise_that_nobody_keeps_secret_is_refused(int keyHolders, int colluding) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyHolderTrust(keyHolders, colluding));
}
