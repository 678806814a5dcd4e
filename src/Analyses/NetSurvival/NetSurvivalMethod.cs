using System.Globalization;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.NetSurvival;

/// <summary>
/// Relative and net survival. Parameters: <c>time</c> (integer, days), <c>event</c> (boolean, death of any cause), <c>age</c> (at diagnosis, in days), <c>diagnosed</c> (date), <c>lifeTable</c> (a name of the study's), <c>by</c> (variables
/// with codes), <c>grid</c> (whole days after 0), <c>period</c> ({from, to}: only follow-up between these days), <c>largestWeight</c> (1000), <c>level</c> (0.95).
/// </summary>
internal sealed class NetSurvivalMethod : Method
{
    /// <summary>Sixteen deaths in one interval with this weight squared fill a counter; a site whose sums are larger refuses.</summary>
    private const decimal LargestWeight = 1000;

    private const string Day = @"^\d{4}-\d{2}-\d{2}$";

    public override string Name => "net-survival";

    public override string Summary => "Survival in relation to that of the population: relative survival (Ederer II) and net survival (Pohar Perme), by life tables at the sites.";

    public override string Example => """
        time: days
        event: dead
        age: age_days
        diagnosed: diagnosed
        lifeTable: invented
        by: [stage]
        grid: {from: 30, to: 1800, step: 30}
        """;

    public override string Sample => "registry";

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Variable("time", "Days from diagnosis to death or to last contact.", VariableType.Integer),
        Parameter.Variable("event", "Whether death occurred, of any cause.", VariableType.Boolean),
        Parameter.Variable("age", "Age at diagnosis, in days.", VariableType.Integer, VariableType.Real),
        Parameter.Variable("diagnosed", "The day of diagnosis.", VariableType.Date),
        Parameter.Named("lifeTable", "A life table of the study."),
        Parameter.CodedAxes("by", "Variables with codes: a group for each combination; without, everybody together."),
        Parameter.Grid.As("Whole days after 0, increasing: {from, to, step}, {edges: […]}, or {persons, landmarks, to, epsilon}."),
        Parameter.Value("period", "{from, to}, two days: only follow-up between them counts.", Parameter.Members(new() { ["from"] = Parameter.Text(Day), ["to"] = Parameter.Text(Day) }, "from", "to")),
        Parameter.Number("largestWeight", "Larger weights count as this; 1000 without.", 1, LargestWeight),
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var time = reader.Variable("time", VariableType.Integer);
        var occurred = reader.Variable("event", VariableType.Boolean);
        var age = reader.Variable("age", VariableType.Integer, VariableType.Real);
        var diagnosed = reader.Variable("diagnosed", VariableType.Date);
        var table = ReadTable(reader);
        var by = Grouping.ReadCoded(reader, "by");
        var edges = ReadDays(reader);
        var period = ReadPeriod(reader);
        var weight = reader.Number("largestWeight", $"a number from 1 to {LargestWeight}", required: false) ?? LargestWeight;
        if (weight is < 1 or > LargestWeight)
            reader.Add("largestWeight", $"a number from 1 to {LargestWeight}", $"{weight}", $"write {LargestWeight}");
        var confidence = Confidence.Read(reader);
        if (time is null || occurred is null || age is null || diagnosed is null || table is null || edges is null || period is null)
            return null;
        if (by.Count * edges.Length * NetSurvivalSums.Columns > Sums.SiteSums.LargestVector)
            reader.Add("grid", $"at most {Sums.SiteSums.LargestVector} counters", $"{by.Count} groups × {edges.Length} times × {NetSurvivalSums.Columns}", "use a coarser grid or fewer groups");
        var followUp = new FollowUp(time.Name, occurred.Name, age.Name, diagnosed.Name);
        return new NetSurvivalPlan(new NetSurvivalSums(followUp, by, table, edges, period, (double)weight), confidence);
    }

    private static AgreedLifeTable? ReadTable(ParameterReader reader)
    {
        const string Expected = "a life table of the study";
        if (reader.Element("lifeTable", Expected, required: true) is not { } name)
            return null;
        if (reader.Schema.LifeTables.FirstOrDefault(t => t.Name == name.ToString()) is { } table)
            return table;
        reader.Add("lifeTable", Expected, "another", Suggestion.For(name.ToString(), [.. reader.Schema.LifeTables.Select(t => t.Name)]));
        return null;
    }

    private static int[]? ReadDays(ParameterReader reader)
    {
        if (Grid.Read(reader, "grid") is not { } edges)
            return null;
        if (edges.All(e => e is >= 1 and <= 1_000_000 && decimal.IsInteger(e)))
            return [.. edges.Select(e => (int)e)];
        reader.Add("grid", "whole days after 0", "others", "begin at 1, in whole days");
        return null;
    }

    private static Period? ReadPeriod(ParameterReader reader)
    {
        if (reader.Object("period", "{from, to}, two days", required: false) is not { } period)
            return Period.Always;
        var (from, to) = (ReadDay(period, "from"), ReadDay(period, "to"));
        if (from > to)
            period.Add("to", $"a day not before 'from'", $"{to:yyyy-MM-dd}", "exchange the two");
        period.Finish();
        return from is null || to is null ? null : new Period(from.Value.DayNumber, to.Value.DayNumber);
    }

    private static DateOnly? ReadDay(ParameterReader period, string key)
    {
        const string Expected = "a day, YYYY-MM-DD";
        if (period.Element(key, Expected, required: true) is not { } text)
            return null;
        if (DateOnly.TryParseExact(text.ToString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return day;
        period.Add(key, Expected, "another", "write a day such as 2020-01-31");
        return null;
    }
}

/// <summary>Checked parameters of <see cref="NetSurvivalMethod"/>.</summary>
internal sealed class NetSurvivalPlan(NetSurvivalSums sums, Confidence confidence) : MethodPlan(sums)
{
    public override string ObjectionToNoise => "a person counts on every day of follow-up and with a weight, more than noise could hide; ask kaplan-meier, whose noised curve is of all causes of death";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => new NetSurvivalFinish(sums, confidence.Z, rules).From(total);
}
