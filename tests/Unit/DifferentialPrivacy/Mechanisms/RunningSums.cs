using Consilience.DifferentialPrivacy.Mechanisms;
using CsCheck;

namespace Consilience.DifferentialPrivacy.Tests.Mechanisms;

public sealed class RunningSums
{
    private static PrefixFactorisation Of(int length) => new(new Workload(length, [new CounterStream(0, length)]));

    /// <summary>Error factors and squared column lengths of the square-root factorisation of running sums over T counters, as tabulated from the exact coefficients.</summary>
    [Theory]
    [InlineData(6, 1.500, 1.623611)]
    [InlineData(12, 1.709, 1.850677)]
    [InlineData(20, 1.866, 2.015890)]
    [InlineData(32, 2.012, 2.166975)]
    [InlineData(60, 2.209, 2.368222)]
    [InlineData(128, 2.449, 2.610104)]
    [InlineData(256, 2.669, 2.831050)]
    public void Errors_are_the_tabulated_ones(int length, double error, double squares)
    {
        var factorisation = Of(length);
        Assert.Equal(squares, (double)factorisation.ColumnSquares / (1024.0 * 1024), squares * 1e-3);
        Assert.Equal(error, factorisation.RunningSumError * Math.Sqrt((double)factorisation.ColumnSquares), 0.002);
    }

    /// <summary>What one person changes in what is sent, brute force over every place that person can be in.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(60)]
    public void No_person_changes_more_than_the_longest_column(int length)
    {
        var workload = new Workload((2 * length) + 1, [new CounterStream(0, length), new CounterStream(length, length)]);
        var factorisation = new PrefixFactorisation(workload);
        var longest = Enumerable.Range(0, workload.Length).Max(i =>
        {
            var person = new long[workload.Length];
            person[i] = 1;
            factorisation.Multiply(person);
            return person.Sum(c => c * c);
        });
        Assert.Equal((long)factorisation.ColumnSquares, longest);
    }

    [Fact]
    public void What_was_multiplied_is_recovered() => Gen.Select(Gen.Int[0, 5000].Array[12], Gen.Int[0, 5000].Array[12], Gen.Int[0, 5000]).Sample((censored, events, beyond) =>
    {
        var factorisation = new PrefixFactorisation(new Workload(25, [new CounterStream(0, 12), new CounterStream(12, 12)]));
        long[] cells = [.. censored.Select(c => (long)c), .. events.Select(e => (long)e), beyond];
        var sent = cells.ToArray();
        factorisation.Multiply(sent);
        Assert.Equal(cells, factorisation.Recover(sent));
    });

    /// <summary>The variance formula against sums over every counter that carries noise.</summary>
    [Fact]
    public void The_variance_of_a_running_sum_is_the_sum_of_squares_of_L()
    {
        var factorisation = Of(12);
        double[] last = [.. Enumerable.Repeat(1.0, 12)];
        double[] first = [1, .. new double[11]];
        Assert.Equal(1 / (1024.0 * 1024), factorisation.VarianceOf(0, first), 1e-15);
        Assert.InRange(factorisation.VarianceOf(0, last) * 1024 * 1024, 1.84, 1.86);
    }

    [Fact]
    public void Sums_that_noise_made_fall_are_levelled()
    {
        var factorisation = Of(3);
        long[] sent = [3, 0, 2];
        factorisation.Multiply(sent);
        sent[1] -= 4000;
        var recovered = factorisation.Recover(sent);
        Assert.All(recovered, c => Assert.True(c >= 0));
    }

    [Fact]
    public void A_product_that_leaves_64_bits_throws_and_is_never_wrapped() =>
        Assert.Throws<OverflowException>(() => Of(3).Multiply([long.MaxValue / 1000, long.MaxValue / 1000, long.MaxValue / 1000]));
}
