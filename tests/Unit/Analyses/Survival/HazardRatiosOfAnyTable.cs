using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using CsCheck;

namespace Consilience.Analyses.Tests.Survival;

/// <summary>A table of exits in which a covariate separates events, or an interval tells nothing, has an answer that says so.</summary>
public sealed class HazardRatiosOfAnyTable
{
    private const int Intervals = 3, Groups = 6;

    private static readonly StudySchema Schema = new([
        new("months", VariableType.Integer, "months", null, [], 0, 100), new("died", VariableType.Boolean, "died", null, [], null, null),
        new("arm", VariableType.Category, "arm", null, [new("a", "a"), new("b", "b")], null, null), new("stage", VariableType.Category, "stage", null, [new("1", "1"), new("2", "2"), new("3", "3")], null, null)]);

    [Fact]
    public void A_fit_ends()
    {
        var parameters = JsonSerializer.SerializeToElement(new { time = "months", @event = "died", by = new[] { "arm", "stage" }, grid = new { from = 10, to = 30, step = 10 } });
        var plan = MethodList.Find("grouped-hazards")!.Plan(parameters, Schema, new List<Fault>())!;
        var answers = new HashSet<string>(StringComparer.Ordinal);
        Gen.Select(Gen.Int[0, 4].Array[Groups * ((2 * Intervals) + 1)], Gen.Int[0, 9].Array[Groups * ((2 * Intervals) + 1)]).Sample(
            drawn =>
            {
                // Mostly nobody, so that whole groups and intervals are without events.
                long[] cells = [.. drawn.Item1.Zip(drawn.Item2, (many, seldom) => seldom < 7 ? 0L : many)];
                var result = plan.Finish(cells, NoiseModel.None, DisclosureRules.None);
                var fit = result.Tables.Single(t => t.Name == "fit");
                lock (answers)
                    answers.Add($"{fit.Rows[0].Cells[fit.Columns.ToList().IndexOf("converged")].Text}");
            },
            iter: 20_000);
        Assert.Contains("yes", answers);
        Assert.True(answers.Count > 1);
    }
}
