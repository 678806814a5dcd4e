using System.Numerics;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Accounting;

namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>
/// Finds every sound way to noise a vector for a price, and which of them leaves the least error in what is read from it. Pure and exact: every party computes the same
/// list from the same terms. The argument for each way stands in <c>docs/guarantees/noise-in-the-door.md</c>.
/// </summary>
public static class NoisePlanner
{
    /// <summary>Least variance of one share, when several make up the noise: from here on their sum is a discrete Gaussian but for a relative difference below 10⁻⁶.</summary>
    private static readonly Rational LeastShare = 2;

    /// <summary>All sound plans, the one with the least error first.</summary>
    /// <param name="bound">What one person of the privacy unit can change.</param>
    /// <param name="workload">What is read from the vector.</param>
    /// <param name="price">What may be spent.</param>
    /// <param name="trust">Who adds the noise.</param>
    public static IReadOnlyList<NoiseTerms> Candidates(ContributionBound bound, Workload workload, PrivacyPrice price, KeyHolderTrust trust)
    {
        ArgumentNullException.ThrowIfNull(bound);
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentNullException.ThrowIfNull(price);
        ArgumentNullException.ThrowIfNull(trust);
        List<NoiseTerms> plans = [Laplace(bound, workload, price, trust)];
        if (price.Rho is { } rho)
        {
            plans.Add(Gaussian(bound.Squares, workload, rho, trust, null));
            if (workload.StreamLength is > 1 and <= PrefixFactorisation.LongestStream)
            {
                var factorisation = new PrefixFactorisation(workload);
                plans.Add(Gaussian((BigInteger)bound.Total * bound.Total * factorisation.ColumnSquares, workload, rho, trust, factorisation));
            }
        }

        return [.. plans.OrderBy(p => p.Error)];
    }

    /// <summary>Every key holder adds the full draw, so that one honest one suffices whoever else talks.</summary>
    private static NoiseTerms Laplace(ContributionBound bound, Workload workload, PrivacyPrice price, KeyHolderTrust trust)
    {
        var epsilon = price.Epsilon ?? Epsilon.LargestFor(price.Rho!);
        return new NoiseTerms(new DiscreteLaplace(bound.Total / epsilon.Value), trust, workload, NanoRho.FromPureEpsilon(epsilon), epsilon, null);
    }

    /// <summary>
    /// Shares whose sum over the honest key holders has σ² = Δ²/2ρ. One honest share is a discrete Gaussian itself (Canonne, Kamath and Steinke 2020, theorem 4). The sum of
    /// several is one up to τ (Kairouz, Liu and Steinke 2021, proposition 14): σ² is enlarged until the bound with τ holds, and where shares would be too small for that, every key
    /// holder adds the whole.
    /// </summary>
    private static NoiseTerms Gaussian(BigInteger squares, Workload workload, NanoRho rho, KeyHolderTrust trust, PrefixFactorisation? factorisation)
    {
        var least = new Rational(squares, 1) / (rho.ToRational() * 2);
        var enlarged = least * new Rational(1_000_001, 1_000_000);
        var share = enlarged / trust.Honest;
        var shared = trust.Honest > 1 && share >= LeastShare && RhoOfShares(squares, enlarged, trust.Honest, workload.Length) <= rho.ToRational();
        return new NoiseTerms(new DiscreteGaussian(shared ? share : least), trust, workload, rho, null, factorisation);
    }

    /// <summary>½(Δ/s + τ√d)², rounded up; τ = 10·Σ exp(−2π²σᵢ²·k/(k+1)) ≤ 10(n−1)·e^(−π²σᵢ²), and e^(−π²) &lt; 1/19000.</summary>
    internal static Rational RhoOfShares(BigInteger squares, Rational variance, int shares, int dimension)
    {
        var tau = new Rational(10 * (shares - 1), BigInteger.Pow(19_000, (int)BigInteger.Min((variance / shares).Floor(), 64)));
        var distance = (new Rational(squares, 1) / variance).SquareRootCeiling() + (tau * new Rational(dimension, 1).SquareRootCeiling());
        return distance * distance / 2;
    }
}
