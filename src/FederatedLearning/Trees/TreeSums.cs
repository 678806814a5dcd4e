using Consilience.Analyses;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Trees;

/// <summary>
/// One level of a growing tree: first and second derivatives of every person's loss by the score, at the scores that the finished trees give, added up by open node, input and bin. <b>Guarantee:</b> each person's derivatives are rounded to whole
/// units by themselves, so that sums are the same however rows are ordered or split over sites; and what a person adds follows from that person's row and public numbers alone, within <see cref="Bound"/>, which is made of the whole numbers that
/// rounding cannot leave.
/// </summary>
internal sealed class TreeSums(TreeModel model, AskedEnsemble ensemble, Tree? tree, LevelLayout layout, int bits) : SiteSums
{
    internal const int FewestBits = 8, MostBits = 30;

    /// <summary>A person's loss counts as at most this.</summary>
    private const double MostLoss = 16;

    internal string Digest => ensemble.Digest;

    internal TreeModel Model => model;

    internal Tree? Tree => tree;

    internal LevelLayout Layout => layout;

    /// <summary>What a derivative of 1 is in the counters.</summary>
    internal long Unit { get; } = 1L << bits;

    public override string Canonical { get; } = CanonicalOf(writer =>
    {
        writer.WriteString("histograms", model.Canonical);
        writer.WriteString("ensemble", ensemble.Digest);
        writer.WritePropertyName("tree");
        if (tree is null)
            writer.WriteNullValue();
        else
            tree.Write(writer);
        writer.WriteString("inputs", string.Join(' ', layout.Inputs));
        writer.WriteNumber("bits", bits);
    });

    internal int Bits => bits;

    /// <summary>What one person counts for in the figures before the histograms: enough to be seen through noise that is scaled to gradients.</summary>
    internal long Person => Unit / 16;

    /// <summary>What a loss of 1 counts for there.</summary>
    internal long LossUnit => Unit / 64;

    public override int VectorLength => (int)layout.Length;

    public override Attachment? Attachment => ensemble.Attachment;

    /// <summary>2²⁴ persons whose gradients are all 1, at the finest unit.</summary>
    public override long LargestCounter => FixedPoint.Largest;

    /// <summary>A number's residuals enter the sum of every bin; an event or none, and the classes of inputs, are only counted.</summary>
    public override int Equations => model.Head == HeadKind.Linear ? (layout.NodeLength / LevelLayout.Cells * layout.OpenNodes) + 1 : 0;

    public override ContributionBound Bound
    {
        get
        {
            var inputs = layout.OpenNodes > 0 ? layout.Inputs.Count : 0L;
            var (gradient, loss) = (model.MostGradient * Unit, (long)(MostLoss * LossUnit));
            return new(
                (inputs * LevelLayout.Cells) + 2, inputs > 0 ? gradient : loss,
                (inputs * (gradient + MostHessian + 1)) + Person + loss,
                (inputs * ((gradient * gradient) + (MostHessian * MostHessian) + 1)) + (Person * Person) + (loss * loss));
        }
    }

    /// <summary>Of p(1 − p), a quarter; of squared errors, 1.</summary>
    private long MostHessian => model.Head == HeadKind.Logistic ? Unit / 4 : Unit;

    public override void Encode(IRows rows, Span<long> vector) => Encode(rows, default, vector);

    /// <exception cref="ArithmeticException">What is attached is no ensemble of the model.</exception>
    public override void Encode(IRows rows, ReadOnlyMemory<byte> attached, Span<long> vector)
    {
        var (finished, cells, bins) = (ensemble.Open(attached), new long[vector.Length], new ushort[model.Inputs.Count]);
        rows.ReadWithMissing(model.OutcomeVariables, model.InputVariables, () =>
        {
            Array.Clear(cells);
            return values =>
            {
                if (model.Outcome.Read(values[..1]) is { } target && model.TryBin(values[1..], bins))
                    Add(cells, bins, finished.Score(model, bins), target.Value);
                else
                    cells[LevelLayout.Skipped] += Person;
            };
        });
        cells.CopyTo(vector);
    }

    private void Add(long[] cells, ReadOnlySpan<ushort> bins, double score, double outcome)
    {
        var (gradient, hessian, loss) = Derivatives(score, outcome);
        cells[LevelLayout.Persons] += Person;
        cells[LevelLayout.Loss] += (long)Math.Round(Math.Min(loss, MostLoss) * LossUnit);
        if (tree is null || tree.NumberOf(tree.EndOf(model, bins)) is not (>= 0 and var node))
            return;
        var most = model.MostGradient * Unit;
        var (g, h) = (Math.Clamp((long)Math.Round(gradient * Unit), -most, most), Math.Clamp((long)Math.Round(hessian * Unit), 0, MostHessian));
        for (var place = 0; place < layout.Inputs.Count; place++)
        {
            var at = layout.At(node, place, bins[layout.Inputs[place]]);
            cells[at] += g;
            cells[at + 1] += h;
            cells[at + 2]++;
        }
    }

    /// <summary>Of the loss by the score: logistic, log(1 + e^η) − yη; of a number, ½(η − y)².</summary>
    private (double Gradient, double Hessian, double Loss) Derivatives(double score, double outcome)
    {
        if (model.Head != HeadKind.Logistic)
            return (score - outcome, 1, 0.5 * (score - outcome) * (score - outcome));
        var p = Elementary.Sigmoid(score);
        return (p - outcome, p * (1 - p), Elementary.Softplus(score) - (outcome * score));
    }
}
