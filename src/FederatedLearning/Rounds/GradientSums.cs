using System.Numerics;
using Consilience.Analyses;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;
using Consilience.FederatedLearning.Training;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>
/// The sum over persons of their gradients, each clipped to a public length and rounded to whole units. <b>Guarantee:</b> what a person adds follows from that person's row and public numbers alone, and its sum of squares is checked, in
/// whole numbers, against the bound that noise is scaled to. Argument and attacks: <c>docs/guarantees/clipped-gradients.md</c>.
/// </summary>
internal sealed class GradientSums(ModelDeclaration model, RoundWeights weights, int clip, int bits, int? patients, int counted = GradientSums.UsualPart) : RoundSums(model, weights, bits)
{
    internal const int LeastClip = 16;
    internal const int LargestClip = 1 << 20;

    /// <summary>2¹⁰ units in a length of 1: rounding is small beside clipping, and sums of many persons fit 32 bits.</summary>
    internal const int UsualBits = 10;

    /// <summary>Figures before the gradient count a person for this part of the clip: enough to be seen through noise that is scaled to the gradient, little beside it.</summary>
    internal const int UsualPart = 16;

    /// <summary>Persons, rows left out, clipped persons, loss.</summary>
    private const int Heads = 4;

    /// <summary>A person's loss counts as at most this.</summary>
    private const double MostLoss = 16;

    private readonly ClippedRounding rounding = new(clip, 1 << bits, model.ParameterCount);

    public override int VectorLength => Heads + Model.ParameterCount;

    public override long LargestCounter => 1 << 26;

    /// <summary>What one person counts for in the figures before the gradient.</summary>
    private int Person { get; } = Math.Max(1, clip / UsualPart);

    /// <summary>What one counts for among those whose gradient is clipped.</summary>
    private int Clipped { get; } = Math.Max(1, clip / counted);

    public override ContributionBound Bound
    {
        get
        {
            var squares = rounding.Squares + (2L * Person * Person) + ((long)Clipped * Clipped);
            var perCell = Root(squares);
            return new(VectorLength, perCell, (long)BigInteger.Min((BigInteger)perCell * VectorLength, Root((BigInteger)squares * VectorLength) + 1), squares);
        }
    }

    public override string Canonical { get; } = CanonicalOf(writer =>
    {
        writer.WriteString("gradient", model.Canonical);
        writer.WriteString("weights", weights.Digest);
        writer.WriteNumber("clip", clip);
        writer.WriteNumber("bits", bits);
        if (counted != UsualPart)
            writer.WriteNumber("counted", counted);
    });

    internal override string? ObjectionToNoise => null;

    internal override TrainingRound Read(ReadOnlySpan<long> total)
    {
        var persons = total[0] / (double)Person;
        var among = patients ?? persons;
        var update = new double[Model.ParameterCount];
        for (var i = 0; i < update.Length && among > 0; i++)
            update[i] = -total[Heads + i] / Unit / among;
        return new((long)Math.Round(persons), (long)Math.Round(total[1] / (double)Person), among > 0 ? total[2] / (double)Clipped / among : null,
            among > 0 ? total[3] * MostLoss / Person / among : null, update);
    }

    /// <summary>Nothing is said of so many persons that a site may have cut their number off.</summary>
    internal override string? Objection(ReadOnlySpan<long> total, int sites) =>
        total[0] >= LargestCounter ? null : Farther(total[Heads..], Math.Max(0, total[0] / (double)Person) * Math.Sqrt(rounding.Squares));

    private protected override void Encode(IRows rows, ModelWeights at, ModelWeights? control, Span<long> vector)
    {
        var read = TrainingRows.Read(Model, rows);
        var seed = Convert.ToInt64(at.Digest[..15], 16);
        var (sums, rounded) = (new[] { new long[vector.Length], new long[vector.Length] }, new[] { new int[Model.ParameterCount], new int[Model.ParameterCount] });
        new Gradients(Model, read, Math.Max(1, read.Count), null).EachRow(at.Values.ToArray(), seed, (half, row, gradient, loss) =>
        {
            var stream = SeededStream.For(seed, StreamPurpose.Rounding, read.KeyOf(row));
            Add(sums[half], gradient, loss, rounded[half], stream);
        });
        vector[1] = (long)read.Skipped * Person;

        // Kept within its range, not refused: at noised precision a refusal would tell of the data. What is cut off moves no farther than what is not.
        for (var i = 0; i < vector.Length; i++)
            vector[i] = Math.Clamp(vector[i] + sums[0][i] + sums[1][i], -LargestCounter, LargestCounter);
    }

    private void Add(long[] sums, ReadOnlySpan<float> gradient, double loss, int[] rounded, SeededStream stream)
    {
        if (!double.IsFinite(loss) || rounding.Round(gradient, stream, rounded) is not { } isClipped)
        {
            sums[1] += Person;
            return;
        }

        sums[0] += Person;
        sums[2] += isClipped ? Clipped : 0;
        sums[3] += Math.Min(Person, (long)Math.Floor((Math.Clamp(loss / MostLoss, 0, 1) * Person) + stream.Uniform()));
        unchecked
        {
            for (var i = 0; i < rounded.Length; i++)
                sums[Heads + i] += rounded[i];
        }
    }

    /// <summary>The integer part of the root.</summary>
    private static long Root(BigInteger square)
    {
        var root = (BigInteger)Math.Sqrt((double)square);
        while (root * root > square)
            root--;
        while ((root + 1) * (root + 1) <= square)
            root++;
        return (long)root;
    }
}
