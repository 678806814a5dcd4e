using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;
using Consilience.FederatedLearning.Tests.Published;

namespace Consilience.FederatedLearning.Tests.Rounds;

/// <summary>
/// Who was trained on, guessed from weights: persons with random labels, half of them trained on, told apart by whether their loss is small (Yeom et al. 2018). The advantage is the difference of the shares guessed in among members and among
/// others, at the best threshold less what the best threshold finds by chance.
/// </summary>
public sealed class MembershipInTraining
{
    private const int Persons = 60;
    private const int Inputs = 40;

    private static readonly string[] Names = [.. Enumerable.Range(0, Inputs).Select(i => $"x{i}"), "y"];
    private static readonly StudySchema Schema = new([.. Names[..Inputs].Select(n => Written.Number(n, -1, 1)), Written.Flag("y")]);
    private static readonly object Model = new { inputs = new object[] { new { from = "x0", to = $"x{Inputs - 1}" } }, head = "logistic", outcome = "y" };

    private static RowsInMemory Draw(long seed)
    {
        var stream = SeededStream.For(seed, StreamPurpose.InitialWeights);
        return new RowsInMemory(Names, [.. Enumerable.Range(0, Persons).Select(_ => Enumerable.Range(0, Inputs).Select(_ => (2.0 * stream.Uniform()) - 1).Append(stream.Below(2)).ToArray())]);
    }

    private static double Advantage(Func<Federation, ModelWeights> train, int worlds)
    {
        var (members, others) = (new List<double>(), new List<double>());
        for (var world = 0; world < worlds; world++)
        {
            var rows = Draw(2 * world);
            var federation = new Federation(Schema, Model, [rows]);
            var scorer = new ModelScorer(federation.Model, train(federation));
            members.AddRange(Losses(scorer, rows));
            others.AddRange(Losses(scorer, Draw((2 * world) + 1)));
        }

        return members.Max(threshold => (members.Count(m => m <= threshold) - others.Count(o => o <= threshold)) / (double)members.Count);
    }

    private static IEnumerable<double> Losses(ModelScorer scorer, RowsInMemory rows) => rows.Rows.Select(r => scorer.Predict(r.AsSpan(0, Inputs))![0] is var p && r[^1] > 0 ? -Math.Log(p) : -Math.Log(1 - p));

    [Fact]
    public void Private_training_does_not_tell_who_was_there() =>
        Assert.InRange(Advantage(f => PrivateTraining.Train(f, Schema, Model, "1", 1, Persons, 1), 20), -1, 0.12);

    /// <summary>The twin neither clips nor draws noise.</summary>
    [Fact]
    public void Training_without_clipping_and_noise_is_caught() =>
        Assert.InRange(Advantage(f => f.Train(10, 1, (round, weights, _) => new { model = Model, weights, clip = 1000, local = new { epochs = 20, batch = 10, rate = 0.5, seed = round } }, Federation.Average), 20), 0.5, 1);
}
