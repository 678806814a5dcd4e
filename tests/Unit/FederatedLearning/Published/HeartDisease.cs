using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Tests.Published;

/// <summary>
/// Disease from 13 columns at four hospitals, as FLamby publishes it (du Terrail et al. 2022): rows with all ten variables known, two thirds of each hospital to train, chosen anew by each of five seeds, accuracy the mean over hospitals of what is left.
/// </summary>
public sealed class HeartDisease
{
    private static readonly string[] Names = ["age", "sex", "cp", "trestbps", "chol", "fbs", "restecg", "thalach", "exang", "oldpeak", "num"];

    private static readonly StudySchema Schema = new(
    [
        Written.Number("age", 0, 120), Written.Flag("sex"), Written.Category("cp", "1", "2", "3", "4"), Written.Number("trestbps", 0, 300), Written.Number("chol", 0, 1000), Written.Flag("fbs"),
        Written.Category("restecg", "0", "1", "2"), Written.Number("thalach", 0, 300), Written.Flag("exang"), Written.Number("oldpeak", -10, 10), Written.Category("num", "0", "1", "2", "3", "4"),
    ]);

    private static readonly string[] Hospitals = ["cleveland", "hungarian", "switzerland", "va"];

    /// <summary>Means and standard deviations of everybody, as a question of moments before tells them.</summary>
    private static readonly object Model = new
    {
        inputs = new object[]
        {
            Number("age", 53, 9.4), "sex", "cp", Number("trestbps", 132, 18), Number("chol", 220, 93), "fbs", "restecg", Number("thalach", 138, 26), "exang", Number("oldpeak", 0.9, 1.1),
        },
        head = "logistic", outcome = "num", @event = new[] { "1", "2", "3", "4" },
    };

    private static object Number(string variable, double centre, double scale) => new { variable, centre, scale };

    /// <summary>Values in the coding of rows: codes by position.</summary>
    private static List<List<double[]>> Sites() => [.. Hospitals.Select(h => Federation.Read($"{h}.csv").Where(r => Names.All(n => r[n].Length > 0))
        .Select(r => Names.Select(n => double.Parse(r[n]) - (n == "cp" ? 1 : 0)).ToArray()).ToList())];

    private static double Accuracy(ModelDeclaration model, ModelWeights weights, IReadOnlyList<RowsInMemory> tests)
    {
        var scorer = new ModelScorer(model, weights);
        double Of(RowsInMemory test)
        {
            var right = 0;
            test.Read(model.Variables, () => values => right += scorer.Predict(values[..10])![0] > 0.5 == values[10] > 0 ? 1 : 0);
            return right / (double)test.Count;
        }

        return tests.Average(Of);
    }

    private static double[] Accuracies(Func<Federation, long, ModelWeights> train) => [.. Enumerable.Range(1, 5).Select(seed =>
    {
        var splits = Sites().Select(s => Federation.Split(Names, s, seed)).ToList();
        var sites = splits.Select(s => s.Training).ToList();
        var federation = new Federation(Schema, Model, sites);
        return Accuracy(federation.Model, train(federation, seed), [.. splits.Select(s => s.Test)]);
    })];

    [Fact]
    public void Rows_are_those_of_the_benchmark() => Assert.Equal([303, 261, 46, 130], Sites().Select(s => s.Count));

    [Fact]
    public void Averaging_is_as_accurate_as_published()
    {
        var accuracies = Accuracies((federation, seed) => federation.Train(15, seed, (round, weights, _) =>
            new { model = Model, weights, clip = 10, local = new { steps = 100, batch = 4, rate = 0.001, seed = (seed * 1000) + round } }, Federation.Average));
        TestContext.Current.SendDiagnosticMessage($"FedAvg {accuracies.Average():0.000}: {string.Join(' ', accuracies.Select(a => $"{a:0.000}"))}");
        Assert.InRange(accuracies.Average(), 0.748 - 0.04, 0.748 + 0.04);
    }

    [Fact]
    public void Adam_at_the_server_is_as_accurate_as_published()
    {
        var accuracies = Accuracies((federation, seed) => federation.Train(15, seed, (round, weights, _) =>
            new { model = Model, weights, clip = 10, local = new { steps = 100, batch = 4, rate = 0.01, seed = (seed * 1000) + round } }, Federation.Adam(0.01, federation.Model.ParameterCount)));
        TestContext.Current.SendDiagnosticMessage($"FedAdam {accuracies.Average():0.000}: {string.Join(' ', accuracies.Select(a => $"{a:0.000}"))}");
        Assert.InRange(accuracies.Average(), 0.779 - 0.04, 0.779 + 0.04);
    }

    /// <summary>Thirty rounds of one gradient, each at a thirtieth of the price at δ = 10⁻⁵, noise drawn as key holders draw it.</summary>
    [Theory]
    [InlineData("8", 0.74)]
    [InlineData("3", 0.70)]
    [InlineData("1", 0.6)]
    public void Private_training_keeps_accuracy(string epsilon, double least)
    {
        var accuracies = Accuracies((federation, seed) => PrivateTraining.Train(federation, Schema, Model, epsilon, seed, 488, 2));
        TestContext.Current.SendDiagnosticMessage($"private ε = {epsilon}: {accuracies.Average():0.000}: {string.Join(' ', accuracies.Select(a => $"{a:0.000}"))}");
        Assert.InRange(accuracies.Average(), least, 0.86);
    }
}
