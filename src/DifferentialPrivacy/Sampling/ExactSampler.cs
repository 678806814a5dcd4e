using System.Numerics;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>
/// The samplers of Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (2020), algorithms 1–3, over integers and rationals of any size.
/// The reference that <see cref="FastLaplace"/> must agree with draw for draw.
/// </summary>
internal sealed class ExactSampler(UniformWords words)
{
    /// <summary>True with probability p, 0 ≤ p ≤ 1.</summary>
    internal bool Bernoulli(Rational p) => words.Below(p.Denominator) + 1 <= p.Numerator;

    /// <summary>True with probability e^−x, 0 ≤ x ≤ 1: the number of successes of Bernoulli(x/k), k = 1, 2, …, before the first failure is even.</summary>
    internal bool BernoulliExpUnit(Rational x)
    {
        long k = 1;
        while (Bernoulli(x / k))
            k++;
        return k % 2 == 1;
    }

    /// <summary>True with probability e^−x, x ≥ 0.</summary>
    internal bool BernoulliExp(Rational x)
    {
        var whole = x.Floor();
        for (var i = BigInteger.Zero; i < whole; i++)
        {
            if (!BernoulliExpUnit(Rational.One))
                return false;
        }

        return BernoulliExpUnit(x - new Rational(whole, 1));
    }

    /// <summary>Number of failures before the first success when each fails with probability e^−x, x &gt; 0.</summary>
    internal BigInteger Geometric(Rational x)
    {
        BigInteger s = x.Numerator, t = x.Denominator, u;
        do
        {
            u = words.Below(t);
        }
        while (!BernoulliExpUnit(new Rational(u, t)));

        var v = BigInteger.Zero;
        while (BernoulliExpUnit(Rational.One))
            v++;
        return (u + (t * v)) / s;
    }

    /// <summary>P(y) ∝ e^(−|y|/scale), scale &gt; 0.</summary>
    internal BigInteger DiscreteLaplace(Rational scale)
    {
        var rate = Rational.One / scale;
        while (true)
        {
            var negative = Bernoulli(new Rational(1, 2));
            var magnitude = Geometric(rate);
            if (!negative)
                return magnitude;
            if (!magnitude.IsZero)
                return -magnitude;
        }
    }

    /// <summary>P(y) ∝ e^(−y²/2σ²), σ &gt; 0.</summary>
    internal BigInteger DiscreteGaussian(Rational sigma)
    {
        var variance = sigma * sigma;
        var t = new Rational(sigma.Floor() + 1, 1);
        while (true)
        {
            var candidate = DiscreteLaplace(t);
            var distance = new Rational(BigInteger.Abs(candidate), 1) - (variance / t);
            if (BernoulliExp(distance * distance / (variance * 2)))
                return candidate;
        }
    }
}
