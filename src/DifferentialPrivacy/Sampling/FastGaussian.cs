using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>
/// The discrete Gaussian sampler of <see cref="ExactSampler"/> in 64-bit integers, for a variance n/d. It takes the same words and makes the same decisions.
/// A candidate y of scale t = ⌊σ⌋ + 1 is accepted with probability e^−x, x = (|y|·d·t − n)² / (2·n·d·t²).
/// </summary>
internal sealed class FastGaussian
{
    /// <summary>Candidates whose exponent is worked out once: reducing it to a whole part and a fraction costs more than the draw.</summary>
    private const int Remembered = 4096;

    private readonly FastLaplace candidates;
    private readonly FastBernoulli bernoulli;
    private readonly (ulong Whole, ulong P, ulong Q)[] exponents = new (ulong, ulong, ulong)[Remembered];
    private readonly UInt128 offset;
    private readonly UInt128 step;
    private readonly ulong denominator;

    private FastGaussian(UniformWords words, ulong n, ulong d, ulong t)
    {
        candidates = new FastLaplace(words, t, 1);
        bernoulli = new FastBernoulli(words);
        offset = n;
        step = (UInt128)d * t;
        denominator = 2 * n * d * t * t;
    }

    /// <summary>Null when 2·n·d·t² leaves the 64-bit path; the reference draws then.</summary>
    internal static FastGaussian? TryCreate(UniformWords words, Rational variance)
    {
        var t = ExactSampler.CandidateScale(variance);
        return 2 * variance.Numerator * variance.Denominator * t * t <= FastBernoulli.Limit
            ? new FastGaussian(words, (ulong)variance.Numerator, (ulong)variance.Denominator, (ulong)t)
            : null;
    }

    /// <summary>P(y) ∝ e^(−y²·d/2n).</summary>
    internal long Next()
    {
        while (true)
        {
            var candidate = candidates.Next();
            if (Accepts((ulong)Math.Abs(candidate)))
                return candidate;
        }
    }

    private bool Accepts(ulong magnitude)
    {
        var (whole, p, q) = ExponentOf(magnitude);
        for (ulong i = 0; i < whole; i++)
        {
            if (!bernoulli.ExpOfOne())
                return false;
        }

        return bernoulli.Exp(p, q);
    }

    private (ulong Whole, ulong P, ulong Q) ExponentOf(ulong magnitude)
    {
        if (magnitude >= Remembered)
            return WorkedOut(magnitude);
        ref var known = ref exponents[magnitude];
        if (known.Q == 0)
            known = WorkedOut(magnitude);
        return known;
    }

    private (ulong Whole, ulong P, ulong Q) WorkedOut(ulong magnitude)
    {
        var distance = step * magnitude;
        distance = distance > offset ? distance - offset : offset - distance;
        var (whole, rest) = UInt128.DivRem(checked(distance * distance), denominator);
        var divisor = FastBernoulli.GreatestCommonDivisor((ulong)rest, denominator);
        return (checked((ulong)whole), (ulong)rest / divisor, denominator / divisor);
    }
}
