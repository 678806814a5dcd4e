using System.Numerics;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Tests.Randomness;
using CsCheck;

namespace Consilience.DifferentialPrivacy.Tests.Mechanisms;

public sealed class TermsOfNoise
{
    private static NoiseTerms Terms(long sensitivity, Epsilon epsilon) =>
        NoisePlanner.Candidates(new ContributionBound(1, sensitivity, sensitivity, unchecked(sensitivity * sensitivity)), Workload.OfCells(1), PrivacyPrice.Pure(epsilon), new KeyHolderTrust(1, 0))[0];

    [Theory]
    [InlineData(1, "1", "1")]
    [InlineData(2, "1", "2")]
    [InlineData(1, "0.5", "2")]
    [InlineData(3, "1/7", "21")]
    [InlineData(2, "3", "2/3")]
    [InlineData(1L << 31, "1", "2147483648")]
    public void The_scale_is_sensitivity_over_epsilon_exactly(long sensitivity, string epsilon, string scale)
    {
        var terms = Terms(sensitivity, Epsilon.Parse(epsilon));
        Assert.Equal(scale, terms.Mechanism.Parameter.ToString());
        Assert.Equal(Epsilon.Parse(epsilon).Value, terms.Epsilon!.Value);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void A_sensitivity_below_one_is_refused(long sensitivity) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Terms(sensitivity, Epsilon.Parse("1")));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("-1/3")]
    public void A_scale_that_is_not_positive_is_refused(string scale) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new DiscreteLaplace(Rational.Parse(scale)));

    /// <summary>40 standard deviations squared against 2·40²·b², the variance's own upper bound, in integers.</summary>
    [Fact]
    public void The_bound_leaves_forty_standard_deviations() => Gen.Select(Gen.Long[1, 1L << 31], Gen.Long[1, 100_000], Gen.Long[1, 100_000]).Sample((sensitivity, n, d) =>
    {
        if (!Epsilon.TryParse($"{n}/{d}", out var epsilon))
            return;
        var terms = Terms(sensitivity, epsilon);
        var bound = new Rational(terms.Bound, 1);
        Assert.True(bound * bound >= terms.Mechanism.Parameter * terms.Mechanism.Parameter * 3200);
        Assert.True(bound.ToDouble() >= 40 * Math.Sqrt(terms.Mechanism.Variance));
    });

    /// <summary>P(0), variance and tails from sums of 40-digit arithmetic.</summary>
    [Theory]
    [InlineData("0.2", 0.0136593457603841)]
    [InlineData("0.5", 0.362030830483155)]
    [InlineData("1", 1.84134718841558)]
    [InlineData("2", 7.83539617806553)]
    [InlineData("4", 31.8338528777373)]
    [InlineData("10", 199.833416633609)]
    [InlineData("20", 799.8333541646)]
    public void The_variance_for_display_is_that_of_the_distribution(string scale, double variance) =>
        Assert.Equal(variance, new DiscreteLaplace(Rational.Parse(scale)).Variance, variance * 1e-12);

    [Fact]
    public void The_variance_for_display_keeps_its_digits_at_extreme_scales()
    {
        // Var = 2b² − 1/6 + O(b⁻²).
        Assert.Equal(2e16 - (1.0 / 6), new DiscreteLaplace(100_000_000).Variance, 16.0);
        Assert.Equal(0, new DiscreteLaplace(new Rational(1, 100_000)).Variance);
    }

    [Theory]
    [InlineData("3/2", 3)]
    [InlineData("1", 2)]
    [InlineData("1/1000", 1)]
    [InlineData("20", 30)]
    public void The_bound_of_a_standard_deviation_is_whole(string scale, int bound) =>
        Assert.Equal(bound, new DiscreteLaplace(Rational.Parse(scale)).StandardDeviationBound);

    [Fact]
    public void A_draw_beyond_64_bits_throws_and_is_never_wrapped()
    {
        var mechanism = new DiscreteLaplace(new Rational(BigInteger.Pow(2, 80), 1));
        Assert.Throws<OverflowException>(() => mechanism.Fill(new long[64], XofBytes.Seeded(1)));
    }

    [Fact]
    public void No_counters_take_no_randomness()
    {
        new DiscreteLaplace(1).Fill([], new Refusing());
        Assert.Throws<InvalidOperationException>(() => new DiscreteLaplace(1).Fill(new long[1], new Refusing()));
        Assert.Throws<ArgumentNullException>(() => new DiscreteLaplace(1).Fill(new long[1], null!));
    }

    private sealed class Refusing : RandomBytes.ForTests
    {
        public override void Fill(Span<byte> bytes) => throw new InvalidOperationException("asked for randomness");
    }
}
