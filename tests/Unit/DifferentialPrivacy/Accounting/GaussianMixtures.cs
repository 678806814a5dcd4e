using Consilience.DifferentialPrivacy.Accounting;

namespace Consilience.DifferentialPrivacy.Tests.Accounting;

/// <summary>
/// δ between two mixtures of Gaussians of one σ whose likelihood ratio grows with x, from where it crosses e^ε: replaced persons on a sample and mixtures, which the product does not offer,
/// out of its tails of the normal distribution.
/// </summary>
internal sealed class GaussianMixtures(double sigma, (double Weight, double Mean)[] with, (double Weight, double Mean)[] without)
{
    /// <summary>A person replaced by another: each is in the sample with probability <paramref name="rate"/>, and they pull to either side.</summary>
    internal static GaussianMixtures Replaced(double sigma, double rate) => new(sigma, [(1 - rate, 0), (rate, 1)], [(1 - rate, 0), (rate, -1)]);

    internal double Delta(double epsilon)
    {
        double low = -60 * sigma, high = 60 * sigma;
        for (var i = 0; i < 100; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = LogDensity(with, middle) - LogDensity(without, middle) <= epsilon ? (middle, high) : (low, middle);
        }

        var (p, q) = (Upper(with, high), Upper(without, high));
        return Math.Max(0, p - (Math.Exp(epsilon) * q)) + (1e-12 * p);
    }

    internal PrivacyLoss Loss(double most, double step = 1e-4) => PrivacyLoss.Of(Delta, -most, most, step);

    private double Upper((double Weight, double Mean)[] parts, double x) => parts.Sum(p => p.Weight * NormalTail.Upper((x - p.Mean) / sigma));

    private double LogDensity((double Weight, double Mean)[] parts, double x)
    {
        var sum = double.NegativeInfinity;
        foreach (var (weight, mean) in parts)
            sum = Logarithm.Sum(sum, Math.Log(weight) - ((x - mean) * (x - mean) / (2 * sigma * sigma)));
        return sum;
    }
}
