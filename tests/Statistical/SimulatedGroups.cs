using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Sampling;

namespace Consilience.Statistical.Tests;

/// <summary>
/// Two groups of persons, half of all in each, drawn from known risks or hazards; how often 95 % limits of what compares them hold the truth, under the noise of ε = 1 from two key
/// holders. The second group has twice the hazard. Follow-up is 12 to 36 months, the grid eight quarters of two years each three months long.
/// </summary>
internal static class SimulatedGroups
{
    private const int Intervals = 8, Width = 3;
    private const double Hazard = 0.02, Ratio = 2;
    private static readonly double[] Risks = [0.25, 0.4];

    private static readonly StudySchema Schema = new(
    [
        new("arm", VariableType.Category, "arm", null, [new("a", "a"), new("b", "b")], null, null),
        new("months", VariableType.Integer, "months", null, [], 0, 100), new("died", VariableType.Boolean, "died", null, [], null, null),
    ]);

    /// <summary>The truth of each measure, as the tables show it.</summary>
    private static readonly Dictionary<string, double> Truths = new(StringComparer.Ordinal)
    {
        ["odds ratio"] = Risks[1] / (1 - Risks[1]) / (Risks[0] / (1 - Risks[0])), ["risk ratio"] = Risks[1] / Risks[0], ["risk difference"] = Risks[1] - Risks[0],
        ["restricted-mean"] = Mean(1) - Mean(0), ["grouped-hazards"] = Math.Log(Ratio),
    };

    /// <returns>How often limits hold the truth, and in how many of the repetitions there are limits.</returns>
    internal static (double Coverage, double Defined) Run(string measure, int persons, int repetitions, bool forgetNoise = false)
    {
        var method = Truths.ContainsKey(measure) && measure.Contains('-', StringComparison.Ordinal) ? measure : "risk";
        var plan = Plan(method);
        double covered = 0, defined = 0;
        NoisedTotals.Repeat(plan, NoisedTotals.EpsilonOne, forgetNoise, persons + measure.Length, repetitions, words => method == "risk" ? DrawRisks(words, persons) : DrawExits(words, persons, onGrid: method == "restricted-mean"), result =>
        {
            var table = result.Tables.First(t => t.Name is "contrasts" or "differences" or "coefficients");
            var row = table.Rows.Single(r => method != "risk" || r.Cells.Any(c => c.Text == measure));
            if (row.Cells[table.Columns.ToList().IndexOf("conf.low")].Number is not { } low || row.Cells[table.Columns.ToList().IndexOf("conf.high")].Number is not { } high)
                return;
            defined++;
            covered += low <= Truths[measure] && Truths[measure] <= high ? 1 : 0;
        });
        return (covered / defined, defined / repetitions);
    }

    /// <summary>Of the step function on the grid, which is what the estimate is of.</summary>
    private static double Mean(int group) => Width * Enumerable.Range(0, Intervals).Sum(j => Math.Exp(-Hazard * Math.Pow(Ratio, group) * Width * j));

    private static MethodPlan Plan(string method)
    {
        object parameters = method == "risk"
            ? new { outcome = "died", exposure = "arm" }
            : new { time = "months", @event = "died", by = new[] { "arm" }, grid = new { from = Width, to = Intervals * Width, step = Width } };
        var written = JsonSerializer.SerializeToNode(parameters)!.AsObject();
        if (method == "restricted-mean")
            written.Add("horizon", Intervals * Width);
        return MethodList.Find(method)!.Plan(JsonSerializer.SerializeToElement(written), Schema, new List<Fault>())!;
    }

    private static long[] DrawRisks(UniformWords words, int persons)
    {
        var cells = new long[4];
        for (var i = 0; i < persons; i++)
            cells[(2 * (i % 2)) + (words.Uniform() < Risks[i % 2] ? 1 : 0)]++;
        return cells;
    }

    /// <summary>On the grid, events come before censorings, so that its width adds no error of its own; otherwise both happen at any time.</summary>
    private static long[] DrawExits(UniformWords words, int persons, bool onGrid)
    {
        var stride = (2 * Intervals) + 1;
        var cells = new long[2 * stride];
        for (var i = 0; i < persons; i++)
        {
            var group = i % 2;
            var died = -Math.Log(words.Uniform()) / (Hazard * Math.Pow(Ratio, group));
            var left = 12 + (24 * words.Uniform());
            var (occurs, censored) = ((int)(died / Width), (int)(left / Width));
            var isEvent = onGrid ? occurs <= censored : died <= left;
            var exit = Math.Min(occurs, censored);
            cells[(group * stride) + (exit >= Intervals ? 2 * Intervals : isEvent ? Intervals + exit : exit)]++;
        }

        return cells;
    }
}
