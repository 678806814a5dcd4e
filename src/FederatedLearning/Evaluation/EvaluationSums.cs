using Consilience.Analyses;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Evaluation;

/// <summary>Persons in every cell of a <see cref="ScoreTable"/>, and those left out.</summary>
internal sealed class EvaluationSums(ScoreTable scores, IAskedWeights weights) : SiteSums
{
    public override int VectorLength => 1 + (int)scores.Length;

    public override ContributionBound Bound => ContributionBound.OneCell;

    public override Attachment? Attachment => weights.Attachment;

    public override string Canonical { get; } = CanonicalOf(writer =>
    {
        writer.WriteString("evaluation", scores.Model.Canonical);
        writer.WriteString("weights", weights.Digest);
        writer.WriteNumber("bins", scores.Bins);
        writer.WriteString("edges", string.Join(' ', scores.Edges));
        scores.Groups.WriteCanonical(writer);
    });

    public override void Encode(IRows rows, Span<long> vector) => Encode(rows, default, vector);

    public override void Encode(IRows rows, ReadOnlyMemory<byte> attached, Span<long> vector)
    {
        var scorer = weights.ScorerOf(attached);
        var cells = new long[vector.Length];
        scores.Read(rows, () =>
        {
            Array.Clear(cells);
            return values => cells[scores.CellOf(scorer, values) is { } cell ? 1 + cell : 0]++;
        });
        cells.CopyTo(vector);
    }
}
