using System.Numerics;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>
/// The samplers of Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (2020), algorithms 1–3, over integers and rationals of any size.
/// The reference that the 64-bit paths beside it must agree with draw for draw. Argument and attacks: <c>docs/guarantees/exact-noise.md</c>.
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

    /// <summary>P(y) ∝ e^(−y²/2σ²), given σ² &gt; 0.</summary>
    internal BigInteger DiscreteGaussian(Rational variance)
    {
        var t = new Rational(CandidateScale(variance), 1);
        while (true)
        {
            var candidate = DiscreteLaplace(t);
            var distance = new Rational(BigInteger.Abs(candidate), 1) - (variance / t);
            if (BernoulliExp(distance * distance / (variance * 2)))
                return candidate;
        }
    }

    /// <summary>⌊σ⌋ + 1 of a variance σ², exactly.</summary>
    internal static BigInteger CandidateScale(Rational variance) => Rational.SquareRootFloor(variance.Floor()) + 1;

    /// <summary>
    /// A Poisson draw of mean 1 from uniform integers alone (Duchon and Duvignau, "Preserving the number of cycles of length k in a growing uniform permutation", 2016).
    /// </summary>
    internal BigInteger PoissonOfOne()
    {
        BigInteger g = 0, k = 1;
        for (BigInteger n = 1; ; n++)
        {
            var i = words.Below(n + 1) + 1;
            if (i == n + 1)
            {
                k++;
            }
            else if (i > g)
            {
                k--;
                g = n + 1;
            }
            else
            {
                return k;
            }
        }
    }

    /// <summary>A Poisson draw: as many of mean 1 as fit whole, and one more whose points are each kept with the fraction's probability.</summary>
    internal BigInteger Poisson(Rational mean)
    {
        var whole = mean.Floor();
        var fraction = mean - new Rational(whole, 1);
        var sum = BigInteger.Zero;
        for (var i = BigInteger.Zero; i < whole; i++)
            sum += PoissonOfOne();
        if (fraction.Sign == 0)
            return sum;
        for (var left = PoissonOfOne(); left > 0; left--)
            sum += Bernoulli(fraction) ? 1 : 0;
        return sum;
    }

    /// <summary>The difference of two Poisson draws of mean variance/2: sums of such draws are such draws again (Skellam 1946).</summary>
    internal BigInteger Skellam(Rational variance)
    {
        var plus = Poisson(variance / 2);
        return plus - Poisson(variance / 2);
    }
}
