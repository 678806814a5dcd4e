using Consilience.Analyses;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;
using Consilience.FederatedLearning.Training;

namespace Consilience.FederatedLearning.Evaluation;

/// <summary>A model whose personal layers a site fits on some of its rows, to be evaluated on the others.</summary>
internal sealed class PersonalScorer(ModelDeclaration model, RoundWeights weights, PersonalLayers layers)
{
    /// <summary>Equal layers, fitted equally, have equal text.</summary>
    internal string Canonical => layers.Canonical;

    /// <exception cref="ArithmeticException">The layers left the range of numbers.</exception>
    internal IScorer ScorerOf(ReadOnlyMemory<byte> attached, IRows rows) =>
        new ModelScorer(model, layers.Fit(model, TrainingRows.Read(model, layers.Rows!.Of(rows)), weights.Open(attached.Span).Weights));

    /// <summary>Whom they are not fitted on.</summary>
    internal IRows Others(IRows rows) => layers.Rows!.Others(rows);
}
