using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Sums;

namespace Consilience.Analyses.Distribution;

/// <summary>
/// Moments and quantiles of a whole-numbered variable, from the number of persons at each of its values. Parameters: <c>variable</c> (integer, with minimum and maximum in the schema),
/// <c>by</c> (as in count), <c>quantiles</c> (probabilities; quartiles without).
/// </summary>
internal sealed class DistributionMethod : Method
{
    private static readonly decimal[] Quartiles = [0.25m, 0.5m, 0.75m];

    public override string Name => "distribution";

    public override string Summary => "Mean, spread, shape and quantiles of a whole-numbered variable, as from the pooled values.";

    public override string Example => """
        variable: age
        by: [histol]
        quantiles: [0.1, 0.25, 0.5, 0.75, 0.9]
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Variable("variable", "The number described, with a minimum and a maximum in the schema.", VariableType.Integer),
        Parameter.By,
        Parameter.Numbers("quantiles", "Probabilities; quartiles without.", 0, 1),
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var variable = reader.Variable("variable", VariableType.Integer);
        var by = Grouping.Read(reader);
        var probabilities = ReadProbabilities(reader);
        if (variable is null)
            return null;
        if (variable is not { Minimum: { } least, Maximum: { } most } || most - least >= Grid.Largest)
        {
            reader.Add("variable", $"a variable with a minimum and a maximum in the schema, at most {Grid.Largest} apart", $"'{variable.Name}'", "ask count with 'edges', or for a schema that states its range");
            return null;
        }

        var values = new EdgeAxis(variable.Name, [.. Enumerable.Range(0, Math.Max(1, (int)(most - least))).Select(i => Math.Ceiling(least) + i)]);
        return new DistributionPlan(PersonTable.Of(by.Then(new Grouping([values]), reader, "by"), reader, "by"), by, (long)Math.Ceiling(least), values.Length, probabilities);
    }

    private static IReadOnlyList<decimal> ReadProbabilities(ParameterReader reader)
    {
        const string Expected = "a list of numbers from 0 to 1";
        var list = reader.List("quantiles", Expected, required: false);
        var probabilities = list.Where(p => p.ValueKind == JsonValueKind.Number && p.TryGetDecimal(out var n) && n is >= 0 and <= 1).Select(p => p.GetDecimal()).ToList();
        if (probabilities.Count < list.Count || list.Count > 1000)
            reader.Add("quantiles", Expected, $"{list.Count} entries, {list.Count - probabilities.Count} of them no such numbers", "write [0.25, 0.5, 0.75]");
        return list.Count == 0 ? Quartiles : probabilities;
    }
}

/// <summary>Checked parameters of <see cref="DistributionMethod"/>. The table's axes: those of <c>by</c>, then a cell for every value from <paramref name="least"/> on.</summary>
internal sealed class DistributionPlan(PersonTable table, Grouping by, long least, int values, IReadOnlyList<decimal> probabilities) : MethodPlan(table)
{
    public override string ObjectionToNoise =>
        "a cell for every value drowns in noise; ask count with a few 'edges', or risk for shares above a limit";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var (moments, quantiles, group) = (new List<ResultRow>(), new List<ResultRow>(), 0);
        foreach (var names in by.Names())
        {
            var cells = new ValueCounts(total.Slice(values * group++, values).ToArray(), least);
            moments.Add(DistributionFinish.Moments(names, cells, rules));
            quantiles.AddRange(probabilities.Select(p => DistributionFinish.Quantile(names, cells, p, rules)));
        }

        return new MethodResult([new ResultTable("moments", [.. by.Variables, .. DistributionFinish.Columns], moments), new ResultTable("quantiles", [.. by.Variables, "probability", "estimate"], quantiles)]);
    }
}
