using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;

namespace Consilience.FederatedLearning.Tests;

/// <summary>A round of training from parameters to the next weights.</summary>
public sealed class RoundsOfTraining
{
    private static readonly StudySchema Schema = new(
    [
        new("x", VariableType.Real, "x", null, [], -1, 1), new("z", VariableType.Real, "z", null, [], -1, 1), new("y", VariableType.Boolean, "y", null, [], null, null),
    ]);

    private static MethodPlan Plan(object parameters)
    {
        var faults = new List<Fault>();
        var plan = KnownMethods.Find("training-round")!.Plan(JsonSerializer.SerializeToElement(parameters), Schema, faults);
        Assert.Empty(faults);
        return plan!;
    }

    [Fact]
    public void Rounds_over_two_sites_lead_to_weights_that_tell_the_outcomes_apart()
    {
        var rows = new RowsInMemory(["x", "z", "y"], [.. Enumerable.Range(0, 400).Select(i => (X: (i % 20 / 10.0) - 0.95, Z: (i / 20 / 10.0) - 0.95)).Select(p => new[] { p.X, p.Z, p.X + (0.5 * p.Z) > 0.1 ? 1.0 : 0 })]);
        var model = new { inputs = new[] { "x", "z" }, head = "logistic", outcome = "y" };
        var declared = ModelDeclaration.Read(JsonSerializer.SerializeToElement(model), Schema, [])!;
        var weights = ModelWeights.Initialise(declared, 1);
        var losses = new List<double>();
        for (var round = 0; round < 20; round++)
        {
            var plan = Plan(new { model, weights = Convert.ToBase64String(weights.ToBytes()), local = new { epochs = 5, batch = 20, rate = 0.5 }, clip = 10 });
            var total = new long[plan.Sums.VectorLength];
            for (var site = 0; site < 2; site++)
            {
                var vector = new long[total.Length];
                plan.Sums.Encode(rows.Part(site, 2), vector);
                for (var i = 0; i < total.Length; i++)
                    total[i] += vector[i];
            }

            var read = TrainingRound.Read(plan, total);
            Assert.Equal(400, read.Persons);
            losses.Add(read.Loss!.Value);
            weights = ModelWeights.Of([.. weights.Values.ToArray().Zip(read.MeanUpdate, (w, u) => (float)(w + u))]);
        }

        Assert.InRange(losses[0], 0.5, 1);
        Assert.InRange(losses[^1], 0, 0.12);
        Assert.InRange(weights.Values[0] / weights.Values[1], 1.8, 2.2);
    }
}
