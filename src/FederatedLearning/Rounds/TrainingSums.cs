using Consilience.Analyses;
using Consilience.Analyses.Sums;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;
using Consilience.FederatedLearning.Training;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>How far a site's training moved the weights, clipped, weighted and in fixed point; before that persons, rows left out, loss and weight.</summary>
internal sealed class TrainingSums(ModelDeclaration model, RoundWeights weights, LocalSettings settings, decimal clip, int bits, int mostWeight) : SiteSums
{
    /// <summary>Counters before the update.</summary>
    internal const int Heads = 5;

    /// <summary>The loss is summed in multiples of this, in two counters.</summary>
    internal const double LossUnit = 1 << 20;

    private const long MostPersons = 1 << 24;

    internal RoundWeights Weights => weights;

    /// <summary>What 1 is in the update's counters.</summary>
    internal double Unit { get; } = Math.ScaleB(1, bits);

    /// <summary>Models are long, and updates clipped.</summary>
    public override int WordBits => 32;

    public override Attachment? Attachment => weights.Attachment;

    public override int VectorLength => Heads + model.ParameterCount;

    public override ContributionBound Bound => throw new NotSupportedException("updates of many steps have no bound for noise");

    public override long LargestCounter => Math.Max(MostPersons, (long)decimal.Ceiling(clip * mostWeight * (decimal)Unit) + 1);

    public override string Canonical { get; } = CanonicalOf(writer =>
    {
        writer.WriteString("training", model.Canonical);
        writer.WriteString("weights", weights.Digest);
        writer.WriteString("local", settings.ToString());
        writer.WriteNumber("clip", clip);
        writer.WriteNumber("bits", bits);
        writer.WriteNumber("most", mostWeight);
    });

    public override void Encode(IRows rows, Span<long> vector) => Encode(rows, ReadOnlyMemory<byte>.Empty, vector);

    public override void Encode(IRows rows, ReadOnlyMemory<byte> attached, Span<long> vector)
    {
        var begun = weights.Read(attached.Span, model.ParameterCount);
        var read = TrainingRows.Read(model, rows);
        var (trained, loss) = new LocalTraining(model, read, settings).Run(begun);
        if (!double.IsFinite(loss) || !Array.TrueForAll(trained, float.IsFinite))
            throw new ArithmeticException("training: left the range of numbers (expected finite weights); use a smaller learning rate");
        var weight = Math.Min(read.Count, mostWeight);
        vector[0] = read.Count;
        vector[1] = read.Skipped;
        vector[2] = (long)Math.Floor(loss);
        vector[3] = (long)((loss - Math.Floor(loss)) * LossUnit);
        vector[4] = weight;
        WriteUpdate(trained, begun, weight, vector[Heads..]);
    }

    private void WriteUpdate(float[] trained, ModelWeights begun, int weight, Span<long> cells)
    {
        double squares = 0;
        for (var i = 0; i < trained.Length; i++)
            squares += ((double)trained[i] - begun.Values[i]) * ((double)trained[i] - begun.Values[i]);
        var factor = squares == 0 ? 0 : Math.Min(1, (double)clip / Math.Sqrt(squares)) * weight * Unit;
        var stream = SeededStream.For(settings.Seed, StreamPurpose.Rounding);
        for (var i = 0; i < trained.Length; i++)
            cells[i] = (long)Math.Floor((((double)trained[i] - begun.Values[i]) * factor) + stream.Uniform());
    }
}
