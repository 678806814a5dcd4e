using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Tests.Published;

/// <summary>
/// Persons of one to nine visits at four sites, generated: at each visit twenty numbers, half of their spread the person's own, and an outcome by a logistic model of them. Trained on all visits of a person and on one, with noise and without;
/// accuracy on one visit of persons who were not trained on.
/// </summary>
public sealed class RepeatedVisits
{
    private const int Inputs = 20, Persons = 400, Tests = 4000, Seeds = 5;

    private static readonly string[] Names = [.. Enumerable.Range(0, Inputs).Select(i => $"x{i}"), "y"];
    private static readonly StudySchema Schema = new([.. Names[..Inputs].Select(n => Written.Number(n, -1, 1)), Written.Flag("y")]);
    private static readonly object Model = new { inputs = new object[] { new { from = "x0", to = $"x{Inputs - 1}" } }, head = "logistic", outcome = "y" };

    private static double[][] Visits(double[] direction, ref SeededStream stream)
    {
        double[] Draw(ref SeededStream from)
        {
            var values = new double[Inputs];
            for (var i = 0; i < Inputs; i++)
                values[i] = from.Uniform() - 0.5;
            return values;
        }

        var (own, visits) = (Draw(ref stream), new double[1 + stream.Below(9)][]);
        for (var visit = 0; visit < visits.Length; visit++)
        {
            double[] values = [.. own.Zip(Draw(ref stream), (person, now) => person + now)];
            visits[visit] = [.. values, stream.Uniform() < Elementary.Sigmoid(values.Zip(direction, (x, d) => x * d).Sum()) ? 1 : 0];
        }

        return visits;
    }

    private static (List<PersonsInMemory> Sites, List<double[]> Tests) Draw(long seed)
    {
        var stream = SeededStream.For(seed, StreamPurpose.InitialWeights, 7);
        var direction = new double[Inputs];
        for (var i = 0; i < Inputs; i++)
            direction[i] = 6 * (stream.Uniform() - 0.5);
        var (persons, tests) = (new List<double[][]>(), new List<double[]>());
        while (persons.Count < Persons)
            persons.Add(Visits(direction, ref stream));
        while (tests.Count < Tests)
            tests.Add(Visits(direction, ref stream)[0]);
        var all = new PersonsInMemory(Names, persons);
        return ([.. Enumerable.Range(0, 4).Select(site => all.Part(site, 4))], tests);
    }

    private static double Accuracy(Func<IReadOnlyList<IRows>, long, ModelWeights> train) => Enumerable.Range(1, Seeds).Average(seed =>
    {
        var (sites, tests) = Draw(seed);
        var scorer = new ModelScorer(Written.Model(Schema, Model), train(sites, seed));
        return tests.Average(t => scorer.Predict(t.AsSpan(0, Inputs))![0] > 0.5 == t[Inputs] > 0 ? 1.0 : 0);
    });

    /// <summary>Rates are those that did best, of 1, 2 and 4, at most prices.</summary>
    private static readonly (Func<string, object> Parameters, double Rate)
        OneRow = (weights => new { model = Model, weights, clip = 0.5, patients = Persons }, 4), AllRows = (weights => Steps(weights, 1), 2), FiveSteps = (weights => Steps(weights, 5), 2);

    private static object Steps(string weights, int steps) => new { model = Model, weights, clip = 0.5, patients = Persons, local = new { unit = "person", steps, batch = 16, rate = 1.0 / steps } };

    private static double Plain((Func<string, object> Parameters, double Rate) round) => Accuracy((sites, seed) =>
        new Federation(Schema, Model, sites).Train(PrivateTraining.Rounds, seed, (_, weights, _) => round.Parameters(weights), (weights, read) => Federation.Add(weights, read.MeanUpdate.Select(u => round.Rate * u))));

    private static double Private(string epsilon, (Func<string, object> Parameters, double Rate) round) =>
        Accuracy((sites, seed) => PrivateTraining.Train(new Federation(Schema, Model, sites), Schema, round.Parameters, epsilon, seed, round.Rate));

    /// <summary>All rows of a person tell more than one does, and noise takes less from them; five steps tell no more than one.</summary>
    [Theory]
    [InlineData("8", 0.002)]
    [InlineData("3", 0.003)]
    [InlineData("1", 0.015)]
    public void All_rows_of_a_person_are_worth_more_than_one_at_the_same_epsilon(string epsilon, double gain)
    {
        var (one, all, steps) = (Private(epsilon, OneRow), Private(epsilon, AllRows), Private(epsilon, FiveSteps));
        TestContext.Current.SendDiagnosticMessage($"ε = {epsilon}: one row {one:0.000}, all rows {all:0.000}, in five steps {steps:0.000}");
        Assert.InRange(all, one + gain, 0.86);
        Assert.InRange(steps, all - 0.04, all + 0.04);
    }

    [Fact]
    public void So_they_are_without_noise()
    {
        var (one, all, steps) = (Plain(OneRow), Plain(AllRows), Plain(FiveSteps));
        TestContext.Current.SendDiagnosticMessage($"no noise: one row {one:0.000}, all rows {all:0.000}, in five steps {steps:0.000}");
        Assert.InRange(all, one + 0.002, 0.86);
        Assert.InRange(steps, all - 0.01, all + 0.01);
    }
}
