using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Sampling;

namespace Consilience.Statistical.Tests;

/// <summary>
/// 95 % limits of the annual change of a rate that grows by 5 % a year, ten years and three age bands, and of rates over follow-up that sites sum up themselves, two years on average and three at most, hold the truth,
/// sampling and noise together: ε = 1, two key holders. Seeds are fixed.
/// </summary>
[Trait("speed", "slow")]
public sealed class TrendsUnderNoise(ITestOutputHelper output)
{
    private const int Repetitions = 2000, Periods = 10;
    private const double Slope = 0.05, Hazard = 0.1;
    private static readonly double[] Shares = [0.5, 0.3, 0.2];

    private static readonly StudySchema Schema = new(
    [
        new("year", VariableType.Integer, "year", null, [], 1, Periods), new("age", VariableType.Integer, "age", null, [], 0, 14),
        new("followed", VariableType.Integer, "followed", null, [], 0, 3), new("died", VariableType.Boolean, "died", null, [], null, null),
    ]);

    [Theory]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(1000)]
    public void Limits_of_annual_changes_hold_the_truth(int cases)
    {
        var coverage = Trends(cases, forgetNoise: false);
        output.WriteLine($"trend, {cases} cases: {coverage:0.000}");
        Assert.InRange(coverage, 0.93, 0.985);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1000)]
    [InlineData(3000)]
    public void Limits_of_rates_over_follow_up_hold_the_truth(int persons)
    {
        var coverage = FollowUp(persons, forgetNoise: false);
        output.WriteLine($"rates over follow-up, {persons} persons: {coverage:0.000}");
        Assert.InRange(coverage, 0.93, 0.985);
    }

    [Fact]
    public void Limits_that_forget_the_noise_are_noticed()
    {
        Assert.InRange(Trends(100, forgetNoise: true), 0, 0.93);
        Assert.InRange(FollowUp(300, forgetNoise: true), 0, 0.93);
    }

    private static double Trends(int cases, bool forgetNoise)
    {
        var all = Enumerable.Range(1, Periods).Sum(p => Math.Exp(Slope * p));
        double[] expected = [.. Enumerable.Range(1, Periods).SelectMany(p => Shares.Select(s => cases * s * Math.Exp(Slope * p) / all))];
        return NoisedTotals.Coverage(
            "trend",
            new { period = new { variable = "year", edges = Enumerable.Range(1, Periods - 1) }, age = new { variable = "age", edges = new[] { 4, 9 } }, population = Enumerable.Repeat(new[] { 1000, 1100, 900 }, Periods) },
            Schema, forgetNoise, cases, Repetitions, words => [.. expected.Select(e => (long)Poisson(words, e))], tables => Limits(tables.Single(t => t.Name == "trend").Rows[1], Slope));
    }

    private static double FollowUp(int persons, bool forgetNoise) => NoisedTotals.Coverage(
        "incidence", new { age = new { variable = "age", edges = new[] { 7 } }, time = "followed", @event = "died", per = 1, standard = new[] { 1, 1 } }, Schema, forgetNoise, persons, Repetitions,
        words =>
        {
            var cells = new long[4];
            for (var i = 0; i < persons; i++)
            {
                var (band, followed) = (i % 2, 1 + (int)(words.Uniform() * 3));
                cells[2 + band] += followed;
                cells[band] += words.Uniform() < Hazard * followed ? 3 : 0;
            }

            return cells;
        },
        tables => Limits(tables.Single().Rows[1], Hazard));

    /// <summary>Limits that are absent hold nothing.</summary>
    private static IEnumerable<(double Low, double High, double Truth)> Limits(ResultRow row, double truth) => [(row.Cells[5].Number ?? double.NaN, row.Cells[6].Number ?? double.NaN, truth)];

    /// <summary>Knuth's product of uniform numbers; expectations here are small.</summary>
    private static int Poisson(UniformWords words, double expected)
    {
        var (count, product, least) = (-1, 1.0, Math.Exp(-expected));
        for (; product > least; count++)
            product *= words.Uniform();
        return count;
    }
}
