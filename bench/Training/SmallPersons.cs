using System.Diagnostics;
using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning;
using Consilience.FederatedLearning.Models;

namespace Consilience.Training.Benchmarks;

/// <summary>A site's part of a round in which each of 20,000 persons trains for five steps by itself: MLP 32-64-2, a row each.</summary>
internal static class SmallPersons
{
    private const int Persons = 20_000, Inputs = 32;

    internal static void Measure()
    {
        var schema = new StudySchema([.. Enumerable.Range(0, Inputs).Select(i => new Variable($"x{i}", VariableType.Real, "", null, [], -1, 1)), new Variable("y", VariableType.Category, "", null, [new("a", "a"), new("b", "b")], null, null)]);
        var model = new { inputs = new object[] { new { from = "x0", to = $"x{Inputs - 1}" } }, layers = new object[] { new { dense = 64 }, "relu" }, head = "softmax", outcome = "y" };
        var weights = ModelWeights.Initialise(ModelDeclaration.Read(JsonSerializer.SerializeToElement(model), schema, [])!, 1);
        var faults = new List<Fault>();
        var parameters = new { model, weights = Convert.ToBase64String(weights.Bytes.Span), clip = 1, local = new { unit = "person", steps = 5, batch = 8, rate = 0.05 } };
        var plan = KnownMethods.Find("training-round")!.Plan(JsonSerializer.SerializeToElement(parameters), schema, faults) ?? throw new InvalidOperationException(string.Join("; ", faults));
        var rows = new GeneratedRows(Persons, Inputs);
        var seconds = Enumerable.Range(0, 4).Select(_ =>
        {
            var (clock, before) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
            plan.Sums.Encode(rows, new long[plan.Sums.VectorLength]);
            return (Wall: clock.Elapsed.TotalSeconds, Processor: (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds);
        }).Skip(1).Order().ToList();
        Console.WriteLine($"persons who train for five steps, {weights.Values.Length} weights: {Persons / seconds[1].Wall:0} a second, {Persons / seconds[1].Processor:0} a second of processor time");
    }
}
