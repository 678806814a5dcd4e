using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Tests.Survival;

/// <summary>The variance that noise adds to a curve is that of its derivatives, found here by asking the method itself with one person more or less in every cell.</summary>
public sealed class NoiseOfCountersIsCarried
{
    private const int Intervals = 6;

    // So many that a person more or less is a small step, and that no noise makes a cell negative.
    private static readonly long[] Cells = [210_000, 150_000, 90_000, 120_000, 60_000, 80_000, 400_000, 310_000, 250_000, 90_000, 130_000, 70_000, 500_000];

    private static readonly StudySchema Schema = new([
        new("months", VariableType.Integer, "months", null, [], 0, 100),
        new("died", VariableType.Boolean, "died", null, [], null, null)]);

    private static readonly string[] Questions = ["kaplan-meier", "nelson-aalen", "nelson-aalen {\"ties\": \"fleming-harrington\"}"];

    public static TheoryData<string, bool> QuestionsAndPlans() => [.. Questions.SelectMany(q => new (string, bool)[] { (q, false), (q, true) })];

    [Theory]
    [MemberData(nameof(QuestionsAndPlans))]
    public void As_its_derivatives_say(string question, bool isFactorised)
    {
        var plan = Plan(question);
        Assert.True(NanoRho.TryParseRho("0.5", out var rho));
        var noise = NoiseModel.Of(NoisePlanner.Candidates(plan.Sums.Bound, plan.Sums.Workload, PrivacyPrice.Concentrated(rho), new KeyHolderTrust(2, 1)).First(t => t.Factorisation is not null == isFactorised && t.Epsilon is null));
        var (noised, exact, gradients) = (Curve(plan, Cells, noise), Curve(plan, Cells, NoiseModel.None), Gradients(plan));
        for (var m = 0; m < Intervals; m++)
        {
            var added = Square(noised[m].Error) - Square(exact[m].Error);
            Assert.Equal(1, added / noise.VarianceOf(0, gradients[m]), 4e-6);

            // Without what an interval's own events do to it, the figure is another one.
            gradients[m][Intervals + m] = gradients[m][m];
            Assert.NotEqual(1, added / noise.VarianceOf(0, gradients[m]), 1e-3);
        }
    }

    private static MethodPlan Plan(string question)
    {
        var parts = question.Split(' ', 2);
        var parameters = JsonSerializer.Deserialize<Dictionary<string, object>>(parts.Length > 1 ? parts[1] : "{}")!;
        (parameters["time"], parameters["event"], parameters["grid"]) = ("months", "died", new { from = 10, to = 10 * Intervals, step = 10 });
        var faults = new List<Fault>();
        var plan = MethodList.Find(parts[0])!.Plan(JsonSerializer.SerializeToElement(parameters), Schema, faults);
        Assert.Empty(faults);
        return plan!;
    }

    /// <summary>Central differences of the curve after each interval by each cell.</summary>
    private static double[][] Gradients(MethodPlan plan)
    {
        var gradients = Enumerable.Range(0, Intervals).Select(_ => new double[Cells.Length]).ToArray();
        for (var cell = 0; cell < Cells.Length; cell++)
        {
            var (more, less) = (Curve(plan, With(cell, +1), NoiseModel.None), Curve(plan, With(cell, -1), NoiseModel.None));
            for (var m = 0; m < Intervals; m++)
                gradients[m][cell] = (more[m].Estimate - less[m].Estimate) / 2;
        }

        return gradients;
    }

    private static long[] With(int cell, int change)
    {
        long[] cells = [.. Cells];
        cells[cell] += change;
        return cells;
    }

    private static List<(double Estimate, double Error)> Curve(MethodPlan plan, long[] cells, NoiseModel noise)
    {
        var result = plan.Finish(cells, noise, DisclosureRules.None);
        return result.Tables.Count > 0
            ? [.. result.Tables[0].Rows.Select(r => (r.Cells[3].Number!.Value, r.Cells[4].Number!.Value))]
            : [.. result.Groups[0].Curve!.Select(p => (p.Survival, p.StandardError!.Value))];
    }

    private static double Square(double x) => x * x;
}
