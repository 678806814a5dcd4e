using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.Statistical.Tests;

/// <summary>How often the 95 % intervals of expected counts and of shares hold what the persons were drawn from, under the noise of ε = 1 from two key holders. Seeds are fixed.</summary>
[Trait("speed", "slow")]
public sealed class CountsUnderNoise(ITestOutputHelper output)
{
    private const int Repetitions = 4000;
    private static readonly double[] Shares = [0.1, 0.2, 0.3, 0.4];

    private static readonly StudySchema Schema = new([new("stage", VariableType.Category, "stage", null, [new("a", "a"), new("b", "b"), new("c", "c"), new("d", "d")], null, null)]);

    private static (double Counts, double Shares) Coverage(int persons, bool forgetNoise)
    {
        var plan = MethodList.Find("count")!.Plan(JsonSerializer.SerializeToElement(new { by = new[] { "stage" } }), Schema, new List<Fault>())!;
        var terms = NoisedTotals.Terms(plan, NoisedTotals.EpsilonOne, NoisedTotals.TwoKeyHolders);
        var model = forgetNoise ? NoiseModel.None : NoiseModel.Of(terms);
        using var words = new UniformWords(XofBytes.Seeded(persons));
        var exact = new ExactSampler(words);
        var randomness = XofBytes.Seeded(-persons);
        double counts = 0, shares = 0, defined = 0;
        for (var repetition = 0; repetition < Repetitions; repetition++)
        {
            // Independent Poisson cells: their sum is Poisson too, and given the sum they are multinomial.
            var cells = Shares.Select(s => (long)exact.Poisson((long)Math.Round(persons * s))).ToArray();
            var groups = plan.Finish(NoisedTotals.Open(cells, terms, randomness), model, DisclosureRules.None).Groups;
            for (var i = 0; i < groups.Count; i++)
            {
                var expected = Math.Round(persons * Shares[i]);
                counts += groups[i].Expected!.Lower <= expected && expected <= groups[i].Expected!.Upper ? 1 : 0;
                if (groups[i].Share is not { } share)
                    continue;
                defined++;
                shares += share.Lower <= Shares[i] && Shares[i] <= share.Upper ? 1 : 0;
            }
        }

        return (counts / (Repetitions * Shares.Length), shares / defined);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(1000)]
    public void Intervals_hold_the_truth_as_often_as_they_say(int persons)
    {
        var (counts, shares) = Coverage(persons, forgetNoise: false);
        output.WriteLine($"{persons} persons in four cells: expected counts {counts:0.000}, shares {shares:0.000}");
        Assert.InRange(counts, 0.93, 0.97);
        Assert.InRange(shares, 0.93, 0.97);
    }

    [Fact]
    public void Intervals_that_forget_the_noise_are_caught()
    {
        var (counts, shares) = Coverage(50, forgetNoise: true);
        Assert.True(counts < 0.93 && shares < 0.93);
    }
}
