using System.Runtime.CompilerServices;

namespace Consilience.DifferentialPrivacy.Accounting;

/// <summary>Refuses numbers that would read as perfect privacy: NaN, and what is negative or zero where it must not be.</summary>
internal static class Checked
{
    internal static double Positive(double value, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        value > 0 ? value : throw new ArgumentOutOfRangeException(name, value, "expected a number above 0");

    internal static double NotNegative(double value, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        value >= 0 ? value : throw new ArgumentOutOfRangeException(name, value, "expected a number of 0 or more");

    internal static double Number(double value, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        double.IsNaN(value) ? throw new ArgumentOutOfRangeException(name, "expected a number") : value;
}
