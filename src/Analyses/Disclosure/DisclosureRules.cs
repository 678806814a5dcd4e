namespace Consilience.Analyses.Disclosure;

/// <summary>
/// The rules of a study: its presets taken together, the strictest of each feature. Thresholds by the largest; empty cells by whoever hides them; of two roundings the
/// coarser, and of two as coarse the midpoint. Acts on figures as they were opened: at noised precision on noised ones, because a threshold on the truth would tell it. Argument and attacks: <c>docs/guarantees/disclosure.md</c>.
/// </summary>
public sealed class DisclosureRules
{
    public DisclosureRules(IReadOnlyList<DisclosurePreset> presets)
    {
        Presets = presets;
        LargestSuppressed = presets.Select(p => p.LargestSuppressed).DefaultIfEmpty().Max();
        SuppressesZero = presets.Any(p => p.SuppressesZero);
        var coarsest = presets.OrderByDescending(p => p.Base).ThenByDescending(p => p.Rounding).FirstOrDefault();
        (Rounding, Base) = (coarsest?.Rounding ?? RoundingMethod.None, coarsest?.Base ?? 1);
    }

    /// <summary>Everything is shown as it is.</summary>
    public static DisclosureRules None { get; } = new([]);

    public IReadOnlyList<DisclosurePreset> Presets { get; }

    /// <summary>Counts from 1 to this are not shown; 0 when all are.</summary>
    public int LargestSuppressed { get; }

    public bool SuppressesZero { get; }

    public RoundingMethod Rounding { get; }

    public int Base { get; }

    /// <summary>How far rounding moves a count at most.</summary>
    public int RoundingError => Base / 2;

    /// <summary>Variance that rounding adds to a count, taken to be spread evenly over its class.</summary>
    public double RoundingVariance => Rounding == RoundingMethod.None ? 0 : ((Base * Base) - 1) / 12.0;

    /// <summary>The residual degrees of freedom a model must have; 0 when nobody asks for any.</summary>
    public int LeastDegreesOfFreedom => Presets.Max(p => p.LeastDegreesOfFreedom) ?? 0;

    /// <summary>
    /// Whether no few contributors make up too much of a total (the n largest at most k % of it), and none can be estimated too closely by the second largest (what is left without the two is at least
    /// p % of the largest).
    /// </summary>
    /// <param name="largest">Magnitudes of the given number of largest contributions, the largest first; fewer where there are fewer.</param>
    /// <param name="total">Magnitude of the total.</param>
    public bool AllowTotal(Func<int, IReadOnlyList<double>> largest, double total)
    {
        ArgumentNullException.ThrowIfNull(largest);
        foreach (var preset in Presets)
        {
            if (preset is { DominanceCount: { } count, DominancePercent: { } most } && largest(count).Sum() * 100 > most * total)
                return false;
            if (preset.PercentOfLargest is { } percent && largest(2) is [var first, ..] two && (total - two.Sum()) * 100 < percent * first)
                return false;
        }

        return true;
    }

    /// <summary>Names of the presets, as in the study.</summary>
    public IReadOnlyList<string> Names => [.. Presets.Select(p => p.Name)];

    /// <summary>Whether nothing that <paramref name="preset"/> hides is shown under these rules.</summary>
    public bool AreAtLeastAsStrictAs(DisclosurePreset preset)
    {
        ArgumentNullException.ThrowIfNull(preset);
        return LargestSuppressed >= preset.LargestSuppressed && (SuppressesZero || !preset.SuppressesZero) && Base >= preset.Base;
    }

    /// <summary>What becomes of a count; negative ones, which only noise makes, count as none.</summary>
    public AnswerKind KindOf(long count) => count switch
    {
        <= 0 => SuppressesZero ? AnswerKind.Suppressed : AnswerKind.Zero,
        _ when count <= LargestSuppressed => AnswerKind.Suppressed,
        _ => AnswerKind.Value,
    };

    /// <summary>A count that is shown, rounded.</summary>
    public long Round(long count) => Rounding switch
    {
        RoundingMethod.Nearest => (count + (Base / 2)) / Base * Base,
        RoundingMethod.Midpoint when count > 0 => ((count + Base - 1) / Base * Base) - (Base / 2),
        RoundingMethod.Midpoint => 0,
        _ => count,
    };
}
