using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Incidence;

/// <summary>
/// Incidence of the persons of the cohort, the cases. Parameters: <c>age</c> (a variable with codes, or {variable, edges}), <c>by</c> (as in count), <c>population</c> (person-years of each age band, a list for
/// each group in order), <c>standard</c> (a name, or a weight for each band), <c>reference</c> (rates of each band to expect, for incidence ratios), <c>per</c> (100,000), <c>level</c> (0.95).
/// </summary>
internal sealed class IncidenceMethod : Method
{
    public override string Name => "incidence";

    public override string Summary => "Crude and directly age-standardised incidence rates, and standardised incidence ratios, against public person-years.";

    public override string Example => """
        age: {variable: age, edges: [11, 59, 119]}
        by: [histol]
        population: [[4000000, 16000000, 20000000, 1000000], [4000000, 16000000, 20000000, 1000000]]
        standard: [2, 8, 10, 1]
        per: 1000000
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Axis("age", "Age bands: a variable with codes, or {variable, edges}."),
        Parameter.By,
        Parameter.Value("population", "Person-years of each age band; a list for each group, in order.", Parameter.List(Parameter.NumberOf(0), 1), Parameter.List(Parameter.List(Parameter.NumberOf(0), 1), 1)).Required(),
        Parameter.Value("standard", "A standard population, or a weight for each age band; crude rates only without.", Parameter.OneOf(StandardPopulation.Names), Parameter.List(Parameter.NumberOf(0), 1)),
        Parameter.Numbers("reference", "A rate for each age band, to expect cases by.", 0),
        Parameter.Number("per", "Person-years that rates are given for; 100,000 without.", 0),
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var age = Grouping.ReadOne(reader, "age");
        var by = Grouping.Read(reader);
        var cells = age is null ? null : by.Then(age, reader, "by");
        var bands = age?.Axes[0].Length ?? 0;
        var population = ReadPopulation(reader, by.Count, bands);
        var standard = ReadStandard(reader, age?.Axes[0], bands);
        var reference = reader.Element("reference", "a rate for each age band", required: false) is { } rates ? Numbers(reader, "reference", rates, bands) : null;
        var per = reader.Number("per", "a positive number of person-years", required: false) ?? 100_000;
        if (per <= 0)
            reader.Add("per", "a positive number of person-years", $"{per}", "write 100000");
        var confidence = Confidence.Read(reader);
        var table = cells is null ? null : PersonTable.Of(cells, reader, "by");
        return table is null || population is null ? null : new IncidencePlan(table, by, new Denominators(population, standard, reference, (double)per), confidence);
    }

    private static double[][]? ReadPopulation(ParameterReader reader, long groups, int bands)
    {
        var list = reader.List("population", "person-years of each age band, a list for each group", required: true);
        if (groups == 1 && list.Count > 0 && list[0].ValueKind == JsonValueKind.Number)
            list = [JsonSerializer.SerializeToElement(list)];
        if (list.Count != groups)
        {
            reader.Add("population", $"{groups} lists of person-years, one for each group in order", $"{list.Count}", "write one list for each combination of 'by', the last variable fastest");
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

    private static double[]? Numbers(ParameterReader reader, string place, JsonElement list, int length)
    {
        var numbers = list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.Number && n.GetDouble() is >= 0 and <= 1e15).Select(n => n.GetDouble()).ToArray() : [];
        if (list.ValueKind == JsonValueKind.Array && numbers.Length == length && list.GetArrayLength() == length && numbers.Sum() > 0)
            return numbers;
        reader.Add(place, $"{length} numbers of 0 or more, one for each age band, not all 0", list.ValueKind == JsonValueKind.Array ? $"{list.GetArrayLength()} entries, {numbers.Length} of them such numbers" : "no list", "write one number for each age band");
        return null;
    }
}

/// <summary>What cases are related to: person-years by group and age band, weights of the bands, rates to expect, and the person-years that rates are given for.</summary>
internal sealed record Denominators(double[][] PersonYears, double[]? Weights, double[]? Reference, double Per);

/// <summary>Checked parameters of <see cref="IncidenceMethod"/>. The table's axes: those of <c>by</c>, then age.</summary>
internal sealed class IncidencePlan(PersonTable table, Grouping by, Denominators denominators, Confidence confidence) : MethodPlan(table)
{
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => IncidenceFinish.From(total, table, by, denominators, confidence, noise, rules);
}
