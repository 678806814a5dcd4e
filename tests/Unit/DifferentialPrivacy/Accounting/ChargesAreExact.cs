using System.Numerics;
using Consilience.DifferentialPrivacy.Accounting;
using CsCheck;

namespace Consilience.DifferentialPrivacy.Tests.Accounting;

public sealed class ChargesAreExact
{
    private static readonly Gen<Epsilon> AnyEpsilon = Gen.Select(Gen.Long[1, 1_000_000], Gen.Long[1, 1_000_000])
        .Where((n, d) => n <= 100 * d).Select((n, d) => Epsilon.Parse($"{n}/{d}"));

    /// <summary>The smallest whole number of billionths that is at least ε²/2: c·2d² ≥ 10⁹·n² and (c − 1)·2d² &lt; 10⁹·n².</summary>
    private static bool IsTheLeastThatCovers(Epsilon epsilon, long charge)
    {
        var cost = 1_000_000_000 * BigInteger.Pow(epsilon.Value.Numerator, 2);
        var unit = 2 * BigInteger.Pow(epsilon.Value.Denominator, 2);
        return charge * unit >= cost && (charge - 1) * unit < cost;
    }

    private static bool AlwaysCovers(Func<Epsilon, long> charge)
    {
        for (var n = 1; n <= 60; n++)
        {
            for (var d = 1; d <= 60; d++)
            {
                var epsilon = Epsilon.Parse($"{n}/{d}");
                if (!IsTheLeastThatCovers(epsilon, charge(epsilon)))
                    return false;
            }
        }

        return true;
    }

    [Theory]
    [InlineData("1", 500_000_000)]
    [InlineData("0.5", 125_000_000)]
    [InlineData("2", 2_000_000_000)]
    [InlineData("1/3", 55_555_556)]
    [InlineData("100", 5_000_000_000_000)]
    [InlineData("1/1000000000000", 1)]
    public void An_answer_costs_half_the_square_of_its_epsilon_rounded_up(string epsilon, long nanoRho) =>
        Assert.Equal(nanoRho, NanoRho.FromPureEpsilon(Epsilon.Parse(epsilon)).Amount);

    [Fact]
    public void A_charge_is_the_least_whole_amount_that_covers_the_loss()
    {
        Assert.True(AlwaysCovers(epsilon => NanoRho.FromPureEpsilon(epsilon).Amount));
        AnyEpsilon.Sample(epsilon => Assert.True(IsTheLeastThatCovers(epsilon, NanoRho.FromPureEpsilon(epsilon).Amount)));
    }

    [Fact]
    public void A_charge_rounded_down_is_caught() =>
        Assert.False(AlwaysCovers(epsilon => (long)(epsilon.Value * epsilon.Value * 500_000_000).Floor()));

    [Fact]
    public void A_charge_by_way_of_doubles_is_caught() =>
        Assert.False(AlwaysCovers(epsilon => (long)Math.Ceiling(epsilon.Value.ToDouble() * epsilon.Value.ToDouble() / 2 * 1e9)));

    [Fact]
    public void A_larger_epsilon_never_costs_less() => Gen.Select(AnyEpsilon, AnyEpsilon).Sample((a, b) =>
    {
        if (a.Value <= b.Value)
            Assert.True(NanoRho.FromPureEpsilon(a) <= NanoRho.FromPureEpsilon(b));
    });

    [Fact]
    public void A_sum_that_would_wrap_throws_instead()
    {
        Assert.Equal(7, (new NanoRho(3) + new NanoRho(4)).Amount);
        Assert.Throws<OverflowException>(() => new NanoRho(long.MaxValue) + new NanoRho(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NanoRho(-1));
    }

    [Theory]
    [InlineData("2", 2_000_000_000)]
    [InlineData("0.5", 500_000_000)]
    [InlineData("1/3", 333_333_333)]
    [InlineData("0", 0)]
    [InlineData("0.0000000019", 1)]
    [InlineData("9223372036.854775807", long.MaxValue)]
    public void A_budget_is_never_larger_than_written(string text, long nanoRho)
    {
        Assert.True(NanoRho.TryParseRho(text, out var amount));
        Assert.Equal(nanoRho, amount.Amount);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("NaN")]
    [InlineData("9223372036.854775808")]
    public void A_budget_that_is_none_is_refused(string? text)
    {
        Assert.False(NanoRho.TryParseRho(text, out var amount));
        Assert.Null(amount);
    }

    [Fact]
    public void An_amount_is_written_in_rho_exactly_and_read_back() => Gen.Long[0, long.MaxValue].Sample(nano =>
    {
        Assert.True(NanoRho.TryParseRho(new NanoRho(nano).ToString(), out var amount));
        Assert.Equal(new NanoRho(nano), amount);
    });

    [Fact]
    public void Amounts_are_ordered_and_equal_by_value()
    {
        var (one, two) = (new NanoRho(1), new NanoRho(2));
        Assert.True(one < two && two > one && one <= two && two >= one && one.CompareTo(two) < 0 && one.CompareTo(null) > 0);
        Assert.Equal(two, one + one);
        Assert.Equal(NanoRho.Zero, new NanoRho(0));
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("0.10", "1/10")]
    [InlineData("2/6", "1/3")]
    [InlineData("100", "100")]
    public void An_epsilon_is_exact_and_has_one_text(string text, string canonical) => Assert.Equal(canonical, Epsilon.Parse(text).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("0/5")]
    [InlineData("-1")]
    [InlineData("100.0001")]
    [InlineData("1e-3")]
    [InlineData("Infinity")]
    [InlineData("NaN")]
    [InlineData("∞")]
    public void An_epsilon_that_bounds_nothing_is_refused(string? text)
    {
        Assert.False(Epsilon.TryParse(text, out var epsilon));
        Assert.Null(epsilon);
        if (text is not null)
            Assert.Throws<FormatException>(() => Epsilon.Parse(text));
    }
}
