using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Tests.Association;

/// <summary>
/// R 4.2's fisher.test on tables of R's veteran (treatment by cell type, and by prior therapy) and lung (sex by status) data. R finds odds ratios to four digits only; ours also
/// solve their equations.
/// </summary>
public sealed class FisherExactTests
{
    [Fact]
    public void Two_by_four()
    {
        var row = Fisher("celltype", [9, 15, 30, 15, 18, 12, 18, 20]);
        Assert.Equal(0.06989372809, row[3].Number!.Value, 1e-10);
    }

    [Theory]
    [InlineData(48, 21, 49, 19, 0.8513375120, 0.8870797462, 0.3961248676, 1.9769655060)]
    [InlineData(26, 112, 37, 53, 0.0004349142188, 0.3342709491, 0.1745852423, 0.6314080280)]
    public void Fourfold(long a, long b, long c, long d, double p, double odds, double lower, double upper)
    {
        var row = Fisher("two", [a, b, c, d]);
        Assert.Equal(p, row[3].Number!.Value, 1e-9 * p);
        Assert.Equal(odds, row[4].Number!.Value, 2e-4 * odds);
        Assert.Equal(lower, row[5].Number!.Value, 2e-4 * lower);
        Assert.Equal(upper, row[6].Number!.Value, 2e-4 * upper);
    }

    /// <summary>An empty cell has the odds ratio 0 or infinity, as in R, and an empty row has no test.</summary>
    [Fact]
    public void Empty_cells_and_rows()
    {
        Assert.Equal([0, 0], Fisher("two", [0, 5, 6, 4])[4..6].Select(c => c.Number!.Value));
        Assert.Equal(double.PositiveInfinity, Fisher("two", [5, 0, 4, 6])[6].Number);
        Assert.Null(Fisher("two", [0, 0, 4, 6])[3].Number);
    }

    [Fact]
    public void A_small_cell_hides_every_test()
    {
        var rules = new DisclosureRules([DisclosurePreset.Find("CMS-11")!]);
        var tables = Plan("two").Finish([48, 5, 49, 19], NoiseModel.None, rules).Tables;
        Assert.All(tables[1].Rows, r => Assert.True(r.Answer == AnswerKind.Suppressed && r.Cells.Skip(1).All(c => c is { Text: null, Number: null })));
        Assert.Equal(AnswerKind.Suppressed, tables[0].Rows[1].Answer);
        Assert.All(Plan("two").Finish([48, 21, 49, 19], NoiseModel.None, rules).Tables[1].Rows, r => Assert.Equal(AnswerKind.Value, r.Answer));
    }

    private static ResultCell[] Fisher(string columns, long[] cells) =>
        [.. Plan(columns).Finish(cells, NoiseModel.None, DisclosureRules.None).Tables[1].Rows.Single(r => r.Cells[0].Text == "Fisher exact").Cells];

    private static MethodPlan Plan(string columns)
    {
        static Variable Coded(string name, int codes) => new(name, VariableType.Category, name, null, [.. Enumerable.Range(1, codes).Select(c => new CategoryCode($"{c}", $"{c}"))], null, null);
        var schema = new StudySchema([Coded("rows", 2), Coded("two", 2), Coded("celltype", 4)]);
        return MethodList.Find("association")!.Plan(JsonSerializer.SerializeToElement(new { rows = "rows", columns }), schema, new List<Fault>())!;
    }
}
