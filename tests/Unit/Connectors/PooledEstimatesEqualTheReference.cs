using Consilience.Analyses;

namespace Consilience.Connectors.Tests;

/// <summary>R's summaries of fits that each site makes of its own rows: 10⁻⁶ relative; vectors/models/compute.R makes them. A site without rows is counted, and adds nothing.</summary>
public sealed class PooledEstimatesEqualTheReference
{
    private const string Efron = """{"method": "cox", "model": {"formula": "Surv(edrel, rel) ~ score(histol) + score(stage) + age"}}""";

    private static readonly ReferenceFigures Figures = new("models/nwtco.csv");

    [Fact]
    public void Five_Cox_fits()
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row % 5, 6);
        Same("meta.cox", sites.Fit("meta-analysis", Efron, out _), 1, 1, 5);
    }

    /// <summary>The published pooling of five Efron fits: 1.599155296 with standard error 0.08897649896.</summary>
    [Fact]
    public void The_reference_says_what_was_published() =>
        Assert.Equal((1.599155296, 0.354417418, 0.088976499), (Math.Round(Figures["meta.cox.together.1"], 9), Math.Round(Figures["meta.cox.together.2"], 9), Math.Round(Figures["meta.cox.together.4"], 9)));

    /// <summary>In Switzerland every woman has the disease: a logistic regression on sex has no estimates there.</summary>
    [Theory]
    [InlineData("meta.logistic", """{"method": "glm", "model": {"formula": "disease ~ age + sex + exang"}}""", 3)]
    [InlineData("meta.linear", """{"method": "glm", "model": {"formula": "thalach ~ age + sex", "family": "gaussian"}}""", 4)]
    public void Fits_of_hospitals(string figure, string parameters, int hospitals)
    {
        using var folder = new TemporaryFolder();
        using var sites = HeartAndQuine.AtHospitals(folder);
        var result = sites.Fit("meta-analysis", parameters, out var rounds);
        Assert.InRange(rounds, 1, 6);
        Same(figure, result, 2, 5 - hospitals, hospitals);
    }

    /// <summary>One site has no relapse of unfavourable histology, one nobody of stage 4, one has three persons: none has estimates of its own, and the rest are pooled without them.</summary>
    [Fact]
    public void Sites_whose_fit_has_no_estimates_are_counted_and_left_out()
    {
        using var folder = new TemporaryFolder();
        string[] rows = [.. File.ReadLines(Wilms.File).Skip(1)];
        string[] Cells(int row) => rows[row].Split(',');
        int SiteOf(int row) => row < 3 ? 7 : (row % 7, Cells(row)[3], Cells(row)[6], Cells(row)[4]) switch { (5, "2", "1", _) => 0, (6, _, _, "4") => 1, var (site, _, _, _) => site };
        const string Parameters = """{"method": "cox", "model": {"formula": "Surv(edrel, rel) ~ histol + stage"}}""";
        using var all = new SplitSites(folder, Wilms.File, Wilms.Schema, SiteOf, 8);
        using var five = new SplitSites(folder, Wilms.File, Wilms.Schema, SiteOf, 5);
        var (result, without) = (all.Fit("meta-analysis", Parameters, out _), five.Fit("meta-analysis", Parameters, out _));
        Assert.Equal([5, 3], Table(result, "fit").Rows[0].Cells.Take(2).Select(c => c.Number!.Value));
        Assert.Equal(Table(without, "pooled").Rows.SelectMany(r => r.Cells), Table(result, "pooled").Rows.SelectMany(r => r.Cells));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void No_site_and_one_site_are_answered(int persons)
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Wilms.File, Wilms.Schema, row => persons == 0 ? 9 : 0, 2);
        var result = sites.Fit("meta-analysis", Efron, out _);
        Assert.Equal(persons, Table(result, "fit").Rows[0].Cells[0].Number);
        Assert.Equal(persons == 0, Table(result, "pooled").Rows[0].Cells[2].Number is null);
        Assert.All(result.Tables.SelectMany(t => t.Rows).SelectMany(r => r.Cells), c => Assert.True(c.Number is null || double.IsFinite(c.Number.Value)));
    }

    /// <summary>The broken twins: estimates of another number of sites, and random effects that are weighed as fixed ones.</summary>
    [Fact]
    public void Other_sites_and_weights_that_leave_differences_out_are_noticed()
    {
        using var folder = new TemporaryFolder();
        using var four = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row % 4, 4);
        Assert.NotInRange(Table(four.Fit("meta-analysis", Efron, out _), "pooled").Rows[0].Cells[2].Number!.Value / Figures["meta.cox.1.1"], 1 - 1e-6, 1 + 1e-6);
        Assert.NotInRange(Figures["meta.linear.2.1"] / Figures["meta.linear.2.3"], 1 - 1e-6, 1 + 1e-6);
    }

    /// <param name="figure">Beginning of the figures' names.</param>
    /// <param name="result">Of the last round.</param>
    /// <param name="first">R's number of the first coefficient that is not the intercept.</param>
    /// <param name="without">Sites that have no estimates.</param>
    /// <param name="sites">That have some.</param>
    private static void Same(string figure, MethodResult result, int first, int without, int sites)
    {
        Assert.Equal((sites, without, "yes"), (Table(result, "fit").Rows[0].Cells[0].Number, Table(result, "fit").Rows[0].Cells[1].Number, Table(result, "fit").Rows[0].Cells[3].Text));
        var (pooled, differences) = (Table(result, "pooled").Rows, Table(result, "heterogeneity").Rows);
        var together = pooled.Where(r => r.Cells[1].Text == "fixed effect, together").ToList();
        Figures.Same($"{figure}.together", 1e-6, [.. together.Select(r => r.Cells[2].Number), .. together.Select(r => r.Cells[3].Number)]);
        for (var i = 0; i < differences.Count; i++)
        {
            var (one, random, differ) = (pooled[2 * i].Cells, pooled[(2 * i) + 1].Cells, differences[i].Cells);
            Figures.Same($"{figure}.{first + i}", 1e-6, one[2].Number, one[3].Number, random[2].Number, random[3].Number, differ[1].Number, differ[3].Number, differ[4].Number, differ[5].Number);
        }
    }

    private static ResultTable Table(MethodResult result, string name) => result.Tables.Single(t => t.Name == name);
}
