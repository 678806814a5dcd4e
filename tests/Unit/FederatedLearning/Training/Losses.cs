using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Tests.Training;

/// <summary>Losses against central differences, and against their definitions written out.</summary>
public sealed class Losses
{
    private static readonly Analyses.Schema.Variable Class = Written.Category("class", "a", "b", "c");

    private static readonly Target[] Persons = [new(1, 3), new(0, 3), new(1, 1.5), new(1, 3), new(0, 0.5), new(1, 7), new(0, 9)];

    public static TheoryData<HeadKind> Heads => [HeadKind.Linear, HeadKind.Logistic, HeadKind.Softmax, HeadKind.Cox, HeadKind.DiscreteSurvival];

    private static Outcome Outcome(HeadKind kind) => new(kind, Class, [1], null, [1, 2, 5]);

    [Theory]
    [MemberData(nameof(Heads))]
    public void Derivatives_are_differences(HeadKind kind)
    {
        var (loss, outputs, derivatives) = (Loss.Of(Outcome(kind)), Outputs(Outcome(kind).Outputs), new float[Persons.Length * Outcome(kind).Outputs]);
        double Total()
        {
            var losses = new double[Persons.Length];
            loss.Differentiate(outputs, Persons, derivatives, losses);
            return losses.Sum();
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            var was = outputs[i];
            outputs[i] = was + 0.01f;
            var above = Total();
            outputs[i] = was - 0.01f;
            var difference = (above - Total()) / 0.02;
            outputs[i] = was;
            Total();
            Assert.Equal(difference, derivatives[i], 1e-4);
        }
    }

    [Fact]
    public void Coxs_loss_is_minus_the_log_of_Breslows_partial_likelihood()
    {
        var (outputs, losses) = (Outputs(1), new double[Persons.Length]);
        Loss.Of(Outcome(HeadKind.Cox)).Differentiate(outputs, Persons, new float[Persons.Length], losses);
        var expected = Persons.Select((p, i) => p.Value * (Math.Log(Persons.Zip(outputs).Where(o => o.First.Time >= p.Time).Sum(o => Math.Exp(o.Second))) - outputs[i])).Sum();
        Assert.Equal(expected, losses.Sum(), 1e-9);
    }

    /// <summary>Intervals survived, the interval of the event, nothing beyond.</summary>
    [Theory]
    [InlineData(1, 1.0, "e--")]
    [InlineData(1, 1.5, "se-")]
    [InlineData(0, 1.5, "s--")]
    [InlineData(0, 2.0, "ss-")]
    [InlineData(0, 0.5, "---")]
    [InlineData(1, 5.0, "sse")]
    [InlineData(1, 6.0, "sss")]
    public void An_interval_counts_where_it_was_survived_or_had_the_event(int isEvent, double time, string expected)
    {
        float[] outputs = [0.3f, -0.7f, 0.2f];
        var (derivatives, losses) = (new float[3], new double[1]);
        Loss.Of(Outcome(HeadKind.DiscreteSurvival)).Differentiate(outputs, [new Target(isEvent, time)], derivatives, losses);
        Assert.Equal(expected, string.Concat(derivatives.Select(d => d == 0 ? '-' : d > 0 ? 's' : 'e')));
        Assert.Equal(expected.Select((c, j) => c == '-' ? 0 : Math.Log(1 + Math.Exp(c == 'e' ? -outputs[j] : outputs[j]))).Sum(), losses[0], 1e-9);
    }

    private static float[] Outputs(int width)
    {
        var stream = SeededStream.For(5, StreamPurpose.InitialWeights);
        return [.. Enumerable.Range(0, Persons.Length * width).Select(_ => (4 * stream.Uniform()) - 2)];
    }
}
