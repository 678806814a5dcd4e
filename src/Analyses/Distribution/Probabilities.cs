using System.Text.Json;

namespace Consilience.Analyses.Distribution;

/// <summary>The parameter <c>quantiles</c>: probabilities, the quartiles' without.</summary>
internal static class Probabilities
{
    private const int Most = 1000;
    private static readonly decimal[] Quartiles = [0.25m, 0.5m, 0.75m];

    internal static IReadOnlyList<decimal> Read(ParameterReader reader)
    {
        const string Expected = "a list of numbers from 0 to 1";
        var list = reader.List("quantiles", Expected, required: false);
        var probabilities = list.Where(p => p.ValueKind == JsonValueKind.Number && p.TryGetDecimal(out var n) && n is >= 0 and <= 1).Select(p => p.GetDecimal()).ToList();
        if (probabilities.Count < list.Count || list.Count > Most)
            reader.Add("quantiles", Expected, $"{list.Count} entries, {list.Count - probabilities.Count} of them no such numbers", "write [0.25, 0.5, 0.75]");
        return list.Count == 0 ? Quartiles : probabilities;
    }
}
