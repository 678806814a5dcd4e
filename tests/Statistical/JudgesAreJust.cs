namespace Consilience.Statistical.Tests;

/// <summary>The statistics that judge the samplers, against known values.</summary>
public sealed class JudgesAreJust
{
    /// <summary>Quantiles of χ² as every table has them.</summary>
    [Theory]
    [InlineData(1, 3.841458820694124, 0.05)]
    [InlineData(5, 11.070497693516351, 0.05)]
    [InlineData(10, 23.209251158954356, 0.01)]
    [InlineData(100, 124.34211340400407, 0.05)]
    [InlineData(2, 27.631021115928547, 1e-6)]
    [InlineData(30, 14.953456528455453, 0.99)]
    public void The_tail_of_chi_square_is_that_of_the_tables(int degrees, double statistic, double probability) =>
        Assert.Equal(probability, ChiSquare.UpperGamma(degrees / 2.0, statistic / 2), probability * 1e-9);

    [Fact]
    public void Fair_counts_pass_and_bent_ones_do_not()
    {
        double[] fair = [0.25, 0.25, 0.25, 0.25];
        Assert.True(ChiSquare.PValue([2510, 2480, 2530, 2480], fair) > 0.5);
        Assert.True(ChiSquare.PValue([2700, 2300, 2500, 2500], fair) < 1e-6);
    }

    /// <summary>As printed in the paper, and by an independent computation.</summary>
    [Theory]
    [InlineData(100, 100, 75, 0, 0.05, 0.70221)]
    [InlineData(100, 100, 75, 1e-4, 0.05, 0.69947)]
    [InlineData(1000, 100, 75, 1e-4, 0.05, 0.67298)]
    [InlineData(100_000, 1510, 1439, 1e-5, 0.05, 2.67585)]
    [InlineData(1000, 1000, 600, 0, 0.05, 0.29747)]
    [InlineData(1000, 1000, 731, 0, 0.05, 0.88060)]
    [InlineData(1000, 1000, 800, 1e-6, 0.05, 1.25430)]
    [InlineData(5000, 5000, 3655, 1e-6, 0.01, 0.92526)]
    [InlineData(200, 200, 200, 0, 0.05, 4.19363)]
    [InlineData(100, 100, 50, 1e-5, 0.05, 0)]
    public void The_bound_of_one_run_is_the_published_one(int canaries, int guesses, int correct, double delta, double level, double bound) =>
        Assert.Equal(bound, OneRunAudit.EpsilonLowerBound(canaries, guesses, correct, delta, level), 2e-5);

    /// <summary>Clopper–Pearson bounds of two-world audits, computed independently.</summary>
    [Theory]
    [InlineData(10_000, 7_311, 2_689, 0.955866)]
    [InlineData(100_000, 73_106, 26_894, 0.986015)]
    [InlineData(1_000_000, 731_059, 268_941, 0.995581)]
    [InlineData(10_000, 500, 0, 4.821948)]
    [InlineData(10_000, 5_000, 5_000, 0)]
    public void The_audited_bound_is_the_published_one(long trials, long hits, long rivalHits, double bound) =>
        Assert.Equal(bound, TwoWorldAudit.EpsilonLowerBound(trials, hits, rivalHits, level: 0.05), 1e-6);
}
