namespace Consilience.Client.Train;

/// <summary>What a server's optimiser remembers between rounds; empty where it remembers nothing. Not changed once made.</summary>
/// <param name="Momentum">m, for each weight.</param>
/// <param name="Spread">v, for each weight.</param>
public sealed record ServerMemory(IReadOnlyList<double> Momentum, IReadOnlyList<double> Spread)
{
    public static ServerMemory None { get; } = new([], []);
}

/// <summary>
/// How a round's mean update becomes the next weights. Pure, and made of additions, multiplications, divisions and square roots alone, which are exact to the last bit everywhere: who verifies a training takes the
/// same steps and meets the same weights.
/// </summary>
/// <param name="Name">As in plans.</param>
/// <param name="Rate">η, the server's learning rate; what the mean update is multiplied by.</param>
public abstract record Strategy(string Name, double Rate)
{
    /// <summary>Before the first round.</summary>
    public virtual ServerMemory Begin(int weights) => ServerMemory.None;

    /// <param name="memory">Of the rounds before.</param>
    /// <param name="weights">The round was asked at.</param>
    /// <param name="update">Δ, the mean of what sites found, to be added to the weights.</param>
    /// <param name="factor">Of the schedule, where it is the server's rate that follows it; otherwise 1.</param>
    public abstract (ServerMemory Memory, float[] Weights) Step(ServerMemory memory, ReadOnlySpan<float> weights, IReadOnlyList<double> update, double factor);
}

/// <summary>w + ηΔ. FedAvg (McMahan et al. 2017) and FedProx (Li et al. 2020), whose proximal term is the sites' affair.</summary>
/// <param name="Proximal">μ of FedProx; 0 for FedAvg.</param>
public sealed record Averaging(string Name, double Rate, decimal Proximal) : Strategy(Name, Rate)
{
    public override (ServerMemory Memory, float[] Weights) Step(ServerMemory memory, ReadOnlySpan<float> weights, IReadOnlyList<double> update, double factor)
    {
        ArgumentNullException.ThrowIfNull(update);
        var next = new float[weights.Length];
        for (var i = 0; i < next.Length; i++)
            next[i] = (float)(weights[i] + (Rate * factor * update[i]));
        return (memory, next);
    }
}

/// <summary>How the spread v of an adaptive optimiser follows the squared updates.</summary>
public enum Adaptation
{
    Unspecified = 0,

    /// <summary>v + Δ².</summary>
    Adagrad,

    /// <summary>β₂v + (1 − β₂)Δ².</summary>
    Adam,

    /// <summary>v − (1 − β₂)Δ²·sign(v − Δ²).</summary>
    Yogi,
}

/// <summary>
/// FedAdagrad, FedAdam and FedYogi: m ← β₁m + (1 − β₁)Δ, w ← w + ηm/(√v + τ), with m = 0 and v = τ² to begin with and no correction of early rounds. Reddi et al. 2021, <i>Adaptive federated optimization</i>, algorithm 2.
/// </summary>
/// <param name="Kind">How v follows.</param>
/// <param name="Beta1">β₁, from 0 to below 1.</param>
/// <param name="Beta2">β₂, from 0 to below 1; not used by Adagrad.</param>
/// <param name="Tau">τ, above 0: how adaptive it is.</param>
public sealed record Adaptive(string Name, double Rate, Adaptation Kind, double Beta1, double Beta2, double Tau) : Strategy(Name, Rate)
{
    public override ServerMemory Begin(int weights)
    {
        var spread = new double[weights];
        Array.Fill(spread, Tau * Tau);
        return new(new double[weights], spread);
    }

    public override (ServerMemory Memory, float[] Weights) Step(ServerMemory memory, ReadOnlySpan<float> weights, IReadOnlyList<double> update, double factor)
    {
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(update);
        var (momentum, spread, next) = (new double[weights.Length], new double[weights.Length], new float[weights.Length]);
        for (var i = 0; i < next.Length; i++)
        {
            momentum[i] = (Beta1 * memory.Momentum[i]) + ((1 - Beta1) * update[i]);
            spread[i] = Spread(memory.Spread[i], update[i] * update[i]);
            next[i] = (float)(weights[i] + (Rate * factor * momentum[i] / (Math.Sqrt(spread[i]) + Tau)));
        }

        return (new(momentum, spread), next);
    }

    private double Spread(double before, double square) => Kind switch
    {
        Adaptation.Adagrad => before + square,
        Adaptation.Yogi => before - ((1 - Beta2) * square * Math.Sign(before - square)),
        _ => (Beta2 * before) + ((1 - Beta2) * square),
    };
}

/// <summary>Of trees, which grow by <see cref="FederatedLearning.Trees.GrowTree"/>: a name for cards and no step.</summary>
public sealed record Boosting() : Strategy("boosting", 1)
{
    public override (ServerMemory Memory, float[] Weights) Step(ServerMemory memory, ReadOnlySpan<float> weights, IReadOnlyList<double> update, double factor) =>
        throw new System.Diagnostics.UnreachableException("trees have no weights to step from");
}
