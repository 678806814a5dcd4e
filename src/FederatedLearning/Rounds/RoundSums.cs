using System.Globalization;
using Consilience.Analyses;
using Consilience.Analyses.Sums;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>What leaves a site in a round of training: figures of its persons, and then a number for each weight of the model, in fixed point.</summary>
internal abstract class RoundSums(ModelDeclaration model, RoundWeights weights, int bits) : SiteSums
{
    protected ModelDeclaration Model => model;

    internal RoundWeights Weights => weights;

    /// <summary>What 1 is in the counters of weights.</summary>
    internal double Unit { get; } = 1 << bits;

    internal abstract string? ObjectionToNoise { get; }

    public sealed override int WordBits => 32;

    public sealed override Attachment? Attachment => weights.Attachment;

    public sealed override void Encode(IRows rows, Span<long> vector) => Encode(rows, default, vector);

    /// <exception cref="ArithmeticException">Training left the range of numbers.</exception>
    public sealed override void Encode(IRows rows, ReadOnlyMemory<byte> attached, Span<long> vector)
    {
        var (at, control) = weights.Open(attached.Span);
        Encode(rows, at, control, vector);
    }

    /// <summary>What the opened counters say.</summary>
    internal TrainingRound Read(ReadOnlySpan<long> total)
    {
        var (update, divisor) = (new double[Model.ParameterCount], Divisor(total));
        for (var i = Heads; i < total.Length && divisor > 0; i++)
            update[Place(i - Heads)] = Step(total[i], divisor);
        return Figures(total) with { MeanUpdate = update };
    }

    /// <summary>The same but for the mean update.</summary>
    internal abstract TrainingRound Figures(ReadOnlySpan<long> total);

    /// <summary>Counters before those of weights.</summary>
    private protected abstract int Heads { get; }

    /// <summary>1 where sums are to be added to the weights; −1 where weights go against them.</summary>
    private protected virtual int Direction => 1;

    /// <summary>What sums are divided by; not above 0 where there was nobody.</summary>
    private protected abstract double Divisor(ReadOnlySpan<long> total);

    /// <summary>The weight that a counter is of.</summary>
    private protected virtual int Place(int counter) => counter;

    private protected double Norm(ReadOnlySpan<long> total)
    {
        var (squares, divisor) = (0.0, Divisor(total));
        for (var i = Heads; i < total.Length && divisor > 0; i++)
        {
            var step = Step(total[i], divisor);
            squares += step * step;
        }

        return Math.Sqrt(squares);
    }

    private double Step(long counter, double divisor) => Direction * counter / Unit / divisor;

    /// <summary>Why opened counters without noise are none that the software of so many sites gives; null where they may be.</summary>
    internal abstract string? Objection(ReadOnlySpan<long> total, int sites);

    /// <summary>The same of how far all sites together move the weights, in units.</summary>
    private protected static string? Farther(ReadOnlySpan<long> cells, double farthest)
    {
        double squares = 0;
        foreach (var cell in cells)
            squares += (double)cell * cell;
        return Math.Sqrt(squares) <= farthest * (1 + 1e-9) ? null
            : string.Create(CultureInfo.InvariantCulture, $"the sum is longer than sites' software makes it (expected at most {farthest:0} units, got {Math.Sqrt(squares):0}); a site sent what it must not: find it by a study with fewer sites");
    }

    private protected abstract void Encode(IRows rows, ModelWeights at, ModelWeights? control, Span<long> vector);
}
