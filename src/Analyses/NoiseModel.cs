using Consilience.Analyses.Statistics;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses;

/// <summary>What noise recovered counters carry: none, or independent draws of every key holder, seen through the factorisation where there is one.</summary>
public sealed class NoiseModel
{
    private readonly NoiseTerms? terms;

    private NoiseModel(NoiseTerms? terms) => this.terms = terms;

    public static NoiseModel None { get; } = new(null);

    public bool IsExact => terms is null;

    /// <summary>Variance of the noise on one counter as it was opened.</summary>
    public double Variance => terms is null ? 0 : terms.Trust.KeyHolders * terms.Mechanism.Variance;

    /// <summary>Whether counters were recovered from running sums, so that their noise differs from one to the next.</summary>
    internal bool IsFactorised => terms?.Factorisation is not null;

    public static NoiseModel Of(NoiseTerms terms) => new(terms ?? throw new ArgumentNullException(nameof(terms)));

    /// <summary>The variance noise gives to Σ gᵢ·counterᵢ, with g over the counters from <paramref name="start"/> on.</summary>
    public double VarianceOf(int start, ReadOnlySpan<double> gradient)
    {
        if (terms?.Factorisation is { } factorisation)
            return Variance * factorisation.VarianceOf(start, gradient);
        double squares = 0;
        foreach (var g in gradient)
            squares += g * g;
        return Variance * squares;
    }

    /// <summary>
    /// The smallest whole w with P(|noise| ≤ w) at least <paramref name="level"/> for a counter that is not factorised, from the exact distribution of the sum, convolved
    /// numerically over ±30 standard deviations; from the normal distribution where that would be more than a few thousand points.
    /// </summary>
    public long HalfWidth(double level)
    {
        if (terms is null)
            return 0;
        var reach = (30 * Math.Sqrt(Variance)) + 1;
        if (reach > 3000)
            return (long)Math.Ceiling(Normal.Quantile((1 + level) / 2) * Math.Sqrt(Variance));
        var centre = (int)reach;
        var mass = Distribution(terms, centre);
        var covered = mass[centre];
        var width = 0;
        while (covered < level && width < centre)
        {
            width++;
            covered += mass[centre + width] + mass[centre - width];
        }

        return width;
    }

    /// <summary>Probabilities of −centre, …, centre for the sum of every key holder's draw; what lies beyond is nothing at this reach.</summary>
    private static double[] Distribution(NoiseTerms terms, int centre)
    {
        var one = new double[(2 * centre) + 1];
        for (var i = 0; i < one.Length; i++)
            one[i] = terms.Mechanism.Weight(i - centre);
        var total = one.Sum();
        for (var i = 0; i < one.Length; i++)
            one[i] /= total;
        var sum = one;
        for (var draw = 1; draw < terms.Trust.KeyHolders; draw++)
            sum = Convolve(sum, one, centre);
        return sum;
    }

    private static double[] Convolve(double[] a, double[] b, int centre)
    {
        var result = new double[a.Length];
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i] < 1e-18)
                continue;
            for (var j = Math.Max(0, centre - i); j < Math.Min(b.Length, a.Length + centre - i); j++)
                result[i + j - centre] += a[i] * b[j];
        }

        return result;
    }
}
