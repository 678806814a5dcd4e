using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Tests.Evaluation;

/// <summary>Evaluation from a table of scores, against the definitions of its figures person by person.</summary>
public sealed class ModelsEvaluated
{
    private static readonly StudySchema Schema = new([Written.Number("x", -4, 4), Written.Category("arm", "a", "b"), Written.Flag("y"), Written.Number("time", 0, 100), Written.Category("class", "p", "q", "r")]);
    private static readonly string[] Names = ["x", "arm", "y", "time", "class"];
    private static readonly object Logistic = new { inputs = new object[] { new { variable = "x", centre = 0, scale = 1 } }, head = "logistic", outcome = "y" };
    private static readonly object Cox = new { inputs = new object[] { new { variable = "x", centre = 0, scale = 1 } }, head = "cox", outcome = "y", time = "time" };

    private static readonly RowsInMemory Rows = Generate(1500);

    private static RowsInMemory Generate(int count)
    {
        var stream = SeededStream.For(9, StreamPurpose.InitialWeights);
        return new RowsInMemory(Names, [.. Enumerable.Range(0, count).Select(i =>
        {
            double x = (6 * stream.Uniform()) - 3, y = stream.Uniform() < 1 / (1 + Math.Exp(-x)) ? 1 : 0;
            return new[] { x, i % 3 == 0 ? 1 : 0, y, Math.Floor(60 * stream.Uniform() * Math.Exp(-x / 4)), x > 1 ? 2 : x > -1 ? stream.Below(2) : 0 };
        })]);
    }

    private static string Weights(params float[] values) => Written.Base64(ModelWeights.Of(values));

    private static MethodPlan Plan(object parameters) => Written.Plan("model-evaluation", Schema, parameters);

    private static MethodResult Ask(object parameters, params RowsInMemory[] sites) => Plan(parameters) is var plan ? plan.Finish(Written.Total(plan, sites), NoiseModel.None, DisclosureRules.None) : null!;

    private static double Cell(MethodResult result, string table, int row, string column) =>
        result.Tables.Single(t => t.Name == table) is var found ? found.Rows[row].Cells[found.Columns.ToList().IndexOf(column)].Number!.Value : 0;

    /// <summary>By DeLong, DeLong and Clarke-Pearson 1988, with n in place of n − 1.</summary>
    private static (double Area, double Error) DeLong(IReadOnlyList<(double Score, bool IsEvent)> persons)
    {
        double[] with = [.. persons.Where(p => p.IsEvent).Select(p => p.Score)], without = [.. persons.Where(p => !p.IsEvent).Select(p => p.Score)];
        double[] above = [.. with.Select(w => without.Average(o => w > o ? 1 : w == o ? 0.5 : 0))], below = [.. without.Select(o => with.Average(w => w > o ? 1 : w == o ? 0.5 : 0))];
        var area = above.Average();
        return (area, Math.Sqrt((above.Average(a => (a - area) * (a - area)) / with.Length) + (below.Average(b => (b - area) * (b - area)) / without.Length)));
    }

    [Fact]
    public void Area_and_error_are_DeLongs_of_binned_scores()
    {
        var result = Ask(new { model = Logistic, weights = Weights(1, 0), bins = 50, by = new[] { "arm" } }, Rows.Part(0, 2), Rows.Part(1, 2));
        List<(double, bool, double)> persons = [.. Rows.Rows.Select(r => (Math.Floor(50 / (1 + Math.Exp(-r[0]))), r[2] > 0, r[1]))];
        var (area, error) = DeLong([.. persons.Select(p => (p.Item1, p.Item2))]);
        Assert.Equal(area, Cell(result, "discrimination", 0, "estimate"), 1e-9);
        Assert.Equal(error, Cell(result, "discrimination", 0, "std.error"), 1e-9);
        for (var arm = 0; arm < 2; arm++)
            Assert.Equal(DeLong([.. persons.Where(p => p.Item3 == arm).Select(p => (p.Item1, p.Item2))]).Area, Cell(result, "groups", arm, "estimate"), 1e-9);
    }

    [Fact]
    public void Brier_calibration_and_net_benefit_are_those_of_the_middles_of_classes()
    {
        var result = Ask(new { model = Logistic, weights = Weights(1, 0) }, Rows);
        List<(double Score, double Y)> persons = [.. Rows.Rows.Select(r => ((Math.Floor(100 / (1 + Math.Exp(-r[0]))) + 0.5) / 100, r[2]))];
        Assert.Equal(persons.Average(p => (p.Score - p.Y) * (p.Score - p.Y)), Cell(result, "discrimination", 0, "brier"), 1e-9);
        Assert.Equal(-persons.Average(p => p.Y > 0 ? Math.Log(p.Score) : Math.Log(1 - p.Score)), Cell(result, "discrimination", 0, "log.loss"), 1e-9);
        Assert.Equal(persons.Where(p => p.Y > 0).Average(p => p.Score > 0.5 ? 1 : 0), Cell(result, "discrimination", 0, "sensitivity"), 1e-9);
        Assert.Equal(persons.Where(p => p.Y == 0).Average(p => p.Score < 0.5 ? 1 : 0), Cell(result, "discrimination", 0, "specificity"), 1e-9);
        var seventh = persons.Where(p => p.Score is > 0.6 and < 0.7).ToList();
        Assert.Equal(seventh.Average(p => p.Y), Cell(result, "calibration", 6, "observed"), 1e-9);
        Assert.Equal(seventh.Average(p => p.Score), Cell(result, "calibration", 6, "mean.score"), 1e-9);
        Assert.Equal(persons.Average(p => p.Score < 0.2 ? 0 : p.Y > 0 ? 1 : -0.25), Cell(result, "net-benefit", 3, "net.benefit"), 1e-9);
    }

    [Fact]
    public void Concordance_is_Harrells_of_grouped_times_and_binned_scores()
    {
        int[] edges = [2, 5, 10, 20, 40];
        var result = Ask(new { model = Cox, weights = Weights(0.5f), edges, bins = 40 }, Rows);
        var persons = Rows.Rows.Select(r => (Score: Math.Floor(40 / (1 + Math.Exp(-r[0] / 2))), Died: r[2] > 0, Time: edges.Count(e => r[3] > e))).ToList();
        double pairs = 0, agree = 0;
        foreach (var first in persons.Where(p => p.Died))
        {
            foreach (var other in persons.Where(p => p.Time > first.Time))
                (pairs, agree) = (pairs + 1, agree + (first.Score > other.Score ? 1 : first.Score == other.Score ? 0.5 : 0));
        }

        Assert.Equal(agree / pairs, Cell(result, "discrimination", 0, "estimate"), 1e-9);
        Assert.InRange(Cell(result, "discrimination", 0, "std.error"), 0.005, 0.03);
    }

    /// <summary>A third of the standard error of 60 samples is what chance leaves of it.</summary>
    [Fact]
    public void The_error_of_a_concordance_is_the_spread_over_samples()
    {
        var plan = Plan(new { model = Cox, weights = Weights(0.5f), edges = new[] { 2, 5, 10, 20, 40 } });
        var samples = Enumerable.Range(0, 60).Select(i => plan.Finish(Written.Total(plan, Generate(12_000).Part(i, 60)), NoiseModel.None, DisclosureRules.None)).ToList();
        var estimates = samples.Select(s => Cell(s, "discrimination", 0, "estimate")).ToList();
        var spread = Math.Sqrt(estimates.Average(e => Math.Pow(e - estimates.Average(), 2)));
        Assert.InRange(samples.Average(s => Cell(s, "discrimination", 0, "std.error")) / spread, 0.7, 1.4);
    }

    [Fact]
    public void Classes_are_counted_by_what_was_predicted()
    {
        var model = new { inputs = new object[] { new { variable = "x", centre = 0, scale = 1 } }, head = "softmax", outcome = "class" };
        var result = Ask(new { model, weights = Weights(-1, 0, 1, 0, 0.5f, 0), by = new[] { "arm" } }, Rows);
        int Predicted(double x) => -x > 0.5 && -x > x ? 0 : x > 0.5 ? 2 : 1;
        var right = Rows.Rows.Count(r => Predicted(r[0]) == (int)r[4]);
        Assert.Equal(right / 1500.0, Cell(result, "accuracy", 0, "accuracy"), 1e-9);
        Assert.Equal(1500, Enumerable.Range(0, 9).Sum(i => Cell(result, "confusion", i, "persons")));
    }

    [Fact]
    public void Few_persons_with_or_without_the_event_are_hidden()
    {
        var plan = Plan(new { model = Logistic, weights = Weights(1, 0), by = new[] { "arm" } });
        var few = new RowsInMemory(Names, [.. Rows.Rows.Where(r => r[1] == 0), .. Rows.Rows.Where(r => r is [_, 1, 1, ..]).Take(200), .. Rows.Rows.Where(r => r is [_, 1, 0, ..]).Take(2)]);
        var result = plan.Finish(Written.Total(plan, few), NoiseModel.None, new DisclosureRules([DisclosurePreset.All.First(p => p.LargestSuppressed > 2)]));
        Assert.Equal([AnswerKind.Value, AnswerKind.Suppressed], result.Tables.Single(t => t.Name == "groups").Rows.Select(r => r.Answer));
    }

    [Fact]
    public void Nobody_leaves_everything_undefined() => Assert.Null(Ask(new { model = Logistic, weights = Weights(1, 0) }, new RowsInMemory(Names, [])).Tables[0].Rows[0].Cells[3].Number);
}
