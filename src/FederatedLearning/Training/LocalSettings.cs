using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Parameters;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;

namespace Consilience.FederatedLearning.Training;

/// <summary>How a site trains in a round.</summary>
/// <param name="Epochs">Times that it goes through its rows; 0 where <paramref name="Steps"/> says how many batches instead.</param>
/// <param name="Steps">Batches; 0 where <paramref name="Epochs"/> says.</param>
/// <param name="Batch">Rows of a step.</param>
/// <param name="IsAdam">Whether steps are Adam's; gradient descent otherwise.</param>
/// <param name="Rate">Learning rate.</param>
/// <param name="Momentum">Of gradient descent.</param>
/// <param name="Proximal">μ of FedProx: adds ½μ‖w − w₀‖² to the loss.</param>
/// <param name="Clip">The longest gradient of one person; no limit where null.</param>
/// <param name="Warmup">Steps over which the rate rises evenly from nothing to what it is.</param>
/// <param name="Decay">How it falls in those after them, to nothing behind the last.</param>
/// <param name="Seed">Of the order of rows and of dropout.</param>
internal sealed record LocalSettings(int Epochs, int Steps, int Batch, bool IsAdam, float Rate, float Momentum, float Proximal, float? Clip, int Warmup, RateDecay Decay, long Seed)
{
    private static readonly string[] Decays = ["none", "linear", "cosine"];

    private const int MostEpochs = 10_000, MostSteps = 10_000_000, LargestBatch = 1 << 16;

    private const decimal LeastRate = 0.000_000_001m, LargestRate = 1000, LargestMomentum = 0.9999m, LargestProximal = 1000, LargestSeed = 1_000_000_000_000_000m;

    /// <summary>The JSON Schema of what <see cref="Read"/> reads.</summary>
    internal static JsonObject Schema() => Parameter.Members(new()
    {
        ["epochs"] = Parameter.WholeOf(1, MostEpochs),
        ["steps"] = Parameter.WholeOf(1, MostSteps),
        ["batch"] = Parameter.WholeOf(1, LargestBatch),
        ["optimiser"] = Parameter.OneOf("sgd", "adam"),
        ["rate"] = Parameter.NumberOf(LeastRate, LargestRate),
        ["momentum"] = Parameter.NumberOf(0, LargestMomentum),
        ["proximal"] = Parameter.NumberOf(0, LargestProximal),
        ["clip"] = Parameter.NumberOf(TrainingRoundMethod.LeastClip, TrainingRoundMethod.LargestClip),
        ["warmup"] = Parameter.WholeOf(0, MostSteps),
        ["decay"] = Parameter.OneOf(Decays),
        ["seed"] = Parameter.NumberOf(0, LargestSeed),
    }, "batch", "rate");

    /// <summary>Null, with faults added, where it does not say how to train.</summary>
    internal static LocalSettings? Read(ParameterReader reader)
    {
        var epochs = reader.Whole("epochs", 1, MostEpochs);
        var steps = reader.Whole("steps", 1, MostSteps);
        if (epochs is null == steps is null)
            reader.Add("epochs", "either epochs or steps", epochs is null ? "neither" : "both", "write one of them");
        var batch = reader.Whole("batch", 1, LargestBatch, isRequired: true);
        var isAdam = reader.Choice("optimiser", "sgd", "adam") == "adam";
        var rate = reader.Within("rate", LeastRate, LargestRate, isRequired: true);
        var momentum = reader.Within("momentum", 0, LargestMomentum) ?? 0;
        if (isAdam && momentum > 0)
            reader.Add("momentum", "no momentum with adam, which has its own", $"{momentum}", "remove it");
        var proximal = reader.Within("proximal", 0, LargestProximal) ?? 0;
        var clip = reader.Within("clip", TrainingRoundMethod.LeastClip, TrainingRoundMethod.LargestClip);
        var warmup = reader.Whole("warmup", 0, MostSteps) ?? 0;
        var decay = reader.Choice("decay", Decays) switch { "linear" => RateDecay.Linear, "cosine" => RateDecay.Cosine, _ => RateDecay.None };
        var seed = (long)decimal.Truncate(reader.Within("seed", 0, LargestSeed) ?? 0);
        reader.Finish();
        return batch is null || rate is null ? null : new(epochs ?? 0, steps ?? 0, batch.Value, isAdam, (float)rate, (float)momentum, (float)proximal, (float?)clip, warmup, decay, seed);
    }

    /// <summary>What a step's rate is multiplied by; of additions, multiplications and divisions alone, so that it is the same on every machine.</summary>
    /// <param name="step">From 0 on.</param>
    /// <param name="steps">Of the round.</param>
    internal float RateAt(int step, int steps)
    {
        if (step < Warmup)
            return (step + 1f) / Warmup;
        var done = (step - Math.Min(Warmup, steps)) / (double)Math.Max(1, steps - Warmup);
        return Decay switch { RateDecay.Linear => (float)(1 - done), RateDecay.Cosine => (float)(1 - SineSquared(done)), _ => 1 };
    }

    /// <summary>sin²(πt/2), so that ½(1 + cos πt) is 1 less it.</summary>
    private static double SineSquared(double t)
    {
        var x = t * 1.5707963267948966;
        double term = x, sine = x;
        for (var n = 1; n <= 10; n++)
        {
            term = -term * x * x / (2 * n * ((2 * n) + 1));
            sine += term;
        }

        return sine * sine;
    }
}

/// <summary>How the learning rate falls within a round.</summary>
internal enum RateDecay
{
    Unspecified = 0,
    None,
    Linear,

    /// <summary>Along half a cosine.</summary>
    Cosine,
}
