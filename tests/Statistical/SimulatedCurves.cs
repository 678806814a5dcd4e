using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.Statistical.Tests;

internal sealed record CurveErrors(double Rmse, double Coverage, double WorstCoverage, double Best)
{
    public override string ToString() => $"rmse {Rmse:0.0000} coverage {Coverage:0.000} least {WorstCoverage:0.000} most {Best:0.000}";
}

internal static class SimulatedCurves
{
    internal static CurveErrors Run(int persons, int intervals, PrivacyPrice price, int holders, string which, int repetitions)
    {
        var step = 24 / intervals;
        var parameters = JsonSerializer.SerializeToElement(new { time = "t", @event = "e", grid = new { from = step, to = 24, step } });
        var schema = Schema();
        var faults = new List<Fault>();
        var plan = MethodList.Find("kaplan-meier")!.Plan(parameters, schema, faults) ?? throw new InvalidOperationException(string.Join(";", faults));
        var terms = NoisePlanner.Candidates(plan.Bound, plan.Workload, price, new KeyHolderTrust(holders, holders - 1)).Single(c => c.Name == which);
        var random = new UniformWords(XofBytes.Seeded(-persons));
        var xof = XofBytes.Seeded(persons);
        double squares = 0;
        var covered = new int[intervals];
        var defined = new int[intervals];
        var points = 0;
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            var cells = new long[(2 * intervals) + 1];
            for (var i = 0; i < persons; i++)
            {
                var death = 18 * Math.Pow(-Math.Log(1 - Uniform(random)), 1 / 0.9);
                var censored = 6 + (Uniform(random) * 30);
                var (died, left) = ((int)(death / step), (int)(censored / step));
                var at = Math.Min(died, left);
                cells[at >= intervals ? 2 * intervals : died <= left ? intervals + at : at]++;
            }

            var truth = plan.Finish(cells, NoiseModel.None).Groups[0].Curve!;
            var sent = cells.ToArray();
            terms.Factorisation?.Multiply(sent);
            for (var h = 0; h < holders; h++)
            {
                var noise = new long[sent.Length];
                terms.Mechanism.Fill(noise, xof);
                for (var i = 0; i < sent.Length; i++)
                    sent[i] += noise[i];
            }

            var noised = plan.Finish(terms.Factorisation?.Recover(sent) ?? sent, NoiseModel.Of(terms)).Groups[0].Curve!;
            for (var j = 0; j < intervals; j++)
            {
                squares += Math.Pow(noised[j].Survival - truth[j].Survival, 2);
                points++;
                var s = Math.Exp(-Math.Pow((j + 1) * step / 18.0, 0.9));
                if (noised[j].Lower is { } low && noised[j].Upper is { } high)
                {
                    defined[j]++;
                    covered[j] += low <= s && s <= high ? 1 : 0;
                }
            }
        }

        var rates = covered.Zip(defined, (c, d) => d == 0 ? 0 : (double)c / d).ToList();
        return new CurveErrors(Math.Sqrt(squares / points), covered.Sum() / (double)defined.Sum(), rates.Min(), rates.Max());
    }

    private static double Uniform(UniformWords words) => (words.Next() + 0.5) / 4294967296.0;

    private static StudySchema Schema() => new([
        new Variable("t", VariableType.Integer, "time", null, [], 0, 100),
        new Variable("e", VariableType.Boolean, "event", null, [], null, null)]);
}
