using Consilience.FederatedLearning.Models;

namespace Consilience.Client.Train;

/// <summary>What a run of a training asks.</summary>
public enum TrainingStep
{
    Unspecified = 0,

    /// <summary>The mean gradient of all sites at the round's weights, which its steps are corrected by.</summary>
    Gradient,

    /// <summary>How far sites' training moves the weights.</summary>
    Update,

    /// <summary>How the weights do on persons who are not trained on.</summary>
    Validation,
}

/// <summary>Where the training of a model with layers stands between two runs.</summary>
/// <param name="Round">Rounds whose update is taken.</param>
/// <param name="Weights">To ask the next run at.</param>
/// <param name="Memory">Of the strategy.</param>
public sealed record TrainingState(int Round, ModelWeights Weights, ServerMemory Memory) : CourseState(Round)
{
    public override string Digest => Weights.Digest;

    /// <summary>Of the next round.</summary>
    public required decimal Clip { get; init; }

    /// <summary>Of each round, at the weights it was asked at.</summary>
    public IReadOnlyList<double?> Losses { get; init; } = [];

    /// <summary>The mean gradient at the weights, once it was asked; null before, and where the strategy asks none.</summary>
    public ModelWeights? Control { get; init; }

    /// <summary>In the order of their rounds.</summary>
    public IReadOnlyList<ValidatedRound> Validations { get; init; } = [];

    /// <summary>The weights that did best so far; null where none were validated with a figure.</summary>
    public ModelWeights? Best { get; init; }

    /// <summary>Whose weights those are; 0 where there are none.</summary>
    public int BestRound { get; init; }

    /// <summary>With validation the weights that did best, otherwise the last.</summary>
    internal override TrainingState Outcome => this with { Weights = Best ?? Weights };
}
