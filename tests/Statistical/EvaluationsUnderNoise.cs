using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;
using Consilience.FederatedLearning;

namespace Consilience.Statistical.Tests;

/// <summary>
/// 95 % limits of a model's discrimination hold that of all persons it might have been asked about, sampling and noise together: ε = 1, two key holders. Scores are those of a model that is right, in twenty classes. Seeds are fixed.
/// </summary>
[Trait("speed", "slow")]
public sealed class EvaluationsUnderNoise(ITestOutputHelper output)
{
    private const int Repetitions = 2000, Bins = 20;
    private const double Reach = 3;

    private static readonly StudySchema Schema = new([new("x", VariableType.Real, "x", null, [], -4, 4), new("y", VariableType.Boolean, "y", null, [], null, null)]);
    private static readonly double Truth = AreaOf(Enumerable.Range(0, 600_000).Select(i => Reach * ((i + 0.5) / 300_000 - 1)));

    [Theory]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(1000)]
    public void Limits_of_the_area_hold_the_truth(int persons)
    {
        var coverage = Coverage(persons, forgetNoise: false);
        output.WriteLine($"auc, {persons} persons: {coverage:0.000}");
        Assert.InRange(coverage, 0.93, 0.985);
    }

    [Fact]
    public void Limits_that_forget_the_noise_are_noticed() => Assert.InRange(Coverage(300, forgetNoise: true), 0, 0.93);

    private static double Coverage(int persons, bool forgetNoise)
    {
        var parameters = new
        {
            model = new { inputs = new object[] { new { variable = "x", centre = 0, scale = 1 } }, head = "logistic", outcome = "y" },
            weights = Convert.ToBase64String([.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(0f)]), bins = Bins,
        };
        var plan = KnownMethods.Find("model-evaluation")!.Plan(JsonSerializer.SerializeToElement(parameters), Schema, new List<Fault>())!;
        var terms = NoisedTotals.Terms(plan, NoisedTotals.EpsilonOne, NoisedTotals.TwoKeyHolders);
        var model = forgetNoise ? NoiseModel.None : NoiseModel.Of(terms);
        using var words = new UniformWords(XofBytes.Seeded(persons));
        var randomness = XofBytes.Seeded(-persons);
        double covered = 0;
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            // Rows left out, then persons without the event by class of score, then those with it.
            var cells = new long[1 + (2 * Bins)];
            for (var i = 0; i < persons; i++)
            {
                var score = Score(Reach * ((2 * words.Uniform()) - 1));
                cells[1 + (words.Uniform() < score ? Bins : 0) + Class(score)]++;
            }

            var table = plan.Finish(NoisedTotals.Open(cells, terms, randomness), model, DisclosureRules.None).Tables[0];
            double? Cell(string column) => table.Rows[0].Cells[table.Columns.ToList().IndexOf(column)].Number;
            covered += Cell("conf.low") <= Truth && Truth <= Cell("conf.high") ? 1 : 0;
        }

        return covered / Repetitions;
    }

    /// <summary>The area under the curve of classes of scores, of persons with these values.</summary>
    private static double AreaOf(IEnumerable<double> values)
    {
        var (with, without) = (new double[Bins], new double[Bins]);
        foreach (var score in values.Select(Score))
            (with[Class(score)], without[Class(score)]) = (with[Class(score)] + score, without[Class(score)] + 1 - score);
        double agree = 0, below = 0;
        for (var bin = 0; bin < Bins; below += without[bin++])
            agree += with[bin] * (below + (without[bin] / 2));
        return agree / with.Sum() / without.Sum();
    }

    private static double Score(double x) => 1 / (1 + Math.Exp(-x));

    private static int Class(double score) => (int)(score * Bins);
}
