using Consilience.DifferentialPrivacy.Accounting;

namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>
/// What a question offers for its answer: pure ε, which discrete Laplace noise honours, or an amount of ρ, which leaves the choice of mechanism open.
/// Exactly one of the two.
/// </summary>
public sealed class PrivacyPrice
{
    private PrivacyPrice(Epsilon? epsilon, NanoRho? rho) => (Epsilon, Rho) = (epsilon, rho);

    /// <summary>Null when the price is in ρ.</summary>
    public Epsilon? Epsilon { get; }

    /// <summary>Null when the price is pure ε.</summary>
    public NanoRho? Rho { get; }

    /// <summary>What the ledger is charged at most.</summary>
    public NanoRho Charge => Rho ?? NanoRho.FromPureEpsilon(Epsilon!);

    public static PrivacyPrice Pure(Epsilon epsilon) => new(epsilon ?? throw new ArgumentNullException(nameof(epsilon)), null);

    /// <param name="rho">Above 0.</param>
    public static PrivacyPrice Concentrated(NanoRho rho)
    {
        ArgumentNullException.ThrowIfNull(rho);
        ArgumentOutOfRangeException.ThrowIfZero(rho.Amount, nameof(rho));
        return new(null, rho);
    }

    /// <summary>Whether it asks for no more than a pure ε would.</summary>
    public bool IsWithin(Epsilon largest)
    {
        ArgumentNullException.ThrowIfNull(largest);
        return Epsilon is not null ? Epsilon.Value <= largest.Value : Rho! <= NanoRho.FromPureEpsilon(largest);
    }

    /// <summary>The price as written in a request: exactly one of the two, in canonical form; null otherwise.</summary>
    public static PrivacyPrice? Read(string? epsilon, string? rho)
    {
        if (epsilon is not null && rho is null && Accounting.Epsilon.TryParse(epsilon, out var pure) && pure.ToString() == epsilon)
            return Pure(pure);
        return rho is not null && epsilon is null && NanoRho.TryParseRho(rho, out var amount) && amount.ToString() == rho && amount.Amount > 0 ? Concentrated(amount) : null;
    }

    /// <summary>As it is written for people: <c>ε = 1</c> or <c>ρ = 0.5</c>.</summary>
    public override string ToString() => Epsilon is not null ? $"ε = {Epsilon}" : $"ρ = {Rho}";
}
