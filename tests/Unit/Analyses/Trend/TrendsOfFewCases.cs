using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Tests.Trend;

/// <summary>What has no trend is answered with no figure; what has one, from the cells that tell of it.</summary>
public sealed class TrendsOfFewCases
{
    private static readonly StudySchema Schema = new(
        [new("year", VariableType.Integer, "year", null, [], 2001, 2004), new("age", VariableType.Category, "age", null, [new("young", "young"), new("old", "old")], null, null)]);

    private static IReadOnlyList<ResultTable> Ask(params long[] cells)
    {
        var parameters = new { period = new { variable = "year", edges = new[] { 2001, 2002, 2003 } }, age = "age", population = Enumerable.Repeat(new[] { 1000, 500 }, 4), standard = new[] { 2, 1 } };
        return MethodList.Find("trend")!.Plan(JsonSerializer.SerializeToElement(parameters), Schema, new List<Fault>())!.Finish(cells, NoiseModel.None, DisclosureRules.None).Tables;
    }

    private static double? Slope(IReadOnlyList<ResultTable> tables, int method) => tables.Single(t => t.Name == "trend").Rows[method].Cells[1].Number;

    [Fact]
    public void Nobody_has_no_trend() => Assert.All(Ask(0, 0, 0, 0, 0, 0, 0, 0).Skip(1).SelectMany(t => t.Rows), r => Assert.All(r.Cells.Skip(1), c => Assert.Null(c.Number)));

    /// <summary>10, 20, 40 and 80 cases of 1,000: doubled every year, by both methods and exactly.</summary>
    [Fact]
    public void Cases_that_double_every_year()
    {
        var tables = Ask(10, 0, 20, 0, 40, 0, 80, 0);
        Assert.Equal(Math.Log(2), Slope(tables, 0)!.Value, 12);
        Assert.Equal(Math.Log(2), Slope(tables, 1)!.Value, 9);
        Assert.Equal(100, tables.Single(t => t.Name == "trend").Rows[1].Cells[7].Number!.Value, 6);
        // The old have no case in any year, so neither model is about them.
        Assert.Equal((4, 4), (tables[^1].Rows[0].Cells[1].Number, tables[^1].Rows[1].Cells[1].Number));
        Assert.Null(tables.Single(t => t.Name == "age-period").Rows[1].Cells[1].Number);
    }
}
