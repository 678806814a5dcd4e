using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.Statistical.Tests;

/// <summary>
/// 95 % limits of crude and standardised incidence rates hold the rates that cases were drawn from: childhood cancers in three age bands, ε = 1, two key holders. Fay and Feuer's limits are
/// conservative for few cases, with and without noise. Seeds are fixed.
/// </summary>
[Trait("speed", "slow")]
public sealed class RatesUnderNoise(ITestOutputHelper output)
{
    private const int Repetitions = 2000;
    private static readonly double[] Shares = [0.5, 0.25, 0.25], Years = [1_000_000, 1_100_000, 900_000], Weights = [12, 10, 9];
    private static readonly StudySchema Schema = new([new("age", VariableType.Integer, "age", "years", [], 0, 14)]);

    private static (double Crude, double Standardised) Coverage(int cases, bool forgetNoise)
    {
        var parameters = JsonSerializer.SerializeToElement(new { age = new { variable = "age", edges = new[] { 4, 9 } }, population = Years, standard = Weights, per = 1_000_000 });
        var plan = MethodList.Find("incidence")!.Plan(parameters, Schema, new List<Fault>())!;
        var terms = NoisedTotals.Terms(plan, NoisedTotals.EpsilonOne, NoisedTotals.TwoKeyHolders);
        using var words = new UniformWords(XofBytes.Seeded(cases));
        var exact = new ExactSampler(words);
        var randomness = XofBytes.Seeded(-cases);
        var expected = Shares.Select(s => Math.Round(s * cases)).ToArray();
        var truths = new[] { 1e6 * expected.Sum() / Years.Sum(), 1e6 * expected.Select((e, b) => e / Years[b] * Weights[b]).Sum() / Weights.Sum() };
        var covered = new double[2];
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            var cells = expected.Select(e => (long)exact.Poisson((long)e)).ToArray();
            var rows = plan.Finish(NoisedTotals.Open(cells, terms, randomness), forgetNoise ? NoiseModel.None : NoiseModel.Of(terms), DisclosureRules.None).Tables.Single().Rows;
            for (var i = 0; i < 2; i++)
                covered[i] += rows[i].Cells[^2].Number <= truths[i] && truths[i] <= rows[i].Cells[^1].Number ? 1 : 0;
        }

        return (covered[0] / Repetitions, covered[1] / Repetitions);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(1000)]
    public void Limits_hold_the_rates(int cases)
    {
        var (crude, standardised) = Coverage(cases, forgetNoise: false);
        output.WriteLine($"{cases} cases: crude {crude:0.000}, standardised {standardised:0.000}");
        Assert.InRange(crude, 0.93, 0.985);
        Assert.InRange(standardised, 0.93, 0.985);
    }

    [Fact]
    public void Limits_that_forget_the_noise_are_noticed() => Assert.InRange(Coverage(20, forgetNoise: true).Crude, 0, 0.93);
}
