using Consilience.Analyses;
using Consilience.Analyses.Schema;

namespace Consilience.Statistical.Tests;

/// <summary>
/// 95 % limits of quantiles and densities of a histogram, and of shares of values that are known, hold what the persons were drawn from, sampling and noise together: ten bins, three variables, ε = 1, two key
/// holders. Seeds are fixed.
/// </summary>
[Trait("speed", "slow")]
public sealed class DescriptionsUnderNoise(ITestOutputHelper output)
{
    private const int Repetitions = 2000;
    private static readonly double[] Shares = [0.05, 0.1, 0.15, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.05], Known = [0.9, 0.75, 0.5];
    private static readonly StudySchema Schema = new([.. new[] { "a", "b", "c" }.Select(name => new Variable(name, VariableType.Integer, name, null, [], 0, 100))]);

    /// <summary>Of the distribution with these shares in its bins, evenly spread inside them: a quarter lies below 26⅔, half below 40, nine in ten below 80.</summary>
    private static readonly Dictionary<string, double> Truths = new(StringComparer.Ordinal) { ["0.25"] = 80 / 3.0, ["0.5"] = 40, ["0.9"] = 80, ["density"] = 0.02 };

    [Theory]
    [InlineData("0.25", 100)]
    [InlineData("0.25", 300)]
    [InlineData("0.25", 1000)]
    [InlineData("0.5", 100)]
    [InlineData("0.5", 300)]
    [InlineData("0.5", 1000)]
    [InlineData("0.9", 100)]
    [InlineData("0.9", 300)]
    [InlineData("0.9", 1000)]
    [InlineData("density", 100)]
    [InlineData("density", 300)]
    [InlineData("density", 1000)]
    public void Limits_of_histograms_hold_the_truth(string of, int persons)
    {
        var coverage = Histograms(of, persons, forgetNoise: false);
        output.WriteLine($"{of}, {persons} persons: {coverage:0.000}");
        Assert.InRange(coverage, 0.93, 0.985);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(1000)]
    public void Limits_of_completeness_hold_the_truth(int persons)
    {
        var coverage = Completeness(persons, forgetNoise: false);
        output.WriteLine($"completeness, {persons} persons: {coverage:0.000}");
        Assert.InRange(coverage, 0.93, 0.985);
    }

    [Fact]
    public void Limits_that_forget_the_noise_are_noticed()
    {
        Assert.InRange(Histograms("0.5", 100, forgetNoise: true), 0, 0.93);
        Assert.InRange(Completeness(100, forgetNoise: true), 0, 0.93);
    }

    private static double Histograms(string of, int persons, bool forgetNoise) => NoisedTotals.Coverage(
        "histogram", new { variable = "a", grid = new { from = 0, to = 100, step = 10 }, quantiles = new[] { 0.25, 0.5, 0.9 } }, Schema, forgetNoise, persons, Repetitions,
        words =>
        {
            var cells = new long[Shares.Length];
            for (var i = 0; i < persons; i++)
                cells[Bin(words.Uniform())]++;
            return cells;
        },
        tables =>
        {
            var row = of == "density" ? tables[0].Rows[3] : tables[1].Rows.Single(r => r.Cells[0].Number == double.Parse(of));
            return [Limits(row, Truths[of])];
        });

    private static double Completeness(int persons, bool forgetNoise) => NoisedTotals.Coverage(
        "completeness", new { variables = new[] { "a", "b", "c" } }, Schema, forgetNoise, persons, Repetitions,
        words =>
        {
            var cells = new long[2 * Known.Length];
            for (var i = 0; i < persons * Known.Length; i++)
                cells[(2 * (i % Known.Length)) + (words.Uniform() < Known[i % Known.Length] ? 1 : 0)]++;
            return cells;
        },
        tables => tables[0].Rows.Zip(Known, Limits));

    /// <summary>Limits that are absent hold everything.</summary>
    private static (double Low, double High, double Truth) Limits(ResultRow row, double truth) => (row.Cells[^2].Number ?? double.NegativeInfinity, row.Cells[^1].Number ?? double.PositiveInfinity, truth);

    private static int Bin(double uniform)
    {
        var bin = 0;
        while (bin < Shares.Length - 1 && uniform >= Shares[bin])
            uniform -= Shares[bin++];
        return bin;
    }
}
