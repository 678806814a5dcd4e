using System.Numerics;
using System.Text.Json;
using Consilience.Analyses;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>How persons' vectors are clipped and counted.</summary>
/// <param name="Clip">Their greatest length, in units.</param>
/// <param name="Bits">2⁻ᵇⁱᵗˢ is the unit.</param>
/// <param name="Patients">What the sum is divided by; null for the persons it counts.</param>
/// <param name="Counted">Who is clipped counts for this part of the clip.</param>
internal sealed record ClippedTerms(int Clip, int Bits, int? Patients, int Counted)
{
    internal const int LeastClip = 16;
    internal const int LargestClip = 1 << 20;

    /// <summary>2¹⁰ units in a length of 1: rounding is small beside clipping, and sums of many persons fit 32 bits.</summary>
    internal const int UsualBits = 10;

    /// <summary>Figures before the vector count a person for this part of the clip: enough to be seen through noise that is scaled to the vector, little beside it.</summary>
    internal const int UsualPart = 16;

    internal void Describe(Utf8JsonWriter writer)
    {
        writer.WriteNumber("clip", Clip);
        writer.WriteNumber("bits", Bits);
        if (Counted != UsualPart)
            writer.WriteNumber("counted", Counted);
    }
}

/// <summary>Takes what one person contributes.</summary>
/// <param name="half">0 or 1: which of two threads calls.</param>
/// <param name="key">Follows from the person's rows alone.</param>
/// <param name="vector">Good during the call alone; what is not finite leaves the person out.</param>
/// <param name="loss">At the weights of the round.</param>
internal delegate void PersonVector(int half, long key, ReadOnlySpan<float> vector, double loss);

/// <summary>
/// The sum over persons of a vector of each, clipped to a public length and rounded to whole units. <b>Guarantee:</b> what a person adds follows from that person's rows and public numbers alone, and its sum of squares is checked, in whole
/// numbers, against the bound that noise is scaled to. Argument and attacks: <c>docs/guarantees/clipped-gradients.md</c>.
/// </summary>
internal abstract class PersonSums(ModelDeclaration model, RoundWeights weights, ClippedTerms terms) : RoundSums(model, weights, terms.Bits)
{
    /// <summary>A person's loss counts as at most this.</summary>
    private const double MostLoss = 16;

    private readonly ClippedRounding rounding = new(terms.Clip, 1 << terms.Bits, model.ParameterCount);

    public sealed override int VectorLength => Heads + Model.ParameterCount;

    public sealed override long LargestCounter => 1 << 26;

    /// <summary>What one person counts for in the figures before the vector.</summary>
    private int Person { get; } = Math.Max(1, terms.Clip / ClippedTerms.UsualPart);

    /// <summary>What one counts for among those whose vector is clipped.</summary>
    private int Clipped { get; } = Math.Max(1, terms.Clip / terms.Counted);

    public sealed override ContributionBound Bound
    {
        get
        {
            var squares = rounding.Squares + (2L * Person * Person) + ((long)Clipped * Clipped);
            var perCell = Root(squares);
            return new(VectorLength, perCell, (long)BigInteger.Min((BigInteger)perCell * VectorLength, Root((BigInteger)squares * VectorLength) + 1), squares);
        }
    }

    internal sealed override string? ObjectionToNoise => null;

    /// <summary>Persons, left out, clipped, loss.</summary>
    private protected sealed override int Heads => 4;

    internal sealed override TrainingRound Figures(ReadOnlySpan<long> total)
    {
        var among = Divisor(total);
        return new((long)Math.Round(total[0] / (double)Person), (long)Math.Round(total[1] / (double)Person), among > 0 ? total[2] / (double)Clipped / among : null,
            among > 0 ? total[3] * MostLoss / Person / among : null, Norm(total));
    }

    private protected sealed override double Divisor(ReadOnlySpan<long> total) => terms.Patients ?? (total[0] / (double)Person);

    /// <summary>Nothing is said of so many persons that a site may have cut their number off.</summary>
    internal sealed override string? Objection(ReadOnlySpan<long> total, int sites) =>
        total[0] >= LargestCounter ? null : Farther(total[Heads..], Math.Max(0, total[0] / (double)Person) * Math.Sqrt(rounding.Squares));

    private protected sealed override void Encode(IRows rows, ModelWeights at, ModelWeights? control, Span<long> vector)
    {
        var seed = Convert.ToInt64(at.Digest[..15], 16);
        var (sums, rounded) = (new[] { new long[vector.Length], new long[vector.Length] }, new[] { new int[Model.ParameterCount], new int[Model.ParameterCount] });
        var unread = EachPerson(rows, at, seed, (half, key, own, loss) => Add(sums[half], own, loss, rounded[half], SeededStream.For(seed, StreamPurpose.Rounding, key)));
        vector[1] = (long)unread * Person;

        // Kept within its range, not refused: at noised precision a refusal would tell of the data. What is cut off moves no farther than what is not.
        for (var i = 0; i < vector.Length; i++)
            vector[i] = Math.Clamp(vector[i] + sums[0][i] + sums[1][i], -LargestCounter, LargestCounter);
    }

    /// <summary>Hands over every person once.</summary>
    /// <param name="rows">Of a site.</param>
    /// <param name="at">The weights of the round.</param>
    /// <param name="seed">That follows from them.</param>
    /// <param name="take">Takes what each contributes.</param>
    /// <returns>How many there are of whom there is nothing to hand over.</returns>
    private protected abstract int EachPerson(IRows rows, ModelWeights at, long seed, PersonVector take);

    private void Add(long[] sums, ReadOnlySpan<float> own, double loss, int[] rounded, SeededStream stream)
    {
        if (!double.IsFinite(loss) || rounding.Round(own, stream, rounded) is not { } isClipped)
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
