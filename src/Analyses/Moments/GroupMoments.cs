using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Sums;

namespace Consilience.Analyses.Moments;

/// <summary>Persons of one group, and their central moments in the variable's own unit.</summary>
internal sealed class GroupMoments
{
    private readonly double largest;
    private readonly double half;
    private readonly double mean;
    private readonly double[] powers;
    private readonly bool isConstant;

    /// <param name="cells">A group's part of <see cref="MomentSums"/>.</param>
    /// <param name="variable">Their scale.</param>
    internal GroupMoments(ReadOnlySpan<long> cells, Scaled variable)
    {
        Persons = cells[0];
        (largest, half) = (variable.Largest, variable.Half);
        powers = new double[MomentSums.Powers];
        for (var k = 0; k < powers.Length; k++)
            powers[k] = FixedPoint.Fine(cells, 1 + (2 * k)) / Persons;
        mean = powers[0];
        isConstant = !(Second > 1e-14);
        Mean = variable.Centre + (half * mean);
    }

    internal long Persons { get; }

    internal double Mean { get; }

    /// <summary>Σ(x − x̄)²/(n − 1); not a number for one person.</summary>
    internal double Variance => Persons < 2 ? double.NaN : isConstant ? 0 : half * half * Second * Persons / (Persons - 1.0);

    /// <summary>m₃/m₂^{3/2}; not a number where everybody has one value.</summary>
    internal double Skewness => isConstant ? double.NaN : (powers[2] - (3 * mean * powers[1]) + (2 * mean * mean * mean)) / Math.Pow(Second, 1.5);

    /// <summary>m₄/m₂²; not a number where everybody has one value.</summary>
    internal double Kurtosis => isConstant ? double.NaN : (powers[3] - (4 * mean * powers[2]) + (6 * mean * mean * powers[1]) - (3 * mean * mean * mean * mean)) / (Second * Second);

    private double Second => powers[1] - (mean * mean);

    /// <summary>Whether rules hide the group: few persons, or a sum that few could make up. Contributions are not known, so the largest there can be are taken.</summary>
    internal bool IsHidden(DisclosureRules rules) =>
        rules.KindOf(Persons) == AnswerKind.Suppressed || (Persons > 0 && !rules.AllowTotal(n => [.. Enumerable.Repeat(largest, (int)Math.Min(n, Persons))], Math.Abs(Mean) * Persons));
}
