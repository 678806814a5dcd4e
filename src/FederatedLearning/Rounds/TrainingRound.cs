using Consilience.Analyses;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>What a training round's opened counters say. At noised precision all of it carries noise.</summary>
/// <param name="Persons">Trained on, at all sites.</param>
/// <param name="Skipped">Rows left out, because a value was not what the schema says; persons of whom none is left, where each trains.</param>
/// <param name="Clipped">Share of persons whose gradient or update was longer than the clip; null where sites trained on all persons together, and where there was nobody.</param>
/// <param name="Loss">Mean over persons, at the weights the round was asked at; null where there was nobody.</param>
/// <param name="UpdateNorm">Euclidean length of the mean update.</param>
public sealed record TrainingRound(long Persons, long Skipped, double? Clipped, double? Loss, double UpdateNorm)
{
    /// <summary>
    /// What to add to the weights, in their order: the weighted mean of how far sites trained, the mean of how far persons did, or minus the mean of persons' gradients, which wants a learning rate. Zero where there was nobody. Empty
    /// where figures alone are kept, because it is as large as the model.
    /// </summary>
    public IReadOnlyList<double> MeanUpdate { get; init; } = [];

    /// <summary>Of a question about persons who are not trained on, in place of <see cref="Loss"/>: their mean loss.</summary>
    public double? HeldOutLoss { get; init; }

    /// <summary>Reads the opened total of a <c>training-round</c>.</summary>
    /// <param name="plan">Of that method.</param>
    /// <param name="total">As opened, noise and all.</param>
    /// <exception cref="ArgumentException">The plan is another method's, or the total has another length.</exception>
    public static TrainingRound Read(MethodPlan plan, ReadOnlySpan<long> total)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan is TrainingRoundPlan round && total.Length == plan.Sums.VectorLength
            ? round.Round.Read(total)
            : throw new ArgumentException("training round: a plan of another method, or a total of another length", nameof(plan));
    }

    /// <summary>Why the opened total of a <c>training-round</c> at exact precision is none that the software of so many sites gives; null where it may be. A single site's lie within what all of them may send is not seen.</summary>
    /// <exception cref="ArgumentException">The plan is another method's.</exception>
    public static string? Objection(MethodPlan plan, ReadOnlySpan<long> total, int sites) =>
        plan is TrainingRoundPlan round ? round.Round.Objection(total, sites) : throw new ArgumentException("training round: a plan of another method", nameof(plan));
}
