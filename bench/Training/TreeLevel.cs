using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning;

namespace Consilience.Training.Benchmarks;

/// <summary>A site's part of a level of trees: 100 inputs of 256 bins, 64 open nodes, on 100,000 rows, with no trees finished and with a hundred.</summary>
internal static class TreeLevel
{
    private const int Rows = 100_000, Inputs = 100, Depth = 6;

    internal static void Measure()
    {
        var schema = new StudySchema([.. Enumerable.Range(0, Inputs).Select(i => new Variable($"x{i}", VariableType.Real, "", null, [], -1, 1)), new Variable("y", VariableType.Boolean, "", null, [], null, null)]);
        var rows = new GeneratedRows(Rows, Inputs);
        foreach (var finished in new[] { 0, 100 })
        {
            var parameters = new JsonObject
            {
                ["model"] = new JsonObject
                {
                    ["kind"] = "trees", ["head"] = "logistic", ["outcome"] = "y",
                    ["inputs"] = new JsonArray([.. Enumerable.Range(0, Inputs).Select(i => new JsonObject { ["variable"] = $"x{i}", ["grid"] = new JsonObject { ["from"] = -0.9921875m, ["to"] = 0.9921875m, ["step"] = 0.0078125m } })]),
                },
                ["ensemble"] = new JsonObject { ["base"] = 0, ["trees"] = new JsonArray([.. Enumerable.Range(0, finished).Select(t => (JsonNode)Tree(t, isOpen: false))]) },
                ["tree"] = Tree(finished, isOpen: true),
            };
            var faults = new List<Fault>();
            var plan = KnownMethods.Find("tree-histograms")!.Plan(JsonSerializer.SerializeToElement(parameters), schema, faults) ?? throw new InvalidOperationException(string.Join("; ", faults));
            var seconds = Enumerable.Range(0, 5).Select(_ =>
            {
                var (clock, before) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
                plan.Sums.Encode(rows, new long[plan.Sums.VectorLength]);
                return (Wall: clock.Elapsed.TotalSeconds, Processor: (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds);
            }).Skip(1).Order().ToList();
            Console.WriteLine($"a level of trees, {plan.Sums.VectorLength} counters, {finished} trees finished: median {seconds[2].Wall:0.000} s, of processor time {seconds[2].Processor:0.000} s");
        }
    }

    /// <summary>Split in the middle at every node, by another input at each.</summary>
    private static JsonArray Tree(int number, bool isOpen)
    {
        var (nodes, input) = (new JsonArray(), number);
        void Grow(int depth)
        {
            if (depth == Depth)
            {
                nodes.Add(isOpen ? new JsonArray() : JsonValue.Create(0.01 * (nodes.Count % 3)));
                return;
            }

            nodes.Add(new JsonArray(input++ % Inputs, 127, 0));
            Grow(depth + 1);
            Grow(depth + 1);
        }

        Grow(0);
        return nodes;
    }
}
