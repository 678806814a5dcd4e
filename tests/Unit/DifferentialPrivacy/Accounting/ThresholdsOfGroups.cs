using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.DifferentialPrivacy.Tests.Accounting;

/// <summary>
/// What it would cost to show groups that are found in the data: published thresholds, by the product's tails and distributions (google/differential-privacy, partition-selection_test.cc and
/// select_partition_test.go; opendp, test_meas.py). The product shows declared groups alone.
/// </summary>
public sealed class ThresholdsOfGroups
{
    /// <summary>A group of one person is shown with probability δ, in one of l0 groups.</summary>
    [Theory]
    [InlineData(0.1, 1e-10, 1, 1.6361340902404056)]
    [InlineData(1, 1e-15, 1, 8.941345326170998)]
    [InlineData(1, 1e-10, 1, 7.361340902404056)]
    [InlineData(1, 1e-5, 1, 5.264890793922825)]
    [InlineData(10, 1e-10, 10, 68.06023155488566)]
    [InlineData(10, 1e-10, 100, 71.3448382529423)]
    [InlineData(100, 1e-5, 1, 427.48907939228246)]
    public void Of_Gaussian_noise(double sigma, double delta, int groups, double threshold)
    {
        var each = -Logarithm.ExpMinusOne(Logarithm.OnePlus(-delta) / groups);
        Assert.Equal(each, NormalTail.Upper((threshold - 1) / sigma), each * 1e-5);
    }

    /// <summary>P(X ≥ threshold − 1) of a discrete Laplace of scale 2.</summary>
    [Theory]
    [InlineData(28, 5.175928103683417e-07)]
    [InlineData(19, 4.65922199711331e-05)]
    public void Of_discrete_Laplace_noise(int least, double delta)
    {
        var noise = new DiscreteLaplace(2);
        var total = Enumerable.Range(-200, 401).Sum(y => noise.Weight(y));
        Assert.Equal(delta, Enumerable.Range(least, 200).Sum(y => noise.Weight(y)) / total, delta * 1e-9);
    }

    /// <summary>Desfontaines, Voss, Gipson and Mandayam (2022): the most often that n persons may be shown. One person more or less changes that by exactly what (ε, δ) allows, and a little more is caught.</summary>
    [Theory]
    [InlineData(1, 1e-6, 8, 0.00173)]
    [InlineData(1, 1e-6, 12, 0.09472)]
    [InlineData(1, 1e-6, 14, 0.69989)]
    [InlineData(1, 1e-6, 20, 0.99926)]
    [InlineData(0.5, 0.02, 6, 0.58840484458)]
    [InlineData(0.5, 0.02, 8, 0.86807080625)]
    [InlineData(0.6931471805599453, 0.1, 3, 0.7)]
    public void Of_the_best_there_is(double epsilon, double delta, int persons, double probability)
    {
        var shown = new List<double> { 0 };
        while (shown.Count <= persons + 1)
            shown.Add(Math.Min(1, Math.Min((Math.Exp(epsilon) * shown[^1]) + delta, 1 - (Math.Exp(-epsilon) * (1 - shown[^1] - delta)))));
        Assert.Equal(probability, shown[persons], 5e-6);
        for (var n = 1; n < shown.Count; n++)
            Assert.InRange(Worst(shown[n], shown[n - 1]), 0, delta * (1 + 1e-9));
        Assert.True(Worst(shown[3] * 1.001, shown[2]) > delta * (1 + 1e-6));

        double Worst(double p, double q) => Math.Max(Coin(p, q).Delta(epsilon), Coin(q, p).Delta(epsilon));
    }

    private static DiscretePair Coin(double p, double q) => new([Math.Log(p), Math.Log(1 - p)], [Math.Log(q), Math.Log(1 - q)]);
}
