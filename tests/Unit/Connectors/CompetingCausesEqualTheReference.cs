using Consilience.Analyses;
using Consilience.Analyses.Schema;

namespace Consilience.Connectors.Tests;

/// <summary>R's figures for competing causes, on the Mayo Clinic's trial in primary biliary cholangitis split over five sites and one without rows: 10⁻⁹ relative; vectors/competing-risks/compute.R makes them.</summary>
public sealed class CompetingCausesEqualTheReference
{
    private static readonly ReferenceFigures Figures = new("competing-risks/figures.csv");
    private static readonly string File = Path.Combine(AppContext.BaseDirectory, "vectors", "competing-risks", "pbc.csv");
    private static readonly double[] Days = [365, 1000, 2000, 3000, 4000];

    private static readonly StudySchema Schema = new(
    [
        Wilms.Category("status", "0", "1", "2"), Wilms.Category("sex", "f", "m"), Wilms.Category("edema", "0", "0.5", "1"),
        new Variable("time", VariableType.Integer, "time", "days", [], 0, 6000),
    ]);

    private static string Daily(string more) => $$"""{"time": "time", "event": "status", "censored": "0", "grid": {"from": 1, "to": 5000, "step": 1} {{more}} }""";

    [Theory]
    [InlineData("log")]
    [InlineData("log-log")]
    public void Curves_of_both_causes(string type)
    {
        var rows = Ask(Daily($$""", "confidence": {"type": "{{type}}"}""")).Tables.Single().Rows;
        foreach (var cause in new[] { "1", "2" })
            Figures.Same($"{type}.{cause}", 1e-9, At(rows.Where(r => r.Cells[0].Text == cause), 1));
    }

    [Theory]
    [InlineData("m")]
    [InlineData("f")]
    public void Curves_by_group(string sex)
    {
        var rows = Ask(Daily(""", "by": ["sex"], "confidence": {"type": "log"}""")).Tables[0].Rows.Where(r => r.Cells[0].Text == sex);
        foreach (var cause in new[] { "1", "2" })
            Figures.Same($"log.{sex}.{cause}", 1e-9, At(rows.Where(r => r.Cells[1].Text == cause), 2));
    }

    [Theory]
    [InlineData("sex")]
    [InlineData("edema")]
    public void Grays_test(string by)
    {
        var tests = Ask(Daily($$""", "by": ["{{by}}"]""")).Tables.Single(t => t.Name == "test").Rows;
        Assert.All(tests, t => Figures.Same($"gray.{by}.{t.Cells[0].Text}", 1e-9, [.. t.Cells.Skip(1).Select(c => c.Number)]));
    }

    /// <summary>What causes are, together, is what nobody had: the curves and the product-limit curve of any event add up to 1.</summary>
    [Fact]
    public void Causes_add_up_to_everybody()
    {
        var rows = Ask(Daily("")).Tables.Single().Rows;
        double survival = 1;
        foreach (var (one, other) in rows.Take(5000).Zip(rows.Skip(5000)))
        {
            survival *= 1 - ((one.Cells[3].Number!.Value + other.Cells[3].Number!.Value) / Math.Max(1, one.Cells[2].Number!.Value));
            Assert.Equal(1, survival + one.Cells[4].Number!.Value + other.Cells[4].Number!.Value, 12);
        }
    }

    /// <summary>The broken twin takes one cause for censored, as product-limit curves of one cause do.</summary>
    [Fact]
    public void One_cause_taken_for_censoring_is_noticed()
    {
        var rows = Ask(Daily("").Replace("\"censored\": \"0\"", "\"censored\": \"1\"", StringComparison.Ordinal)).Tables.Single().Rows.Where(r => r.Cells[0].Text == "2");
        Assert.NotInRange(At(rows, 1)[8]!.Value / Figures["log.2.9"], 0.99, 1.01);
    }

    private static double?[] At(IEnumerable<ResultRow> rows, int time) =>
        [.. rows.Where(r => Days.Contains(r.Cells[time].Number!.Value)).SelectMany(r => r.Cells.Skip(time + 3).Select(c => c.Number))];

    private static MethodResult Ask(string parameters)
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, File, Schema, row => row % 5, 6);
        return sites.Ask("cumulative-incidence", parameters);
    }
}
