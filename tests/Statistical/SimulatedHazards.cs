using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Sampling;

namespace Consilience.Statistical.Tests;

/// <summary>
/// Persons with two competing causes of constant hazard and uniform censoring, on the grid itself so that its width adds no error: how often 95 % limits of cumulative hazards and incidences hold the truth, and how often the log-rank test
/// rejects at 5 % where both groups have the same hazard. Noise of two key holders.
/// </summary>
internal static class SimulatedHazards
{
    private const int Intervals = 12, Width = 2;
    private static readonly double[] Causes = [0.03, 0.015];

    private static readonly StudySchema Schema = new(
    [
        new("arm", VariableType.Category, "arm", null, [new("a", "a"), new("b", "b")], null, null), new("cause", VariableType.Category, "cause", null, [new("0", "0"), new("1", "1"), new("2", "2")], null, null),
        new("months", VariableType.Integer, "months", null, [], 0, 100), new("died", VariableType.Boolean, "died", null, [], null, null),
    ]);

    private static double Hazard => Causes.Sum();

    /// <returns>How often limits hold the truth, over all grid times where they are defined.</returns>
    internal static double Coverage(string method, int persons, int repetitions, PrivacyPrice price, bool forgetNoise = false)
    {
        var causes = method == "cumulative-incidence" ? 2 : 1;
        var plan = Plan(method, causes == 2 ? """ "event": "cause", "censored": "0" """ : $$""" "event": "died", "ties": "{{(method == "fleming-harrington" ? method : "nelson-aalen")}}" """);
        var (covered, defined) = (0.0, 0.0);
        NoisedTotals.Repeat(plan, price, forgetNoise, persons, repetitions, words => Draw(words, persons, causes), result =>
        {
            foreach (var (row, place) in result.Tables[0].Rows.Select((r, i) => (r, i)))
            {
                if (row.Cells[^2].Number is not { } low || row.Cells[^1].Number is not { } high)
                    continue;
                var truth = Truth(method, (place % Intervals) + 1, place / Intervals);
                defined++;
                covered += low <= truth && truth <= high ? 1 : 0;
            }
        });
        return covered / defined;
    }

    /// <returns>How often the log-rank test has p below 0.05, one in <paramref name="share"/> persons in the second group.</returns>
    internal static double Rejections(int persons, int share, int repetitions, PrivacyPrice price, bool forgetNoise = false)
    {
        var rejected = 0.0;
        NoisedTotals.Repeat(Plan("log-rank", """ "event": "died", "by": ["arm"] """), price, forgetNoise, persons, repetitions, words => [.. Draw(words, persons - (persons / share), 1), .. Draw(words, persons / share, 1)], result =>
            rejected += result.Tables[1].Rows[0].Cells[^1].Number < 0.05 ? 1 : 0);
        return rejected / repetitions;
    }

    private static MethodPlan Plan(string method, string parameters)
    {
        var name = method == "fleming-harrington" ? "nelson-aalen" : method;
        var text = $$"""{"time": "months", {{parameters}}, "grid": {"from": {{Width}}, "to": {{Intervals * Width}}, "step": {{Width}} } }""";
        return MethodList.Find(name)!.Plan(JsonDocument.Parse(text).RootElement, Schema, new List<Fault>())!;
    }

    /// <summary>Events of an interval one after the other are those of its hazard; at once, of the probability to have one in it.</summary>
    private static double Truth(string method, int intervals, int cause) => method switch
    {
        "cumulative-incidence" => Causes[cause] / Hazard * (1 - Math.Exp(-Hazard * Width * intervals)),
        "fleming-harrington" => Hazard * Width * intervals,
        _ => intervals * (1 - Math.Exp(-Hazard * Width)),
    };

    /// <summary>Events come before censorings.</summary>
    private static long[] Draw(UniformWords words, int persons, int causes)
    {
        var cells = new long[((causes + 1) * Intervals) + 1];
        for (var i = 0; i < persons; i++)
        {
            var died = (int)(-Math.Log(words.Uniform()) / Hazard / Width);
            var left = (int)((6 + (30 * words.Uniform())) / Width);
            var cause = words.Uniform() < Causes[0] / Hazard || causes == 1 ? 1 : 2;
            var exit = Math.Min(died, left);
            cells[exit >= Intervals ? cells.Length - 1 : died <= left ? (cause * Intervals) + exit : exit]++;
        }

        return cells;
    }
}
