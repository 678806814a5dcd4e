using System.Diagnostics;
using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning;
using Consilience.FederatedLearning.Models;
using Consilience.Training.Benchmarks;

// dotnet run -c Release --project bench/Training
// A site's part of a round: MLP 32-128-64-2 on 100,000 rows. What an epoch takes is the difference between rounds of 1 and of 6 epochs, a fifth of it. On a machine that does other things, half the processor time of both threads says
// what an idle one would take.
const int Rows = 100_000;
const int Inputs = 32;
var schema = new StudySchema([.. Enumerable.Range(0, Inputs).Select(i => new Variable($"x{i}", VariableType.Real, "", null, [], -1, 1)), new Variable("y", VariableType.Category, "", null, [new("a", "a"), new("b", "b")], null, null)]);
var model = new { inputs = new object[] { new { from = "x0", to = $"x{Inputs - 1}" } }, layers = new object[] { new { dense = 128 }, "relu", new { dense = 64 }, "relu" }, head = "softmax", outcome = "y" };
var declared = ModelDeclaration.Read(JsonSerializer.SerializeToElement(model), schema, [])!;
var weights = Convert.ToBase64String(ModelWeights.Initialise(declared, 1).Bytes.Span);
var rows = new GeneratedRows(Rows, Inputs);

(double Wall, double Processor) Seconds(object parameters)
{
    var faults = new List<Fault>();
    var plan = KnownMethods.Find("training-round")!.Plan(JsonSerializer.SerializeToElement(parameters), schema, faults) ?? throw new InvalidOperationException(string.Join("; ", faults));
    var (clock, before) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
    plan.Sums.Encode(rows, new long[plan.Sums.VectorLength]);
    return (clock.Elapsed.TotalSeconds, (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds);
}

double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

object Local(int epochs, decimal? clip) => new { model, weights, clip = 1000, local = clip is null ? (object)new { epochs, batch = 256, rate = 0.05 } : new { epochs, batch = 256, rate = 0.05, clip } };

Seconds(Local(5, 1));
Console.WriteLine($"highest memory in a round of five epochs: {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB");
foreach (var clip in new decimal?[] { null, 1 })
{
    var epochs = Enumerable.Range(0, 4).Select(_ => (Long: Seconds(Local(6, clip)), Short: Seconds(Local(1, clip)))).Skip(1)
        .Select(e => (Wall: (e.Long.Wall - e.Short.Wall) / 5, Processor: (e.Long.Processor - e.Short.Processor) / 5)).ToList();
    Console.WriteLine($"epoch, batch 256, {(clip is null ? "not clipped" : "clipped by row")}: median {Median(epochs.Select(e => e.Wall)):0.000} s, of processor time {Median(epochs.Select(e => e.Processor)):0.000} s");
}

var gradients = Enumerable.Range(0, 3).Select(_ => Seconds(new { model, weights, clip = 1 })).ToList();
Console.WriteLine($"a round of one gradient, each person's clipped and rounded by itself: median {Median(gradients.Select(g => g.Wall)):0.000} s, of processor time {Median(gradients.Select(g => g.Processor)):0.000} s");
SmallPersons.Measure();
TreeLevel.Measure();
