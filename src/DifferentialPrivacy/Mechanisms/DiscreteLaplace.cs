using System.Numerics;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Sampling;

namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>
/// Whole-number noise with P(y) ∝ e^(−|y|/b). Added to a vector of l1 sensitivity Δ with b = Δ/ε it gives pure ε-differential privacy (Ghosh, Roughgarden and Sundararajan 2009).
/// </summary>
public sealed class DiscreteLaplace : NoiseMechanism
{
    public const string MechanismName = "discrete-laplace";

    public DiscreteLaplace(Rational scale)
    {
        ArgumentNullException.ThrowIfNull(scale);
        if (scale.Sign <= 0)
            throw new ArgumentOutOfRangeException(nameof(scale), "discrete Laplace: the scale is not positive");
        Scale = scale;
    }

    /// <summary>b.</summary>
    public Rational Scale { get; }

    public override string Name => MechanismName;

    public override Rational Parameter => Scale;

    /// <summary>2a/(1−a)², a = e^(−1/b).</summary>
    public override double Variance
    {
        get
        {
            // The same as 1/(2·sinh²(1/2b)), in which nothing cancels for a large b.
            var sinh = Math.Sinh(1 / (2 * Scale.ToDouble()));
            return 1 / (2 * sinh * sinh);
        }
    }

    /// <summary>3b/2 rounded up, since Var ≤ 2b² and √2 &lt; 3/2.</summary>
    public override BigInteger StandardDeviationBound => (Scale * new Rational(3, 2)).Ceiling();

    public override double Weight(long y) => Math.Exp(-Math.Abs((double)y) / Scale.ToDouble());

    public override void Fill(Span<long> draws, RandomBytes random)
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
