using System.Numerics;
using System.Runtime.CompilerServices;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Sampling;

[assembly: InternalsVisibleTo("Consilience.DifferentialPrivacy.Tests")]
[assembly: InternalsVisibleTo("Consilience.Statistical.Tests")]

namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>
/// Integer noise with P(y) ∝ e^(−|y|/b). <b>Guarantee:</b> draws follow that distribution exactly, given uniformly random bytes; no floating-point number takes part.
/// Added to a vector of l1 sensitivity Δ with b = Δ/ε it gives pure ε-differential privacy (Ghosh, Roughgarden and Sundararajan 2009).
/// </summary>
public sealed class DiscreteLaplace
{
    /// <summary>The mechanism's name in statements and receipts.</summary>
    public const string Name = "discrete-laplace";

    public DiscreteLaplace(Rational scale)
    {
        ArgumentNullException.ThrowIfNull(scale);
        if (scale.Sign <= 0)
            throw new ArgumentOutOfRangeException(nameof(scale), "discrete Laplace: the scale is not positive");
        Scale = scale;
    }

    /// <summary>b.</summary>
    public Rational Scale { get; }

    /// <summary>2a/(1−a)², a = e^(−1/b). For display and intervals only.</summary>
    public double Variance
    {
        get
        {
            // The same as 1/(2·sinh²(1/2b)), in which nothing cancels for a large b.
            var sinh = Math.Sinh(1 / (2 * Scale.ToDouble()));
            return 1 / (2 * sinh * sinh);
        }
    }

    /// <summary>A whole number no standard deviation exceeds: 3b/2 rounded up, since Var ≤ 2b² and √2 &lt; 3/2.</summary>
    public BigInteger StandardDeviationBound => (Scale * new Rational(3, 2)).Ceiling();

    /// <summary>Draws one value for each element of <paramref name="draws"/>. Call it before data are read: its time depends on the noise, never on data.</summary>
    /// <exception cref="OverflowException">A draw left 64 bits; with a scale below 2⁵⁶ this happens with a probability below 2⁻⁹⁶.</exception>
    public void Fill(Span<long> draws, RandomBytes random)
    {
        using var words = new UniformWords(random);
        if (Scale.Numerator <= FastLaplace.Limit && Scale.Denominator <= FastLaplace.Limit)
        {
            var fast = new FastLaplace(words, (ulong)Scale.Numerator, (ulong)Scale.Denominator);
            for (var i = 0; i < draws.Length; i++)
                draws[i] = fast.Next();
        }
        else
        {
            var exact = new ExactSampler(words);
            for (var i = 0; i < draws.Length; i++)
                draws[i] = (long)exact.DiscreteLaplace(Scale);
        }
    }
}
