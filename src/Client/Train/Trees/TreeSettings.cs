using System.Text.Json;
using Consilience.FederatedLearning.Trees;

namespace Consilience.Client.Train.Trees;

/// <summary>Boosted trees as a plan wants them, well-formed.</summary>
public sealed record TreeSettings
{
    /// <summary>A declaration in the vocabulary of trees.</summary>
    public required JsonElement Model { get; init; }

    /// <summary>Trees, at most.</summary>
    public required int Count { get; init; }

    /// <summary>Splits from a root to a leaf, at most.</summary>
    public required int Depth { get; init; }

    public required GrowthSettings Growth { get; init; }

    /// <summary>The share of inputs that a tree is asked about, drawn anew for each from the plan's seed.</summary>
    public required decimal Features { get; init; }

    /// <summary>Everybody's score before the first tree.</summary>
    public required decimal Base { get; init; }

    /// <summary>Persons by whose loss a training stops, as a cohort; null to grow every tree.</summary>
    public required string? HeldOut { get; init; }

    /// <summary>By the loss of those held out, tree by tree; null to grow every tree.</summary>
    public required StopRule? Stop { get; init; }

    /// <summary>Questions, at most: one for each level, and one after each tree about those held out.</summary>
    public int Rounds => Count * (Depth + (HeldOut is null ? 0 : 1));
}
