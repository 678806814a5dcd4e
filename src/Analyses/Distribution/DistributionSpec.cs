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
        var probabilities = Probabilities.Read(reader);
        if (variable is null || UnitBins.Of(reader, "variable", variable, "ask histogram, or for a schema that states its range") is not { } values)
            return null;
        return new DistributionPlan(PersonTable.Of(by.Then(new Grouping([values.Axis]), reader, "by"), reader, "by"), by, values.Least, values.Axis.Length, probabilities);
    }
}

/// <summary>Checked parameters of <see cref="DistributionMethod"/>. The table's axes: those of <c>by</c>, then a cell for every value from <paramref name="least"/> on.</summary>
internal sealed class DistributionPlan(PersonTable table, Grouping by, long least, int values, IReadOnlyList<decimal> probabilities) : MethodPlan(table)
{
    public override string ObjectionToNoise =>
        "a cell for every value drowns in noise; ask histogram with a few edges, or risk for shares above a limit";

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
