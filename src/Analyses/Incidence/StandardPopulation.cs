using Consilience.Analyses.Parameters;

namespace Consilience.Analyses.Incidence;

/// <summary>
/// Weights of five-year age bands from birth, the last of them 85 years and over: Ahmad et al., WHO GPE Discussion Paper 31 (2001); Eurostat, Revision of the European Standard Population
/// (2013); Segi 1960 as modified by Doll et al. 1966; Waterhouse et al. 1976.
/// </summary>
internal static class StandardPopulation
{
    internal const int BandWidth = 5;

    private static readonly Dictionary<string, double[]> Weights = new(StringComparer.Ordinal)
    {
        ["who-2000"] = [88569, 86870, 85970, 84670, 82171, 79272, 76073, 71475, 65877, 60379, 53681, 45484, 37187, 29590, 22092, 15195, 9097, 6348],
        ["european-2013"] = [5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 2500],
        ["segi"] = [12000, 10000, 9000, 9000, 8000, 8000, 6000, 6000, 6000, 6000, 5000, 4000, 4000, 3000, 2000, 1000, 500, 500],
        ["european-1976"] = [8000, 7000, 7000, 7000, 7000, 7000, 7000, 7000, 7000, 7000, 7000, 6000, 5000, 4000, 3000, 2000, 1000, 1000],
    };

    internal static IReadOnlyList<string> Names => [.. Weights.Keys];

    internal static Parameter Parameter { get; } = Parameter.Value("standard", "A standard population, or a weight for each age band; crude rates only without.", Parameter.OneOf(Names), Parameter.List(Parameter.NumberOf(0), 1));

    /// <summary>The weights of bands 0–4, 5–9, …, all after the last but one in the last; null for another name.</summary>
    internal static double[]? Of(string name, int bands) =>
        Weights.TryGetValue(name, out var weights) && bands >= 1 && bands <= weights.Length ? [.. weights[..(bands - 1)], weights[(bands - 1)..].Sum()] : null;
}
