namespace Consilience.Statistical.Tests;

/// <summary>
/// A lower bound of ε from how often an event happens under two neighbouring truths: ln(p/p′) with Clopper–Pearson bounds of both, each at half the level.
/// A claimed ε below the bound is refuted at that level.
/// </summary>
internal static class TwoWorldAudit
{
    internal static double EpsilonLowerBound(long trials, long hits, long rivalHits, double level)
    {
        var low = Lower(hits, trials, level / 2);
        var high = 1 - Lower(trials - rivalHits, trials, level / 2);
        return low <= high ? 0 : Math.Log(low / high);
    }

    /// <summary>The largest p at which seeing this many hits or more is no likelier than <paramref name="alpha"/>.</summary>
    private static double Lower(long hits, long trials, double alpha)
    {
        if (hits == 0)
            return 0;
        double below = 0, above = (double)hits / trials;
        for (var i = 0; i < 100; i++)
        {
            var p = (below + above) / 2;
            (below, above) = UpperBinomial(hits, trials, p) <= alpha ? (p, above) : (below, p);
        }

        return below;
    }

    /// <summary>P(Bin(n, p) ≥ k) for p ≤ k/n, where the terms fall from the first on.</summary>
    private static double UpperBinomial(long k, long n, double p)
    {
        var term = Math.Exp(
            ChiSquare.LogGamma(n + 1.0) - ChiSquare.LogGamma(k + 1.0) - ChiSquare.LogGamma(n - k + 1.0)
            + (k * Math.Log(p)) + ((n - k) * Math.Log(1 - p)));
        double sum = 0, odds = p / (1 - p);
        for (var i = k; i <= n && term > sum * 1e-17; i++)
        {
            sum += term;
            term *= odds * (n - i) / (i + 1.0);
        }

        return sum;
    }
}
