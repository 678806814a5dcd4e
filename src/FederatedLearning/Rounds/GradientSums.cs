using Consilience.Analyses;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Training;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>The sum of persons' gradients, of one row each.</summary>
internal sealed class GradientSums(ModelDeclaration model, RoundWeights weights, ClippedTerms terms) : PersonSums(model, weights, terms)
{
    public override string Canonical { get; } = CanonicalOf(writer =>
    {
        writer.WriteString("gradient", model.Canonical);
        writer.WriteString("weights", weights.Digest);
        terms.Describe(writer);
    });

    private protected override int Direction => -1;

    private protected override int EachPerson(IRows rows, ModelWeights at, long seed, PersonVector take)
    {
        var read = TrainingRows.Read(Model, rows);
        new Gradients(Model, read, Math.Max(1, read.Count), null).EachRow(at.Values.ToArray(), seed, (half, row, gradient, loss) => take(half, read.KeyOf(row), gradient, loss));
        return read.Skipped;
    }
}
