using Consilience.Analyses;
using Consilience.Analyses.Schema;

namespace Consilience.Connectors.Tests;

/// <summary>R's figures for numbers described and compared, on the UCI Heart Disease data at their four real sites and one without rows: 10⁻⁹ relative; vectors/describe/compute.R makes them.</summary>
public sealed class NumbersDescribedEqualTheReference
{
    private static readonly ReferenceFigures Figures = new("describe/figures.csv");
    private static readonly string File = Path.Combine(AppContext.BaseDirectory, "vectors", "describe", "heart.csv");
    private static readonly string[] Sites = [.. System.IO.File.ReadLines(File).Skip(1).Select(l => l.Split(',')[1])];
    private static readonly string[] Names = ["cleveland", "hungarian", "switzerland", "va", "nobody"];

    private static readonly StudySchema Schema = new(
    [
        Wilms.Category("sex", "0", "1"), Number("age", VariableType.Integer, 0, 120), Number("trestbps", VariableType.Integer, 0, 300), Number("chol", VariableType.Integer, 0, 1000),
        Number("thalach", VariableType.Integer, 0, 300), Number("oldpeak", VariableType.Real, -10, 10),
    ]);

    private const string Five = """ "variables": ["age", "trestbps", "chol", "thalach", "oldpeak"] """;

    [Theory]
    [InlineData("age")]
    [InlineData("chol")]
    [InlineData("oldpeak")]
    public void Moments(string variable) => Figures.Same($"moments.{variable}", 1e-9, Numbers(Ask("moments", $$"""{"variable": "{{variable}}"}"""), "moments"));

    [Fact]
    public void Moments_by_group() => Figures.Same("moments.oldpeak.sex", 1e-9, Numbers(Ask("moments", """{"variable": "oldpeak", "by": ["sex"]}"""), "moments"));

    [Fact]
    public void T_tests()
    {
        var tests = Ask("t-test", """{"variable": "oldpeak", "by": ["sex"]}""").Tables.Single(t => t.Name == "test").Rows;
        Assert.All(tests, t => Figures.Same($"t.{t.Cells[0].Text}", 1e-9, [.. t.Cells.Skip(1).Select(c => c.Number)]));
    }

    /// <summary>The published test of age at diagnosis between children with and without relapse: t = −6.487326948, p = 1.662797428·10⁻¹⁰.</summary>
    [Fact]
    public void The_published_t_test()
    {
        using var data = Wilms.Open();
        var welch = Asked.Ask(data, "t-test", """{"variable": "age", "by": ["rel"]}""").Tables[1].Rows[0].Cells;
        Assert.Equal((-6.487326948, 1.662797428), (Math.Round(welch[3].Number!.Value, 9), Math.Round(welch[5].Number!.Value * 1e10, 9)));
    }

    [Fact]
    public void Correlations()
    {
        var result = Ask("correlation", $$"""{ {{Five}} }""");
        Assert.Equal(827, result.Tables[0].Rows[0].Cells[0].Number);
        Assert.Equal(10, result.Tables[1].Rows.Count);
        Assert.All(result.Tables[1].Rows, r => Figures.Same($"cor.{r.Cells[0].Text}.{r.Cells[1].Text}", 1e-9, [.. r.Cells.Skip(2).Select(c => c.Number)]));
    }

    [Theory]
    [InlineData("correlations")]
    [InlineData("covariances")]
    public void Principal_components(string of)
    {
        var result = Ask("principal-components", $$"""{ {{Five}}, "of": "{{of}}" }""");
        Figures.Same($"pca.{of}", 1e-9, [.. result.Tables[1].Rows.Select(r => r.Cells[1].Number), .. result.Tables[2].Rows.Select(r => r.Cells[2].Number)]);
        Assert.Equal(1, result.Tables[1].Rows[^1].Cells[^1].Number!.Value, 12);
    }

    /// <summary>Published correlations, and variances of the components of five scaled numbers.</summary>
    [Fact]
    public void The_reference_says_what_was_published()
    {
        Assert.Equal((0.256001026, -0.363164862), (Math.Round(Figures["cor.age.trestbps.1"], 9), Math.Round(Figures["cor.age.thalach.1"], 9)));
        Assert.Equal([1.686262972, 1.188747794, 0.827779626, 0.702788386, 0.594421222], Enumerable.Range(1, 5).Select(i => Math.Round(Math.Pow(Figures[$"pca.correlations.{i}"], 2), 9)));
    }

    /// <summary>The broken twin leaves one site out.</summary>
    [Fact]
    public void A_site_that_is_left_out_is_noticed()
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, File, Schema, row => Array.IndexOf(Names, Sites[row]), 3);
        Assert.NotInRange(sites.Ask("moments", """{"variable": "oldpeak"}""").Tables[0].Rows[0].Cells[1].Number!.Value / Figures["moments.oldpeak.2"], 0.999, 1.001);
    }

    [Theory]
    [InlineData("t-test", """{"variable": "age", "by": ["sex"]}""")]
    [InlineData("moments", """{"variable": "age", "by": ["sex"]}""")]
    [InlineData("correlation", """{"variables": ["age", "oldpeak"]}""")]
    [InlineData("principal-components", """{"variables": ["age", "oldpeak"]}""")]
    public void Nobody_one_person_and_persons_who_do_not_differ_are_answered(string method, string parameters)
    {
        using var folder = new TemporaryFolder();
        foreach (var rows in new[] { "", "0,50,1.5\n", "0,50,1.5\n1,50,1.5\n", "0,50,1.5\n1,50,1.5\n0,50,1.5\n1,50,1.5\n0,50,1.5\n" })
        {
            using var data = Asked.Open(folder.Write("few.csv", "sex,age,oldpeak\n" + rows), new StudySchema([.. Schema.Variables.Where(v => v.Name is "sex" or "age" or "oldpeak")]));
            var cells = Asked.Ask(data, method, parameters).Tables.SelectMany(t => t.Rows).SelectMany(r => r.Cells).Select(c => c.Number).OfType<double>();
            Assert.All(cells, c => Assert.True(double.IsFinite(c)));
        }
    }

    private static Variable Number(string name, VariableType type, decimal least, decimal most) => new(name, type, name, null, [], least, most);

    private static double?[] Numbers(MethodResult result, string table) =>
        [.. result.Tables.Single(t => t.Name == table).Rows.SelectMany(r => r.Cells.Where(c => c.Text is null).Select(c => c.Number))];

    private static MethodResult Ask(string method, string parameters)
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, File, Schema, row => Array.IndexOf(Names, Sites[row]), Names.Length);
        return sites.Ask(method, parameters);
    }
}
