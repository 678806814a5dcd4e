using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>
/// An amount of zero-concentrated differential privacy in billionths of ρ: the currency of every ledger. Whole, never negative; sums are checked.
/// </summary>
public sealed record NanoRho : IComparable<NanoRho>
{
    private const long PerRho = 1_000_000_000;

    public NanoRho(long amount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        Amount = amount;
    }

    public static NanoRho Zero { get; } = new(0);

    public long Amount { get; }

    public static NanoRho operator +(NanoRho a, NanoRho b) => new(checked(a.Amount + b.Amount));

    public static bool operator >(NanoRho a, NanoRho b) => a.Amount > b.Amount;

    public static bool operator <(NanoRho a, NanoRho b) => a.Amount < b.Amount;

    public static bool operator >=(NanoRho a, NanoRho b) => a.Amount >= b.Amount;

    public static bool operator <=(NanoRho a, NanoRho b) => a.Amount <= b.Amount;

    /// <summary>What an answer of pure ε costs: ε²/2 (Bun and Steinke 2016, proposition 1.4), rounded up.</summary>
    public static NanoRho FromPureEpsilon(Epsilon epsilon)
    {
        ArgumentNullException.ThrowIfNull(epsilon);
        return new((long)(epsilon.Value * epsilon.Value * PerRho / 2).Ceiling());
    }

    /// <summary>Reads an amount of ρ, such as <c>2</c> or <c>0.5</c>, rounding down: a budget is never larger than written.</summary>
    public static bool TryParseRho([NotNullWhen(true)] string? text, [NotNullWhen(true)] out NanoRho? amount)
    {
        amount = null;
        if (!Rational.TryParse(text, out var rho) || rho.Sign < 0)
            return false;
        var nano = (rho * PerRho).Floor();
        if (nano > (BigInteger)long.MaxValue)
            return false;
        amount = new NanoRho((long)nano);
        return true;
    }

    /// <summary>The amount in ρ as a fraction.</summary>
    public Rational ToRational() => new(Amount, PerRho);

    public int CompareTo(NanoRho? other) => other is null ? 1 : Amount.CompareTo(other.Amount);

    /// <summary>The amount in ρ, exactly.</summary>
    public override string ToString() => (Amount / (decimal)PerRho).ToString("0.#########", CultureInfo.InvariantCulture);
}
