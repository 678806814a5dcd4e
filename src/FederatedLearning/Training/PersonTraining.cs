using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Training;

/// <summary>
/// Trains from the same weights on one person's rows after another's. <b>Guarantee:</b> what it makes of a person follows from that person's rows and public numbers alone: order of rows and dropout are seeded by the rows, and the pieces that
/// sums are made in have a size that no data decide.
/// </summary>
/// <param name="model">What is trained.</param>
/// <param name="settings">How.</param>
/// <param name="most">Rows of a person.</param>
/// <param name="from">The weights of the round.</param>
internal sealed class PersonTraining(ModelDeclaration model, LocalSettings settings, int most, ModelWeights from)
{
    private readonly Gradients gradients = new(model, TrainingRows.Nobody(model), Math.Min(settings.Batch, most), null);

    /// <summary>How far the weights move, and the mean loss of the rows before. The numbers may have left their range.</summary>
    internal (float[] Update, double Loss) Run(TrainingRows person)
    {
        var own = settings with { Seed = SeededStream.For(settings.Seed, StreamPurpose.OrderOfRows, person.Key).Below(int.MaxValue) };
        var (weights, loss) = new LocalTraining(model, person, own, null) { Shared = gradients }.Run(from);
        for (var i = 0; i < weights.Length; i++)
            weights[i] -= from.Values[i];
        return (weights, loss / person.Count);
    }
}
