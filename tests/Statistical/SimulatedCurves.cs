using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.Statistical.Tests;

/// <param name="Plan">The noise plan.</param>
/// <param name="RootMeanSquare">Error of the noised curve against the curve without noise, over all grid times.</param>
/// <param name="Coverage">How often limits, where defined, hold the true survival.</param>
internal sealed record CurveErrors(string Plan, double RootMeanSquare, double Coverage)
{
    public override string ToString() => $"{Plan}: root mean square error {RootMeanSquare:0.0000}, coverage {Coverage:0.000}";
}

/// <summary>Persons with Weibull survival and uniform censoring, their curve without noise and with it, as the product computes both.</summary>
internal static class SimulatedCurves
{
    private const double Shape = 0.9, Scale = 18;
    private const int Horizon = 24;

    internal static CurveErrors Run(int persons, int intervals, PrivacyPrice price, KeyHolderTrust trust, int repetitions, bool forgetNoise = false)
    {
        var plan = Plan(intervals);
        var terms = NoisedTotals.Terms(plan, price, trust);
        using var words = new UniformWords(XofBytes.Seeded(-persons));
        var randomness = XofBytes.Seeded(persons);
        double squares = 0, points = 0, covered = 0, defined = 0;
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            var cells = Draw(words, persons, intervals);
            var exact = plan.Finish(cells, NoiseModel.None, DisclosureRules.None).Groups[0].Curve!;
            var curve = plan.Finish(NoisedTotals.Open(cells, terms, randomness), forgetNoise ? NoiseModel.None : NoiseModel.Of(terms), DisclosureRules.None).Groups[0].Curve!;
            for (var j = 0; j < intervals; j++)
            {
                points++;
                squares += Math.Pow(curve[j].Survival - exact[j].Survival, 2);
                if (curve[j] is not { Lower: { } lower, Upper: { } upper })
                    continue;
                defined++;
                var truth = Survival((j + 1) * Horizon / intervals);
                covered += lower <= truth && truth <= upper ? 1 : 0;
            }
        }

        return new CurveErrors(terms.Name, Math.Sqrt(squares / points), covered / defined);
    }

    private static double Survival(double time) => Math.Exp(-Math.Pow(time / Scale, Shape));

    /// <summary>Exits on the grid itself, so that its width adds no error of its own; events come before censorings.</summary>
    private static long[] Draw(UniformWords words, int persons, int intervals)
    {
        double width = Horizon / intervals;
        var cells = new long[(2 * intervals) + 1];
        for (var i = 0; i < persons; i++)
        {
            var died = (int)(Scale * Math.Pow(-Math.Log(words.Uniform()), 1 / Shape) / width);
            var left = (int)((6 + (30 * words.Uniform())) / width);
            var exit = Math.Min(died, left);
            cells[exit >= intervals ? 2 * intervals : died <= left ? intervals + exit : exit]++;
        }

        return cells;
    }

    private static MethodPlan Plan(int intervals)
    {
        var step = Horizon / intervals;
        var schema = new StudySchema([new("months", VariableType.Integer, "months", null, [], 0, 100), new("died", VariableType.Boolean, "died", null, [], null, null)]);
        var parameters = JsonSerializer.SerializeToElement(new { time = "months", @event = "died", grid = new { from = step, to = Horizon, step } });
        return MethodList.Find("kaplan-meier")!.Plan(parameters, schema, new List<Fault>())!;
    }
}
