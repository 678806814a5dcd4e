using System.Numerics;
using Consilience.DifferentialPrivacy.Accounting;

namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>
/// The noise a question demands of every key holder: discrete Laplace with scale Δ₁/ε on every counter. Each key holder adds a full draw, so the guarantee ε holds
/// as long as one of them is honest; against the public it holds with room to spare.
/// </summary>
public sealed class NoiseTerms
{
    private NoiseTerms(Epsilon epsilon, DiscreteLaplace mechanism)
    {
        Epsilon = epsilon;
        Mechanism = mechanism;
    }

    public Epsilon Epsilon { get; }

    public DiscreteLaplace Mechanism { get; }

    /// <summary>40 standard deviations of one draw, rounded up: what a planned sum must leave room for.</summary>
    public BigInteger Bound => Mechanism.StandardDeviationBound * 40;

    /// <param name="l1Sensitivity">How much one person changes the vector, in sum of absolute changes; at least 1.</param>
    /// <param name="epsilon">The ε of the whole answer.</param>
    public static NoiseTerms For(long l1Sensitivity, Epsilon epsilon)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(l1Sensitivity, 1);
        ArgumentNullException.ThrowIfNull(epsilon);
        return new NoiseTerms(epsilon, new DiscreteLaplace(l1Sensitivity / epsilon.Value));
    }
}
