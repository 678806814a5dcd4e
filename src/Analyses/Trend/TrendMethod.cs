using System.Globalization;
using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Incidence;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Trend;

/// <summary>
/// Trends of incidence. Parameters: <c>period</c> and <c>age</c> (variables with codes, or {variable, edges}), <c>population</c> (person-years of each age band, a list for each period), <c>standard</c> and <c>per</c> as in
/// incidence, <c>years</c> (a number for each period; the middle of its values without), <c>level</c> (0.95).
/// </summary>
internal sealed class TrendMethod : Method
{
    public override string Name => "trend";

    public override string Summary => "How incidence changes over periods: annual per cent change, and a Poisson model of age and period.";

    public override string Example => """
        period: {variable: age, edges: [23, 47, 71]}
        age: histol
        population: [[8000000, 400000], [8000000, 400000], [8000000, 400000], [50000000, 2500000]]
        standard: [20, 1]
        per: 1000000
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Axis("period", "Periods, three or more: a variable with codes, or {variable, edges}."),
        Parameter.Axis("age", "Age bands: a variable with codes, or {variable, edges}."),
        Parameter.Value("population", "A list for each period, in order: person-years of each age band.", Parameter.List(Parameter.List(Parameter.NumberOf(0), 1), 3)).Required(),
        StandardPopulation.Parameter,
        Parameter.Number("per", "Person-years that rates are given for; 100,000 without.", 0),
        Parameter.Numbers("years", "A number for each period; the middle of its values without."),
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var (period, age) = (Grouping.ReadOne(reader, "period"), Grouping.ReadOne(reader, "age"));
        var cells = period is null || age is null ? null : period.Then(age, reader, "age");
        var denominators = Denominators.Read(reader, age?.Axes[0], period?.Count ?? 0, isPublic: true, "period", mayHaveReference: false);
        var years = period is null ? null : ReadYears(reader, period.Axes[0]);
        var confidence = Confidence.Read(reader);
        if (period?.Count < 3)
            reader.Add("period", "three periods or more", $"{period.Count}", "compare two with incidence and 'baseline'");
        return cells is null || denominators is null || years is null ? null
            : new TrendPlan(PersonTable.Of(cells, reader, "period"), period!, age!, denominators, years, confidence);
    }

    private static double[]? ReadYears(ParameterReader reader, Axis period)
    {
        const string Expected = "a number for each period";
        if (reader.Element("years", Expected, required: false) is null)
        {
            if (Middles(reader, period) is { } middles)
                return middles;
            reader.Add("years", Expected, "nothing", "add 'years': the codes of the periods are no numbers, or the schema does not say where the first begins and the last ends");
            return null;
        }

        var list = reader.List("years", Expected, required: true);
        double[] years = [.. list.Where(y => y.ValueKind == JsonValueKind.Number && Math.Abs(y.GetDouble()) <= 1e6).Select(y => y.GetDouble())];
        if (years.Length == period.Length && list.Count == years.Length && years.Distinct().Count() == years.Length)
            return years;
        reader.Add("years", $"{period.Length} different numbers, one for each period", $"{list.Count} entries, {years.Length} of them numbers", "write the middle year of each period");
        return null;
    }

    /// <summary>Codes as numbers; of edges the middle of the values between them, first and last by the bounds of the schema. Null where that is not known.</summary>
    private static double[]? Middles(ParameterReader reader, Axis period)
    {
        if (period is CodeAxis codes)
        {
            double?[] numbers = [.. codes.Codes.Select(c => double.TryParse(c, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) ? n : (double?)null)];
            return numbers.Contains(null) || numbers.Distinct().Count() < numbers.Length ? null : [.. numbers.Select(n => n!.Value)];
        }

        var variable = reader.Variable("period", JsonSerializer.SerializeToElement(period.Variable), "", VariableType.Integer, VariableType.Real)!;
        var inner = ((EdgeAxis)period).Edges;
        if (variable is not { Minimum: { } least, Maximum: { } most } || least > inner[0] || most <= inner[^1])
            return null;
        // Whole numbers from just above one edge up to the next have their middle half a number higher.
        var (unit, edges) = variable.Type == VariableType.Integer ? (1m, [least - 1, .. inner, most]) : (0m, (decimal[])[least, .. inner, most]);
        return [.. edges.Zip(edges.Skip(1)).Select(e => (double)(e.First + unit + e.Second) / 2)];
    }
}

/// <summary>Checked parameters of <see cref="TrendMethod"/>. The table's axes: period, then age.</summary>
internal sealed class TrendPlan(PersonTable table, Grouping period, Grouping age, Denominators denominators, double[] years, Confidence confidence) : MethodPlan(table)
{
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var (bands, groups) = ((int)age.Count, new List<GroupRates>());
        foreach (var population in denominators.PersonYears!)
            groups.Add(GroupRates.WithPublicYears(total.Slice(groups.Count * bands, bands), population, noise.Variance, rules));
        var trends = new TrendFinish(groups, denominators, years, confidence, noise.IsExact);
        return new MethodResult([
            new IncidenceFinish(denominators, confidence, isTiwari: false).Rates(period, groups),
            trends.Changes(),
            .. trends.Models([.. Labels(age)], [.. Labels(period)]),
        ]);
    }

    private static IEnumerable<string> Labels(Grouping grouping) => grouping.Names().Select(n => $"{grouping.Variables[0]} {n[0].Text}");
}
