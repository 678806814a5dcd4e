using Consilience.Analyses;

namespace Consilience.Connectors.Tests;

/// <summary>
/// R's Cox fits with one baseline hazard for all, rows scattered over five sites and one without any, and with one for each site; and R's tests of proportional hazards of both: 10⁻⁶ relative; vectors/survival/compute.R makes the figures.
/// </summary>
public sealed class HazardRatiosEqualTheReference
{
    private static readonly ReferenceFigures Figures = new("survival/figures.csv");

    [Theory]
    [InlineData("wilms", "wilms.trend", "score(histol) + score(stage) + age")]
    [InlineData("wilms", "wilms.factors", "histol + stage + age")]
    [InlineData("veteran", "veteran.all", "score(trt) + karno + age + diagtime + prior")]
    [InlineData("veteran", "veteran.cells", "score(trt) + karno + celltype")]
    [InlineData("lung", "lung", "age + score(sex) + ecog")]
    [InlineData("colrec", "colrec", "age_days + sex + stage + site")]
    public void Of_all_sites_together(string set, string figure, string covariates)
    {
        foreach (var ties in new[] { "efron", "breslow" })
        {
            string[] transforms = set == "colrec" ? [] : ["km", "rank", "identity", "log"];
            var pooled = $$""", "sites": "pooled", "grid": {"from": 1, "to": {{SurvivalData.Of(set).Last}}, "step": 1}""";
            if (transforms.Length == 0)
                Same($"{figure}.{ties}", Fit(set, covariates, ties, pooled));
            foreach (var transform in transforms)
            {
                var result = Fit(set, covariates, ties, $$"""{{pooled}}, "proportionality": "{{transform}}" """);
                Same($"{figure}.{ties}", result);
                Figures.Same($"{figure}.{ties}.{transform}", 1e-6, [.. result.Tables.Single(t => t.Name == "proportionality").Rows.Select(r => r.Cells[1].Number)]);
            }
        }
    }

    /// <summary>On the published days, of a child whose histology and stage are 0 and whose age is 0; 0.00200486 after half a year is published for Breslow's ties.</summary>
    [Fact]
    public void The_baseline_hazard_of_all_sites_together()
    {
        double[] days = [180, 365, 730, 1095, 1825, 3650];
        foreach (var ties in new[] { "efron", "breslow" })
        {
            var baseline = Fit("wilms", "score(histol) + score(stage) + age", ties, $$""", "sites": "pooled", "grid": {"from": 1, "to": {{SurvivalData.Of("wilms").Last}}, "step": 1}""").Tables.Single(t => t.Name == "baseline").Rows;
            Figures.Same($"baseline.wilms.{ties}", 1e-6, [.. days.Select(day => baseline.Last(r => r.Cells[0].Number <= day).Cells[1].Number)]);
        }

        Assert.Equal(0.002004860236, Figures["baseline.wilms.breslow.1"], 1e-12);
        Assert.DoesNotContain(Fit("wilms", "histol", "efron", "").Tables, t => t.Name == "baseline");
    }

    [Theory]
    [InlineData("7")]
    [InlineData("30.4375")]
    [InlineData("91.3125")]
    public void On_coarser_grids(string step)
    {
        foreach (var ties in new[] { "efron", "breslow" })
            Same($"grid{step}.{ties}", Fit("wilms", "score(histol) + score(stage) + age", ties, $$""", "sites": "pooled", "grid": {"from": {{step}}, "to": 6400, "step": {{step}}}"""));
    }

    [Theory]
    [InlineData("wilms", "score(histol) + score(stage) + age", 5)]
    [InlineData("lung", "age + score(sex) + ecog", 3)]
    public void With_each_site_a_baseline_of_its_own(string set, string covariates, int number)
    {
        foreach (var (ties, transform) in new[] { ("efron", "identity"), ("efron", "log"), ("breslow", "identity"), ("breslow", "log") })
        {
            var result = Fit(set, covariates, ties, $$""", "proportionality": "{{transform}}" """, number);
            Same($"sites.{set}.{ties}", result);
            Figures.Same($"sites.{set}.{ties}.{transform}", 1e-6, [.. result.Tables.Single(t => t.Name == "proportionality").Rows.Select(r => r.Cells[1].Number)]);
        }
    }

    /// <summary>The published pooled fit of the Wilms data: 1.592666915 with Efron's ties, 1.592206581 with Breslow's. The broken twin has each site a baseline of its own.</summary>
    [Fact]
    public void Sites_that_are_strata_where_they_are_pooled_are_noticed()
    {
        Assert.Equal((1.592666915, 1.592206581), (Math.Round(Figures["wilms.trend.efron.1"], 9), Math.Round(Figures["wilms.trend.breslow.1"], 9)));
        var result = Fit("wilms", "score(histol) + score(stage) + age", "efron", "");
        Assert.NotInRange((result.Tables[0].Rows[0].Cells[1].Number!.Value / Figures["wilms.trend.efron.1"]) - 1, -1e-6, 1e-6);
    }

    /// <summary>Rows scattered over sites, unless they come in turn; a fit without result would have no coefficients to compare.</summary>
    private static MethodResult Fit(string set, string covariates, string ties, string more, int inTurn = 0)
    {
        var data = SurvivalData.Of(set);
        using var folder = new TemporaryFolder();
        using var sites = inTurn == 0 ? data.Scattered(folder) : data.InTurn(folder, inTurn);
        return sites.Fit("cox", $$"""{"formula": "Surv({{data.Time}}, {{data.Event}}) ~ {{covariates}}", "ties": "{{ties}}" {{more}} }""", out _);
    }

    /// <summary>Of the Wilms data with Breslow's ties: 541.1505426.</summary>
    [Fact]
    public void The_score_test_that_is_published()
    {
        Assert.Equal(541.1505426, Figures["wilms.trend.breslow.10"], 1e-7);
        var fit = Fit("wilms", "score(histol) + score(stage) + age", "breslow", $$""", "sites": "pooled", "grid": {"from": 1, "to": {{SurvivalData.Of("wilms").Last}}, "step": 1}""").Tables.Single(t => t.Name == "fit").Rows.Single();
        Assert.Equal(541.1505426, fit.Cells[8].Number!.Value, 1e-6);
    }

    private static IEnumerable<double?> Of(ResultRow row, params int[] cells) => cells.Select(c => row.Cells[c].Number);

    private static void Same(string figure, MethodResult result)
    {
        var (coefficients, fit) = (result.Tables.Single(t => t.Name == "coefficients").Rows, result.Tables.Single(t => t.Name == "fit").Rows.Single());
        Figures.Same(figure, 1e-6, [.. coefficients.Select(r => r.Cells[1].Number), .. coefficients.Select(r => r.Cells[2].Number), .. Of(fit, 3, 4, 10, 8)]);
    }
}
