using System.Numerics;
using System.Runtime.CompilerServices;
using Consilience.Arithmetic;

[assembly: InternalsVisibleTo("Consilience.DifferentialPrivacy.Tests")]
[assembly: InternalsVisibleTo("Consilience.Statistical.Tests")]
[assembly: InternalsVisibleTo("Consilience.Primitives")]

namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>
/// A distribution of whole numbers that is added to counters. <b>Guarantee:</b> draws follow it exactly, given uniformly random bytes; no floating-point number takes part.
/// Doubles here are for display and intervals only.
/// </summary>
public abstract class NoiseMechanism
{
    /// <summary>The mechanism's name in statements and receipts.</summary>
    public abstract string Name { get; }

    /// <summary>What fixes the distribution, exactly: the scale of a discrete Laplace, the variance parameter σ² of a discrete Gaussian.</summary>
    public abstract Rational Parameter { get; }

    /// <summary>Variance of one draw.</summary>
    public abstract double Variance { get; }

    /// <summary>A whole number no standard deviation exceeds.</summary>
    public abstract BigInteger StandardDeviationBound { get; }

    /// <summary>What P(y) is proportional to, at most 1 and falling with |y|.</summary>
    public abstract double Weight(long y);

    /// <summary>Fewest draws that are made at once where somebody may see how long it takes.</summary>
    public const int Batch = 4096;

    /// <summary>
    /// As <see cref="Fill"/>, among at least <see cref="Batch"/> draws, of which the others are thrown away: how much randomness is taken, and so the time, then follows the noise of a whole batch, and hardly that
    /// of any counter. Argument and attack: <c>docs/guarantees/exact-noise.md</c>.
    /// </summary>
    public void FillInBatch(Span<long> draws, RandomBytes random)
    {
        if (draws.Length >= Batch)
        {
            Fill(draws, random);
            return;
        }

        var batch = GC.AllocateUninitializedArray<long>(Batch, pinned: true);
        Fill(batch, random);
        batch.AsSpan(0, draws.Length).CopyTo(draws);
        Array.Clear(batch);
    }

    /// <summary>Draws one value for each element of <paramref name="draws"/>. Call it before data are read: its time depends on the noise, never on data.</summary>
    /// <exception cref="OverflowException">A draw left 64 bits; with a standard deviation below 2⁵⁶ this happens with a probability below 2⁻⁹⁶.</exception>
    public abstract void Fill(Span<long> draws, RandomBytes random);
}
