using Consilience.Analyses;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>What a training round's opened counters say.</summary>
/// <param name="Persons">Trained on, at all sites.</param>
/// <param name="Skipped">Rows left out, because a value was not what the schema says.</param>
/// <param name="Loss">Mean over persons, at the weights the round was asked at; null where there was nobody.</param>
/// <param name="MeanUpdate">What to add to the weights, in their order: the weighted mean of what sites found. Zero where there was nobody.</param>
public sealed record TrainingRound(long Persons, long Skipped, double? Loss, IReadOnlyList<double> MeanUpdate)
{
    /// <summary>Euclidean.</summary>
    public double UpdateNorm => Math.Sqrt(MeanUpdate.Sum(u => u * u));

    /// <summary>Reads the opened total of a <c>training-round</c>.</summary>
    /// <param name="plan">Of that method.</param>
    /// <param name="total">As opened, noise and all.</param>
    /// <exception cref="ArgumentException">The plan is another method's, or the total has another length.</exception>
    public static TrainingRound Read(MethodPlan plan, ReadOnlySpan<long> total)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan is not TrainingRoundPlan round || total.Length != plan.Sums.VectorLength)
            throw new ArgumentException("training round: a plan of another method, or a total of another length", nameof(plan));
        var update = new double[total.Length - TrainingSums.Heads];
        for (var i = 0; i < update.Length && total[4] > 0; i++)
            update[i] = total[TrainingSums.Heads + i] / round.Training.Unit / total[4];
        double? loss = total[0] > 0 ? (total[2] + (total[3] / TrainingSums.LossUnit)) / total[0] : null;
        return new(total[0], total[1], loss, update);
    }
}
