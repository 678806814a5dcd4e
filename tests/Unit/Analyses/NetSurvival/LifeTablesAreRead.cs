using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.NetSurvival;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Tests.NetSurvival;

/// <summary>A life table is read whole or not at all; hazards change on the day that ages and calendar say, to the day; persons add up to what a hand computes, and few of them are hidden.</summary>
public sealed class LifeTablesAreRead
{
    private const string Text = """
        sex,remark,from,age_from_days,hazard_per_day
        m,x,2000-01-01,0,0.001
        m,x,2000-01-01,365.5,0.002
        m,x,2001-01-01,0,0.003
        m,x,2001-01-01,365.5,0.004
        f,x,2000-01-01,0,0.005
        f,x,2000-01-01,365.5,0.006
        f,x,2001-01-01,0,0.007
        f,x,2001-01-01,365.5,0.008
        """;

    private const double Unit = 1.0 / (1 << 30);

    private static readonly AgreedLifeTable Agreed = new("people", new string('0', 64), ["sex"]);

    private static readonly StudySchema Schema = new(
    [
        new("sex", VariableType.Category, "sex", null, [new("f", "f"), new("m", "m")], null, null), new("days", VariableType.Integer, "days", null, [], 0, 10_000), new("age", VariableType.Integer, "age", "days", [], 0, 40_000),
        new("died", VariableType.Boolean, "died", null, [], null, null), new("seen", VariableType.Date, "seen", null, [], null, null),
    ],
    [Agreed]);

    [Theory]
    [InlineData("m,x,2000-01-01,0,0.001\n", "", "7 rows")]
    [InlineData("m,x,2000-01-01,0,0.001\n", "m,x,2000-01-01,365.5,0.001\n", "8 rows")]
    [InlineData("sex,", "gender,", "no column sex")]
    [InlineData("hazard_per_day", "hazard", "no column hazard_per_day")]
    [InlineData("m,x,2000-01-01,0,0.001", "u,x,2000-01-01,0,0.001", "line 2")]
    [InlineData("m,x,2000-01-01,0,0.001", "m,x,2000-13-01,0,0.001", "line 2")]
    [InlineData("m,x,2000-01-01,0,0.001", "m,x,2000-01-01,-1,0.001", "line 2")]
    [InlineData("m,x,2000-01-01,0,0.001", "m,x,2000-01-01,0,NaN", "line 2")]
    [InlineData("m,x,2000-01-01,0,0.001", "m,x,2000-01-01,0,0.5", "line 2")]
    [InlineData("m,x,2000-01-01,0,0.001", "m,x,2000-01-01", "line 2")]
    public void One_that_is_not_whole_is_refused(string instead, string written, string says)
    {
        Assert.Contains(instead, Text, StringComparison.Ordinal);
        Assert.Contains(says, Assert.Throws<FormatException>(() => LifeTable.Parse(Text.Replace(instead, written, StringComparison.Ordinal), Agreed, Schema)).Message, StringComparison.Ordinal);
    }

    /// <summary>A man of 364 days, diagnosed on 30 December 2000: when his third day begins he is 366 days old and the year has changed.</summary>
    [Fact]
    public void Hazards_change_on_the_day()
    {
        double[][] rows = [[3, 0, 364, Day(2000, 12, 30), 1]];
        Assert.Equal([0.001, 0.001, 0.004], Sums(rows, 3).Select(e => Math.Round(e * Unit, 8)));
        Assert.Equal(new[] { 0.001, 0.002, 0.006 }.Select(h => Math.Round(Math.Exp(h), 8)), Sums(rows, 4).Select(w => Math.Round(w * Unit, 8)));
        Assert.Equal([1L, 1, 1], Sums(rows, 0));
        Assert.Equal([0L, 0, 0], Sums(rows, 1));
    }

    [Fact]
    public void Deaths_count_on_their_day_and_within_the_period_alone()
    {
        double[][] rows = [[3, 1, 364, Day(2000, 12, 30), 0], [2, 1, 364, Day(2000, 12, 31), 0], [9, 1, 364, Day(2000, 12, 31), 0]];
        Assert.Equal([0L, 1, 1], Sums(rows, 1));
        const string OneDay = """, "period": {"from": "2001-01-01", "to": "2001-01-01"}""";
        Assert.Equal([0L, 1, 1], Sums(rows, 1, OneDay));
        Assert.Equal([0L, 2, 1], Sums(rows, 2, OneDay));
        Assert.Equal([0L, 0, 0], Sums(rows, 1, """, "period": {"from": "2001-01-02", "to": "2002-01-01"}"""));
    }

    /// <summary>CMS-11: intervals with 1 to 10 deaths join the next, and what is left at the end is not shown. The broken twin, no rules, shows every interval.</summary>
    [Fact]
    public void Few_deaths_are_hidden()
    {
        double[][] rows = [.. Enumerable.Range(0, 60).Select(i => new double[] { i < 5 ? 1 : i < 20 ? 2 : i < 23 ? 3 : 9, i < 23 ? 1 : 0, 20_000, Day(2000, 5, 1), i % 2 })];
        var shown = Ask(rows, "[1,2,3]", "", new DisclosureRules([DisclosurePreset.Find("CMS-11")!])).Tables[0].Rows;
        Assert.Equal([(2.0, 60.0, 20.0), (2.0, 60.0, 20.0)], shown.Select(r => (r.Cells[1].Number!.Value, r.Cells[2].Number!.Value, r.Cells[3].Number!.Value)));
        Assert.Equal(6, Ask(rows, "[1,2,3]", "", DisclosureRules.None).Tables[0].Rows.Count);
        Assert.All(Ask(rows[..8], "[1,2,3]", "", new DisclosureRules([DisclosurePreset.Find("CMS-11")!])).Tables.SelectMany(t => t.Rows), r => Assert.Equal(AnswerKind.Suppressed, r.Answer));
    }

    private static int Day(int year, int month, int day) => new DateOnly(year, month, day).DayNumber;

    private static MethodPlan Plan(string edges, string more)
    {
        var text = $$"""{"time": "days", "event": "died", "age": "age", "diagnosed": "seen", "lifeTable": "people", "grid": {"edges": {{edges}} } {{more}} }""";
        return MethodList.Find("net-survival")!.Plan(JsonDocument.Parse(text).RootElement, Schema, new List<Fault>())!;
    }

    private static MethodResult Ask(double[][] rows, string edges, string more, DisclosureRules rules)
    {
        var plan = Plan(edges, more);
        return plan.Finish(Encode(plan, rows), NoiseModel.None, rules);
    }

    private static long[] Encode(MethodPlan plan, double[][] rows)
    {
        var total = new long[plan.Sums.VectorLength];
        plan.Sums.Encode(new Rows(rows), total);
        return total;
    }

    /// <summary>One counter of each interval: persons at risk, deaths, person-days, expected deaths, weights at the end of days.</summary>
    private static IEnumerable<long> Sums(double[][] rows, int column, string more = "") => Encode(Plan("[1,2,3]", more), rows).Skip(3).Chunk(9).Select(interval => interval[column]);

    /// <summary>Of each person days, death, age, day of diagnosis and sex.</summary>
    private sealed class Rows(double[][] rows) : IRows
    {
        public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException();

        public LifeTable LifeTable(string name) => Analyses.NetSurvival.LifeTable.Parse(Text, Agreed, Schema);

        public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
        {
            // As when data change while they are read: what the first reader took counts for nothing.
            begin()(rows[0]);
            var take = begin();
            foreach (var row in rows)
                take(row);
        }
    }
}
