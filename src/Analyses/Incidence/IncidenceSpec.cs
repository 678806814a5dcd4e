using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Distribution;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Sums;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Incidence;

/// <summary>
/// Incidence. Parameters: <c>age</c> (a variable with codes, or {variable, edges}), <c>by</c> (as in count), <c>population</c> (person-years of each age band, a list for each group in order: the persons of the cohort are the
/// cases then) or <c>event</c> and <c>time</c> (cases among the persons of the cohort, and their follow-up), <c>standard</c> (a name, or a weight for each band), <c>reference</c> (rates of each band to expect, for incidence
/// ratios), <c>per</c> (100,000), <c>limits</c> (fay-feuer | tiwari), <c>baseline</c> (the group to compare with), <c>level</c> (0.95).
/// </summary>
internal sealed class IncidenceMethod : Method
{
    public override string Name => "incidence";

    public override string Summary => "Crude and directly age-standardised incidence rates, and standardised incidence ratios, against public person-years or the sites' own.";

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
        Parameter.Value("population", "Person-years of each age band; a list for each group, in order. Everybody in the cohort is a case then.", Parameter.List(Parameter.NumberOf(0), 1), Parameter.List(Parameter.List(Parameter.NumberOf(0), 1), 1)),
        Parameter.Variable("time", "Follow-up to the event or to last contact, in place of population.", VariableType.Integer).Optional(),
        Parameter.Event.Optional(),
        StandardPopulation.Parameter,
        Parameter.Numbers("reference", "A rate for each age band, to expect cases by.", 0),
        Parameter.Number("per", "Person-years that rates are given for; 100,000 without.", 0),
        Parameter.Choice("limits", "Of standardised rates: Fay and Feuer's, or Tiwari's modification; fay-feuer without.", "fay-feuer", "tiwari"),
        Parameter.Code("baseline", "The group to compare with, as the answer names it; no comparison without."),
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var age = Grouping.ReadOne(reader, "age");
        var by = Grouping.Read(reader);
        var cells = age is null ? null : by.Then(age, reader, "by");
        var isPublic = reader.Element("time", "a whole-numbered variable", required: false) is null;
        var denominators = Denominators.Read(reader, age?.Axes[0], by.Count, isPublic, "combination of 'by'");
        var isTiwari = reader.Choice("limits", "fay-feuer", "tiwari") == "tiwari";
        var baseline = ReadBaseline(reader, by);
        var confidence = Confidence.Read(reader);
        if (cells is null || denominators is null)
            return null;
        var finish = new IncidenceFinish(denominators, confidence, isTiwari);
        if (isPublic)
            return new IncidencePlan(PersonTable.Of(cells, reader, "by"), by, denominators.PersonYears!, finish, baseline);
        return ReadPersonTime(reader, cells) is { } sums ? new PersonTimePlan(sums, by, finish, baseline) : null;
    }

    private static PersonTime? ReadPersonTime(ParameterReader reader, Grouping cells)
    {
        var time = reader.Variable("time", VariableType.Integer);
        var occurred = reader.Variable("event", VariableType.Boolean);
        if (time is null || occurred is null)
            return null;
        if (cells.Variables.FirstOrDefault(v => v == time.Name || v == occurred.Name) is { } reused)
            reader.Add("by", "variables other than time and event", $"'{reused}'", "remove it");
        if (time is not { Minimum: >= 0, Maximum: > 0 })
            reader.Add("time", "a variable whose schema states a minimum of 0 or more and a maximum above it", $"'{time.Name}'", "ask for a schema that states its range");
        if (UnitBins.Of(reader, "time", time, "ask for a schema that states its range") is not { } values)
            return null;
        if (2 * cells.Count * values.Axis.Length > SiteSums.LargestVector)
            reader.Add("time", $"at most {SiteSums.LargestVector} combinations of its values, 'event', age and groups", $"{2 * cells.Count * values.Axis.Length}", "group by fewer variables, or choose a coarser time");
        return new PersonTime(cells, Grouping.Coded(occurred), values.Axis, values.Least);
    }

    /// <summary>The number of the group whose labels <c>baseline</c> names; null without.</summary>
    private static int? ReadBaseline(ParameterReader reader, Grouping by)
    {
        if (reader.Element("baseline", "a group", required: false) is null || by.Count > SiteSums.LargestVector)
            return null;
        var groups = new CodeAxis("by", by.Axes.Count == 0 ? [] : [.. by.Names().Select(n => string.Join(", ", n.Select(c => c.Text)))]);
        return reader.Code("baseline", groups, required: false) is { } code ? groups.IndexOf(code) : null;
    }
}

/// <summary>Checked parameters of <see cref="IncidenceMethod"/> with public person-years. The table's axes: those of <c>by</c>, then age.</summary>
internal sealed class IncidencePlan(PersonTable table, Grouping by, double[][] years, IncidenceFinish finish, int? baseline) : MethodPlan(table)
{
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var groups = new List<GroupRates>();
        foreach (var ofGroup in years)
            groups.Add(GroupRates.WithPublicYears(total.Slice(groups.Count * ofGroup.Length, ofGroup.Length), ofGroup, noise.Variance, rules));
        return new MethodResult([finish.Rates(by, groups), .. baseline is { } b ? [finish.Ratios(by, groups, b)] : Array.Empty<ResultTable>()]);
    }
}

/// <summary>Checked parameters of <see cref="IncidenceMethod"/> with follow-up summed up at sites. The cells' axes: those of <c>by</c>, then age.</summary>
internal sealed class PersonTimePlan(PersonTime sums, Grouping by, IncidenceFinish finish, int? baseline) : MethodPlan(sums)
{
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var (bands, groups) = (sums.Cells / (int)by.Count, new List<GroupRates>());
        for (var g = 0; g < by.Count; g++)
            groups.Add(Group(total.Slice(g * bands, bands), total.Slice(sums.Cells + (g * bands), bands), noise, rules));
        return new MethodResult([finish.Rates(by, groups), .. baseline is { } b ? [finish.Ratios(by, groups, b)] : Array.Empty<ResultTable>()]);
    }

    /// <summary>Rules about totals take each contribution to follow-up for the longest there can be.</summary>
    private GroupRates Group(ReadOnlySpan<long> cases, ReadOnlySpan<long> time, NoiseModel noise, DisclosureRules rules)
    {
        double unit = sums.CaseUnit;
        var (isHidden, years, counts) = (false, new double[time.Length], new double[cases.Length]);
        for (var b = 0; b < years.Length; b++)
        {
            var whole = (long)Math.Round(cases[b] / unit);
            isHidden |= time[b] > 0 && (rules.KindOf(whole) == AnswerKind.Suppressed || !rules.AllowTotal(n => [.. Enumerable.Repeat(unit, n)], time[b]));
            (counts[b], years[b]) = (rules.Presets.Count > 0 ? rules.Round(Math.Max(0, whole)) : cases[b] / unit, time[b]);
        }

        return new GroupRates(counts, years, (noise.Variance / (unit * unit)) + rules.RoundingVariance, noise.Variance, isHidden);
    }
}
