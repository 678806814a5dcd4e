using System.Text.Json;

namespace Consilience.Analyses.Incidence;

/// <summary>What cases are related to.</summary>
/// <param name="PersonYears">Public person-years by group and age band; null where sites sum up person-time.</param>
/// <param name="Weights">Of the age bands, from a standard population; null where no rates are standardised.</param>
/// <param name="Reference">Rates of the age bands to expect, per <paramref name="Per"/>; null where no ratios are asked for.</param>
/// <param name="Per">The person-years that rates are given for.</param>
internal sealed record Denominators(double[][]? PersonYears, double[]? Weights, double[]? Reference, double Per)
{
    /// <summary>Reads <c>population</c>, a list for each of <paramref name="groups"/> (not read where sites sum up person-time), <c>standard</c>, <c>reference</c> and <c>per</c>; null with faults added where there is no population.</summary>
    internal static Denominators? Read(ParameterReader reader, Axis? age, long groups, bool isPublic, string eachGroup, bool mayHaveReference = true)
    {
        var bands = age?.Length ?? 0;
        var population = isPublic ? ReadPopulation(reader, groups, bands, eachGroup) : null;
        var standard = ReadStandard(reader, age, bands);
        var reference = mayHaveReference && reader.Element("reference", "a rate for each age band", required: false) is { } rates ? Numbers(reader, "reference", rates, bands) : null;
        var per = reader.Number("per", "a positive number of person-years", required: false) ?? 100_000;
        if (per <= 0)
            reader.Add("per", "a positive number of person-years", $"{per}", "write 100000");
        return isPublic && population is null ? null : new Denominators(population, standard, reference, (double)per);
    }

    private static double[][]? ReadPopulation(ParameterReader reader, long groups, int bands, string eachGroup)
    {
        var list = reader.List("population", $"person-years of each age band, a list for each {eachGroup}", required: true);
        if (groups == 1 && list.Count > 0 && list[0].ValueKind == JsonValueKind.Number)
            list = [JsonSerializer.SerializeToElement(list)];
        if (list.Count != groups)
        {
            reader.Add("population", $"{groups} lists of person-years, one for each {eachGroup} in order", $"{list.Count}", $"write one list for each {eachGroup}, the last variable fastest");
            return null;
        }

        var read = list.Select((l, i) => Numbers(reader, $"population[{i}]", l, bands)).ToList();
        return read.Contains(null) ? null : [.. read.Select(r => r!)];
    }

    private static double[]? ReadStandard(ParameterReader reader, Axis? age, int bands)
    {
        const string Expected = "a standard population, or a weight for each age band";
        if (age is null || reader.Element("standard", Expected, required: false) is not { } standard)
            return null;
        if (standard.ValueKind == JsonValueKind.Array)
            return Numbers(reader, "standard", standard, bands);
        var isFiveYears = age is EdgeAxis edges && edges.Edges.Select((e, i) => e == (StandardPopulation.BandWidth * (i + 1)) - 1).All(e => e);
        if (isFiveYears && standard.ValueKind == JsonValueKind.String && StandardPopulation.Of(standard.GetString()!, bands) is { } weights)
            return weights;
        reader.Add("standard", $"one of {string.Join(", ", StandardPopulation.Names)} with age in years and edges 4, 9, 14, … to at most 84, or a list of weights", $"'{standard}' with {bands} age bands",
            "write the weights of your age bands");
        return null;
    }

    /// <summary>A number for each of <paramref name="length"/> bands.</summary>
    private static double[]? Numbers(ParameterReader reader, string place, JsonElement list, int length)
    {
        var numbers = list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.Number && n.GetDouble() is >= 0 and <= 1e15).Select(n => n.GetDouble()).ToArray() : [];
        if (list.ValueKind == JsonValueKind.Array && numbers.Length == length && list.GetArrayLength() == length && numbers.Sum() > 0)
            return numbers;
        reader.Add(place, $"{length} numbers of 0 or more, one for each age band, not all 0", list.ValueKind == JsonValueKind.Array ? $"{list.GetArrayLength()} entries, {numbers.Length} of them such numbers" : "no list", "write one number for each age band");
        return null;
    }
}
