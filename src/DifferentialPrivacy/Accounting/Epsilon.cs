using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// The bound of pure differential privacy: one person changes the odds of any outcome by at most e^ε. Exact, positive, and at most 100: beyond that a number
/// is a mistake, not a guarantee.
/// </summary>
public sealed class Epsilon
{
    public static readonly Rational Largest = 100;

    private Epsilon(Rational value) => Value = value;

    public Rational Value { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Epsilon? epsilon)
    {
        epsilon = Rational.TryParse(text, out var value) && value.Sign > 0 && value <= Largest ? new Epsilon(value) : null;
        return epsilon is not null;
    }

    public static Epsilon Parse(string text) =>
        TryParse(text, out var epsilon) ? epsilon : throw new FormatException("epsilon: expected a number above 0 and at most 100, such as 1, 0.5 or 1/3");

    /// <summary>The largest ε, in steps of 10⁻⁹, that an amount of ρ pays for.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The amount is 0.</exception>
    public static Epsilon LargestFor(NanoRho rho)
    {
        ArgumentNullException.ThrowIfNull(rho);
        ArgumentOutOfRangeException.ThrowIfZero(rho.Amount, nameof(rho));
        // ε²/2 ≤ ρ, all of it in billionths: ε ≤ √(2·10⁹·nano-ρ).
        var billionths = Rational.SquareRootFloor(2 * (BigInteger)rho.Amount * 1_000_000_000);
        var value = new Rational(billionths, 1_000_000_000);
        return new Epsilon(value < Largest ? value : Largest);
    }

    /// <summary>The canonical text of the exact value.</summary>
    public override string ToString() => Value.ToString();
}
