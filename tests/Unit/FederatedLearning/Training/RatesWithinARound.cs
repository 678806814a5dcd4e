using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Training;

namespace Consilience.FederatedLearning.Tests.Training;

/// <summary>Learning rates that rise and fall within a round.</summary>
public sealed class RatesWithinARound
{
    private static readonly StudySchema Schema = new([Written.Number("x", -1, 1), Written.Flag("y")]);
    private static readonly ModelDeclaration Model = Written.Model(Schema, new { inputs = new[] { "x" }, head = "logistic", outcome = "y" });
    private static readonly TrainingRows Rows = TrainingRows.Read(Model, new RowsInMemory(["x", "y"], [.. Enumerable.Range(0, 40).Select(i => new[] { (i / 20.0) - 1, i % 3 == 0 ? 1.0 : 0 })]));

    private static LocalSettings Settings(int steps, float rate, int warmup, RateDecay decay, bool isAdam = false) => new(0, steps, 40, isAdam, rate, 0, 0, null, warmup, decay, 3);

    [Fact]
    public void Rates_rise_over_the_first_steps_and_fall_over_the_others()
    {
        Assert.Equal([0.5f, 1, 1, 0.75f, 0.5f, 0.25f], Enumerable.Range(0, 6).Select(s => Settings(6, 1, 2, RateDecay.Linear).RateAt(s, 6)));
        Assert.Equal([1, 1, 1], Enumerable.Range(0, 3).Select(s => Settings(3, 1, 0, RateDecay.None).RateAt(s, 3)));
        for (var step = 0; step < 50; step++)
            Assert.Equal(0.5 * (1 + Math.Cos(Math.PI * step / 50)), Settings(50, 1, 0, RateDecay.Cosine).RateAt(step, 50), 1e-6);
        // More steps to rise over than there are.
        Assert.Equal([0.1f, 0.2f], Enumerable.Range(0, 2).Select(s => Settings(2, 1, 10, RateDecay.Linear).RateAt(s, 2)));
    }

    /// <summary>One round is the same as single steps at the rates that the schedule gives; the twin takes them all at the first.</summary>
    [Fact]
    public void Steps_are_taken_at_them()
    {
        var start = ModelWeights.Initialise(Model, 1);
        var settings = Settings(5, 0.8f, 2, RateDecay.Linear);
        var (round, _) = new LocalTraining(Model, Rows, settings, null).Run(start);
        var (single, twin) = (start, start);
        for (var step = 0; step < 5; step++)
        {
            single = ModelWeights.Of(new LocalTraining(Model, Rows, Settings(1, 0.8f * settings.RateAt(step, 5), 0, RateDecay.None), null).Run(single).Weights);
            twin = ModelWeights.Of(new LocalTraining(Model, Rows, Settings(1, 0.8f, 0, RateDecay.None), null).Run(twin).Weights);
        }

        Assert.All(round.Zip(single.Values.ToArray()), p => Assert.Equal(p.First, p.Second, 1e-6f));
        Assert.Contains(round.Zip(twin.Values.ToArray()), p => Math.Abs(p.First - p.Second) > 1e-2);
        Assert.NotEqual(new LocalTraining(Model, Rows, Settings(5, 0.1f, 2, RateDecay.Cosine, isAdam: true), null).Run(start).Weights, new LocalTraining(Model, Rows, Settings(5, 0.1f, 0, RateDecay.None, isAdam: true), null).Run(start).Weights);
    }
}
