using Consilience.Analyses;
using Consilience.Analyses.Schema;

namespace Consilience.Connectors.Tests;

/// <summary>R's figures for completeness, histograms and rank sums, over five sites of which one has no rows: counts exactly, the rest 10⁻⁹ relative; vectors/describe/compute.R makes them.</summary>
public sealed class BinsAndRanksEqualTheReference
{
    private const string Months = """ "variable": "age", "grid": {"from": 0, "to": 195, "step": 15}, "quantiles": [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99] """;

    private static readonly ReferenceFigures Figures = new("describe/figures.csv");
    private static readonly string Heart = Path.Combine(AppContext.BaseDirectory, "vectors", "describe", "heart.csv");
    private static readonly string Lung = Path.Combine(AppContext.BaseDirectory, "vectors", "groups", "lung.csv");

    private static readonly StudySchema HeartSchema = new(
    [
        Wilms.Category("sex", "0", "1"), Number("chol", VariableType.Integer, 0, 1000), Number("thalach", VariableType.Integer, 0, 300), Number("oldpeak", VariableType.Real, -10, 10), Wilms.Category("ca", "0", "1", "2", "3"),
    ]);

    [Theory]
    [InlineData("chol")]
    [InlineData("thalach")]
    [InlineData("ca")]
    public void Completeness(string variable)
    {
        var rows = Ask(Heart, HeartSchema, "completeness", """{"variables": ["ca", "chol", "thalach"], "by": ["sex"]}""").Tables.Single().Rows.Where(r => r.Cells[1].Text == variable);
        Figures.Same($"known.{variable}", 0, [.. rows.SelectMany(r => r.Cells.Skip(2).Take(2).Select(c => c.Number))]);
    }

    [Fact]
    public void Shares_have_Wilson_limits() =>
        Figures.Same("known.share", 1e-9, [.. Ask(Heart, HeartSchema, "completeness", """{"variables": ["ca"]}""").Tables.Single().Rows.Single().Cells.Skip(3).Select(c => c.Number)]);

    [Fact]
    public void Histograms()
    {
        var result = Ask(Wilms.File, Wilms.Schema, "histogram", $$"""{ {{Months}} }""");
        var (bins, quantiles) = (result.Tables[0].Rows, result.Tables[1].Rows);
        Assert.Equal((195.0, double.PositiveInfinity, 0.0), (bins[^1].Cells[0].Number, bins[^1].Cells[1].Number, bins[^1].Cells[2].Number));
        Figures.Same("bins.counts", 0, [.. bins.SkipLast(1).Select(b => b.Cells[2].Number)]);
        Figures.Same("bins.density", 1e-9, [.. bins.SkipLast(1).Select(b => b.Cells[3].Number)]);
        Figures.Same("bins.quantiles", 1e-9, [.. quantiles.Select(q => q.Cells[1].Number)]);
        Figures.Same("bins.limits", 1e-9, [.. quantiles.Select(q => q.Cells[2].Number), .. quantiles.Select(q => q.Cells[3].Number)]);
    }

    /// <summary>The least edge is in the first bin, values below it in one of their own, and where the schema leaves none there is no such bin.</summary>
    [Theory]
    [InlineData(0, 3, new[] { 3.0, 2.0 })]
    [InlineData(-5, 3, new[] { 1.0, 3.0, 2.0 })]
    [InlineData(-5, 5, new[] { 1.0, 3.0, 2.0, 1.0 })]
    public void Edges_belong_where_R_puts_them(int least, int most, double[] counts)
    {
        using var folder = new TemporaryFolder();
        string[] values = [.. new[] { "0", "0.5", "1", "1.000000001", "3" }, .. least < 0 ? ["-0.000000001"] : Array.Empty<string>(), .. most > 3 ? ["3.000000001"] : Array.Empty<string>()];
        using var data = Asked.Open(folder.Write("x.csv", $"x\n{string.Join('\n', values)}\n"), new StudySchema([Number("x", VariableType.Real, least, most)]));
        Assert.Equal(counts, Asked.Ask(data, "histogram", """{"variable": "x", "grid": {"edges": [0, 1, 3]}}""").Tables[0].Rows.Select(r => r.Cells[2].Number!.Value));
    }

    [Theory]
    [InlineData("ranks.wilms", """{"variable": "age", "by": ["rel"]}""")]
    [InlineData("ranks.oldpeak", """{"variable": "oldpeak", "by": ["sex"], "grid": {"edges": [-1, 0, 0.5, 1, 2, 3]}}""")]
    public void Rank_sums(string figure, string parameters)
    {
        var rows = (figure == "ranks.wilms" ? Ask(Wilms.File, Wilms.Schema, "mann-whitney", parameters) : Ask(Heart, HeartSchema, "mann-whitney", parameters)).Tables[1].Rows;
        Figures.Same(figure, 1e-9, rows[0].Cells[1].Number, rows[0].Cells[2].Number, rows[0].Cells[4].Number, rows[1].Cells[4].Number);
    }

    [Fact]
    public void Moments_and_quantiles_of_other_studies()
    {
        using var folder = new TemporaryFolder();
        var years = folder.Write("years.csv", "age\n" + string.Concat(File.ReadLines(Wilms.File).Skip(1).Select(l => $"{decimal.Parse(l.Split(',')[8]) / 12:0.000000000}\n")));
        Figures.Same("moments.wilms", 1e-9, Moments(Wilms.File, Number("age", VariableType.Integer, 0, 300)));
        Figures.Same("moments.wilms.years", 1e-8, Moments(years, Number("age", VariableType.Real, 0, 25)));
        Figures.Same("moments.lung", 1e-9, Moments(Lung, Number("age", VariableType.Integer, 0, 120)));
        var quantiles = Ask(Heart, HeartSchema, "distribution", """{"variable": "chol", "quantiles": [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]}""").Tables[1].Rows;
        Figures.Same("quantiles.chol", 1e-12, [.. quantiles.Select(q => q.Cells[1].Number)]);
    }

    [Theory]
    [InlineData("completeness", """{"variables": ["age"], "by": ["rel"]}""")]
    [InlineData("histogram", """{"variable": "age", "by": ["rel"], "grid": {"edges": [0, 10, 20]}}""")]
    [InlineData("mann-whitney", """{"variable": "age", "by": ["rel"]}""")]
    public void Nobody_one_person_and_persons_who_do_not_differ_are_answered(string method, string parameters)
    {
        using var folder = new TemporaryFolder();
        var schema = new StudySchema([.. Wilms.Schema.Variables.Where(v => v.Name is "rel" or "age")]);
        foreach (var rows in new[] { "", "true,5\n", "true,5\nfalse,5\n", "true,\nfalse,\n", "true,5\ntrue,6\ntrue,250\n" })
        {
            using var data = Asked.Open(folder.Write("few.csv", "rel,age\n" + rows), schema);
            var cells = Asked.Ask(data, method, parameters).Tables.SelectMany(t => t.Rows).SelectMany(r => r.Cells).Select(c => c.Number).OfType<double>();
            Assert.All(cells, c => Assert.True(double.IsFinite(c) || c is double.PositiveInfinity));
        }
    }

    /// <summary>The broken twins: one site left out, and quantiles that average those of sites.</summary>
    [Fact]
    public void A_site_left_out_and_averages_of_sites_are_noticed()
    {
        using var folder = new TemporaryFolder();
        using var fewer = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row % 5, 4);
        Assert.NotEqual(Figures["bins.counts.1"], fewer.Ask("histogram", $$"""{ {{Months}} }""").Tables[0].Rows[0].Cells[2].Number);
        var averaged = Enumerable.Range(0, 5).Average(s =>
        {
            using var one = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row % 5 == s ? 0 : 1, 1);
            return one.Ask("histogram", $$"""{ {{Months}} }""").Tables[1].Rows[4].Cells[1].Number!.Value;
        });
        Assert.NotInRange(averaged / Figures["bins.quantiles.5"], 1 - 1e-6, 1 + 1e-6);
    }

    private static double?[] Moments(string file, Variable age) => [.. Ask(file, new StudySchema([age]), "moments", """{"variable": "age"}""").Tables.Single().Rows.Single().Cells.Select(c => c.Number)];

    private static Variable Number(string name, VariableType type, decimal least, decimal most) => new(name, type, name, null, [], least, most);

    /// <summary>Rows without order over four sites; the fifth has none.</summary>
    private static MethodResult Ask(string file, StudySchema schema, string method, string parameters)
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, file, schema, row => row * 7919 % 101 % 4, 5);
        return sites.Ask(method, parameters);
    }
}
