namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// Two distributions on one finite set, those of an answer with a person and without, by the logarithms of their masses: what any mechanism on whole numbers loses, exactly but for the
/// rounding, which is added.
/// </summary>
internal sealed class DiscretePair
{
    private readonly double[] with;
    private readonly double[] without;

    /// <param name="with">ln P of each outcome; −∞ where it cannot be.</param>
    /// <param name="without">ln Q of each outcome, in the same order.</param>
    internal DiscretePair(IReadOnlyList<double> with, IReadOnlyList<double> without)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(with.Count, without.Count, nameof(without));
        (this.with, this.without) = ([.. with], [.. without]);
    }

    /// <summary>Noise whose masses are given from −reach to reach, on a counter that the person adds <paramref name="shift"/> to.</summary>
    internal static DiscretePair OfShift(IReadOnlyList<double> logMasses, int shift)
    {
        var nothing = Enumerable.Repeat(double.NegativeInfinity, shift);
        return new DiscretePair([.. nothing, .. logMasses], [.. logMasses, .. nothing]);
    }

    /// <summary>The same, each person being in the sample with probability <paramref name="rate"/>.</summary>
    internal DiscretePair Sampled(double rate) =>
        new([.. with.Zip(without, (p, q) => Logarithm.Sum(p + Math.Log(rate), q + Logarithm.OnePlus(-rate)))], without);

    /// <summary>The person leaves rather than joins.</summary>
    internal DiscretePair Reversed() => new(without, with);

    /// <summary>δ = Σ max(0, P − e^ε·Q).</summary>
    internal double Delta(double epsilon)
    {
        Checked.Number(epsilon);
        double delta = 0;
        for (var i = 0; i < with.Length; i++)
        {
            if (with[i] > epsilon + without[i])
                delta -= Math.Exp(with[i]) * Logarithm.ExpMinusOne(epsilon + without[i] - with[i]);
        }

        return Math.Min(1, delta * (1 + 1e-12));
    }

    /// <summary>ln Σ P^α·Q^(1−α) / (α − 1); infinite where P can be and Q cannot.</summary>
    /// <param name="order">α, above 1.</param>
    internal double Renyi(double order)
    {
        var terms = with.Zip(without).Where(pair => !double.IsNegativeInfinity(pair.First)).Select(pair => pair.First + ((order - 1) * (pair.First - pair.Second))).ToList();
        var largest = terms.Max();
        return double.IsPositiveInfinity(largest) ? largest : Math.Max(0, largest + Math.Log(terms.Sum(t => Math.Exp(t - largest)) * (1 + 1e-12))) / (order - 1);
    }
}
