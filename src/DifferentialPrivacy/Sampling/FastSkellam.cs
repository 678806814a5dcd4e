using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>
/// The Skellam sampler of <see cref="ExactSampler"/> in 64-bit integers. It takes the same words and makes the same decisions. Its time grows with the variance: meant for
/// shares of small variance.
/// </summary>
internal sealed class FastSkellam
{
    private readonly UniformWords words;
    private readonly ulong whole;
    private readonly ulong p;
    private readonly ulong q;

    private FastSkellam(UniformWords words, ulong whole, Rational fraction)
    {
        this.words = words;
        this.whole = whole;
        p = (ulong)fraction.Numerator;
        q = (ulong)fraction.Denominator;
    }

    /// <summary>Null when the mean of its halves leaves the 64-bit path.</summary>
    internal static FastSkellam? TryCreate(UniformWords words, Rational variance)
    {
        var mean = variance / 2;
        var whole = mean.Floor();
        return whole <= FastBernoulli.Limit && mean.Denominator <= FastBernoulli.Limit
            ? new FastSkellam(words, (ulong)whole, mean - new Rational(whole, 1))
            : null;
    }

    /// <summary>The difference of two Poisson draws of mean variance/2.</summary>
    internal long Next()
    {
        var plus = Poisson();
        return plus - Poisson();
    }

    private long Poisson()
    {
        long sum = 0;
        for (ulong i = 0; i < whole; i++)
            sum += PoissonOfOne();
        if (p == 0)
            return sum;
        for (var left = PoissonOfOne(); left > 0; left--)
            sum += words.Below(q) + 1 <= p ? 1 : 0;
        return sum;
    }

    private long PoissonOfOne()
    {
        ulong g = 0;
        long k = 1;
        for (ulong n = 1; ; n++)
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
}
