namespace Consilience.Analyses.Disclosure;

/// <summary>How counts are rounded.</summary>
public enum RoundingMethod
{
    Unspecified = 0,
    None,

    /// <summary>To the nearest multiple of the base.</summary>
    Nearest,

    /// <summary>Up to a multiple of the base, less half of it, and 0 to 0: every count of persons stands for the middle of its class.</summary>
    Midpoint,
}

/// <summary>
/// A rule for what may be published, as an authority states it. Data, not code: what is not asked for is null or 0.
/// </summary>
/// <param name="Name">As studies and policies name it.</param>
/// <param name="Source">Who states it, and where.</param>
/// <param name="Date">Of the statement, or of the text of it that was read; null where neither is known.</param>
/// <param name="LargestSuppressed">Counts from 1 to this are not shown, and nothing computed from them is.</param>
/// <param name="SuppressesZero">Whether an empty cell is not shown either.</param>
/// <param name="Rounding">What becomes of the other counts.</param>
/// <param name="Base">Of the rounding; 1 without.</param>
/// <param name="DominanceCount">n of the dominance rule: the n largest contributors to a total …</param>
/// <param name="DominancePercent">… may make up at most this share of it.</param>
/// <param name="PercentOfLargest">p of the p % rule: how closely the largest contributor may be estimated by the second.</param>
/// <param name="LeastDegreesOfFreedom">Residual degrees of freedom a model must have.</param>
public sealed record DisclosurePreset(
    string Name, string Source, DateOnly? Date, int LargestSuppressed, bool SuppressesZero, RoundingMethod Rounding, int Base,
    int? DominanceCount = null, int? DominancePercent = null, int? PercentOfLargest = null, int? LeastDegreesOfFreedom = null)
{
    /// <summary>Every preset, by name.</summary>
    public static IReadOnlyList<DisclosurePreset> All { get; } =
    [
        new("NHS-2018", "NHS Digital, hospital episode statistics, disclosure control below national level", new DateOnly(2018, 9, 1), 7, false, RoundingMethod.Nearest, 5),
        new("OpenSAFELY-7-5", "OpenSAFELY documentation, statistical disclosure control: redact, then round", new DateOnly(2026, 8, 17), 7, false, RoundingMethod.Nearest, 5),
        new("OpenSAFELY-midpoint-6", "OpenSAFELY documentation, midpoint rounding of rates and survival", new DateOnly(2026, 8, 17), 0, false, RoundingMethod.Midpoint, 6),
        new("CMS-11", "Centers for Medicare & Medicaid Services cell size suppression policy, as ResDAC states it", new DateOnly(2024, 1, 26), 10, false, RoundingMethod.None, 1),
        new("USCS-16", "United States Cancer Statistics, suppression of rates and counts", null, 15, false, RoundingMethod.None, 1),
        new("OHDSI-5", "OHDSI network studies, minCellCount", null, 4, false, RoundingMethod.None, 1),
        new("SACRO-10", "AI-SDC ACRO 1.0, default parameters", new DateOnly(2026, 8, 11), 9, true, RoundingMethod.None, 1, 2, 90, 10, 10),
        new("DataSHIELD-3", "DataSHIELD dsBase, default disclosure settings (nfilter.tab)", new DateOnly(2025, 7, 25), 2, false, RoundingMethod.None, 1),
    ];

    public static DisclosurePreset? Find(string name) => All.FirstOrDefault(p => p.Name == name);
}
