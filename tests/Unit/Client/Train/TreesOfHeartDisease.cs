using Consilience.Client.Train;
using Consilience.Protocol.Analyse;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Tests.Train;

/// <summary>The samples of boosted trees, five splits at each hospital: the area under the ROC curve of the thirds that were not trained on.</summary>
public sealed class TreesOfHeartDisease
{
    private static readonly AgreedStudy Study = HeartRows.Study;
    private static readonly IReadOnlyList<HeartRows> Hospitals = HeartRows.Hospitals;

    [Fact]
    public void As_good_as_other_models() => Assert.InRange(Reported("trees.yaml", 1), 0.85, 0.91);

    /// <summary>Fifteen trainings each. At a hundredth of the usual ε noise drowns the trees, which shows that it is there.</summary>
    [Theory]
    [InlineData("8", 0.81, 0.90)]
    [InlineData("3", 0.77, 0.89)]
    [InlineData("1", 0.60, 0.84)]
    [InlineData("0.02", 0.3, 0.74)]
    public void Under_differential_privacy(string epsilon, double least, double most) => Assert.InRange(Reported("trees-private.yaml", 3, epsilon), least, most);

    private static double Reported(string plan, int times, string? epsilon = null)
    {
        var areas = Enumerable.Range(0, 5 * times).Select(i => Area(plan, 1 + (i % 5), epsilon)).ToList();
        TestContext.Current.SendDiagnosticMessage(FormattableString.Invariant($"{plan}{(epsilon is null ? "" : $", ε = {epsilon}")}: area {areas.Average():0.000} ({areas.Min():0.000} to {areas.Max():0.000})"));
        return areas.Average();
    }

    private static double Area(string plan, int split, string? epsilon)
    {
        var text = HeartRows.Plan(plan).Replace("split1", $"split{split}", StringComparison.Ordinal);
        var course = Course.Of(TrainingPlanReader.Read(epsilon is null ? text : text.Replace("epsilon: 3", $"epsilon: {epsilon}", StringComparison.Ordinal)), Study);
        var state = course.Start();
        while (!course.IsFinished(state))
        {
            var question = course.Ask(state);
            var total = Sum(course.PlanOf(question), $"split{split}", "train");
            if (course.ChargeOfRound is not null)
                PreviewTraining.AddNoise(total, RunPlan.NoisePlans(Study, course.PlanOf(question), question.ReadPrice([])!)[0]);
            (state, _) = course.Take(state, total);
        }

        var (scorer, scores) = (course.ScorerAt(state), new List<(double Score, bool IsEvent)>());
        foreach (var hospital in Hospitals)
            hospital.Part($"split{split}", "test").Read([.. course.Declared.InputVariables, "disease"], () => values => scores.Add((scorer.Predict(values[..^1])![0], values[^1] > 0)));
        return (from e in scores where e.IsEvent from o in scores where !o.IsEvent select e.Score > o.Score ? 1 : e.Score < o.Score ? 0 : 0.5).Average();
    }

    private static long[] Sum(Analyses.MethodPlan plan, string split, string part)
    {
        var total = new long[plan.Sums.VectorLength];
        foreach (var hospital in Hospitals)
        {
            var vector = new long[total.Length];
            plan.Sums.Encode(hospital.Part(split, part), vector);
            total = [.. total.Zip(vector, (a, b) => a + b)];
        }

        return total;
    }
}
