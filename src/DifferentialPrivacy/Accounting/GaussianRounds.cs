using System.Numerics;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// (ε, δ) of a number of answers, fixed beforehand, that discrete Gaussians noise: that of the continuous Gaussian of all of them together (<see cref="GaussianProfile"/>), and what is lost to whole numbers. <b>Guarantee:</b> never below
/// the true ε. Argument and attacks: <c>docs/guarantees/fixed-plans.md</c>. For plans and previews; ledgers are charged ρ.
/// </summary>
public static class GaussianRounds
{
    /// <summary>r²: the part of the noise's variance that makes whole numbers of a continuous Gaussian.</summary>
    internal const int Rounding = 4;

    /// <summary>More than the relative rounding of what is computed here.</summary>
    private const double Slack = 1e-12;

    /// <param name="squares">The most that one person changes in one answer, in sum of squares; above 0.</param>
    /// <param name="share">σ² of each draw.</param>
    /// <param name="honest">Draws in each answer that nobody else knows.</param>
    /// <param name="cells">Counters of an answer.</param>
    /// <param name="answers">How many; each may follow from those before.</param>
    /// <param name="delta">δ.</param>
    /// <returns>The least ε this argument gives; infinite where the noise is too small for it.</returns>
    public static double Epsilon(BigInteger squares, Rational share, int honest, int cells, int answers, double delta)
    {
        ArgumentNullException.ThrowIfNull(share);
        ArgumentOutOfRangeException.ThrowIfLessThan(squares, BigInteger.One);
        ArgumentOutOfRangeException.ThrowIfLessThan(honest, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(cells, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(answers, 1);
        Checked.Positive(delta);

        // Noise of further key holders only processes the answer, so that one share alone bounds ε too: where shares are small it may do so better.
        return new[] { 1, honest }.Min(shares => Of(shares));

        double Of(int shares)
        {
            var smooth = (share * shares) - Rounding;
            if (smooth.Sign <= 0)
                return double.PositiveInfinity;
            var sigma = Math.Sqrt((smooth / new Rational(squares * answers, 1)).ToDouble()) * (1 - Slack);
            var ratio = (double)answers * cells * (Ratio(Rounding) + ((shares - 1) * Ratio(share.ToDouble() / 2))) * (1 + Slack);
            return GaussianProfile.Epsilon(sigma, delta * Math.Exp(-ratio) * (1 - Slack)) + (2 * ratio);
        }
    }

    /// <summary>ln((1+θ)/(1−θ)), rounded up, with θ = 2Σ e^(−2π²τk²) over k ≥ 1 the most that the sum of a Gaussian of variance τ over the whole numbers differs, relatively, from its integral, wherever it is centred.</summary>
    private static double Ratio(double variance)
    {
        var least = Math.Exp(-2 * Math.PI * Math.PI * variance);
        var theta = 2 * least / (1 - least) * (1 + Slack);
        return theta < 1 ? 2 * theta / (1 - theta) : double.PositiveInfinity;
    }
}
