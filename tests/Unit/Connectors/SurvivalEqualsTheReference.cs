using Consilience.Analyses;

namespace Consilience.Connectors.Tests;

/// <summary>
/// R's figures for curves, quartiles, hazards, restricted means and tests on four cohorts, each scattered over five sites and one without rows: 10⁻⁹ relative; vectors/survival/compute.R makes them. Sites that are strata have rows in turn.
/// </summary>
public sealed class SurvivalEqualsTheReference
{
    private static readonly ReferenceFigures Figures = new("survival/figures.csv");
    private static readonly string[] Types = ["log-log", "log", "plain"];

    private static MethodResult Ask(string set, string method, string more)
    {
        using var folder = new TemporaryFolder();
        using var sites = SurvivalData.Of(set).Scattered(folder);
        return sites.Ask(method, $$"""{ {{SurvivalData.Of(set).Daily}} {{more}} }""");
    }

    private static string By(string by) => by == "all" ? "" : $""", "by": ["{by}"] """;

    [Theory]
    [InlineData("wilms", "all")]
    [InlineData("wilms", "histol")]
    [InlineData("wilms", "stage")]
    [InlineData("veteran", "all")]
    [InlineData("veteran", "trt")]
    [InlineData("lung", "all")]
    [InlineData("lung", "sex")]
    [InlineData("colrec", "all")]
    [InlineData("colrec", "stage")]
    public void Curves_and_quartiles_with_every_kind_of_limit(string set, string by)
    {
        foreach (var type in Types)
        {
            var groups = Ask(set, "kaplan-meier", $$"""{{By(by)}}, "confidence": {"type": "{{type}}"}""").Groups;
            var points = groups.SelectMany(g => g.Curve!.Where(p => SurvivalData.Of(set).Days.Contains((double)p.Time)));
            Figures.Same($"km.{set}.{by}.{type}", 1e-9, [.. points.SelectMany(p => new[] { p.AtRisk, p.Survival, p.StandardError, p.Lower, p.Upper })]);
            var times = groups.SelectMany(g => new[] { g.FirstQuartile!, g.Median!, g.ThirdQuartile! });
            Figures.Same($"quartiles.{set}.{by}.{type}", 1e-12, [.. times.SelectMany(t => new[] { t.Value, t.Lower, t.Upper })]);
        }
    }

    /// <summary>Published of the Wilms data: exits placed on weeks, months and quarters, free of relapse after five years.</summary>
    [Theory]
    [InlineData("1", 0.8529198286)]
    [InlineData("7", 0.8529758196)]
    [InlineData("30.4375", 0.8532163803)]
    [InlineData("91.3125", 0.8541721671)]
    public void On_coarser_grids(string step, double published)
    {
        using var folder = new TemporaryFolder();
        using var sites = SurvivalData.Of("wilms").Scattered(folder);
        var curve = sites.Ask("kaplan-meier", $$"""{"time": "edrel", "event": "rel", "grid": {"from": {{step}}, "to": 6400, "step": {{step}} } }""").Groups.Single().Curve!;
        Assert.Equal(published, curve.Last(p => p.Time <= 1825).Survival, 1e-10);
    }

    /// <summary>The published quartiles of the Veterans' trial: the second arm's curve stands at exactly one half from day 52 to day 53.</summary>
    [Fact]
    public void A_flat_step_at_one_half_has_its_middle()
    {
        var second = Ask("veteran", "kaplan-meier", By("trt")).Groups[1];
        Assert.Equal((24.5, 52.5, 140), (second.FirstQuartile!.Value, second.Median!.Value, second.ThirdQuartile!.Value));
    }

    [Theory]
    [InlineData("wilms")]
    [InlineData("veteran")]
    [InlineData("lung")]
    [InlineData("colrec")]
    public void Cumulative_hazards_with_either_handling_of_ties(string set)
    {
        foreach (var (ctype, ties) in new[] { (1, "nelson-aalen"), (2, "fleming-harrington") })
        {
            var rows = Ask(set, "nelson-aalen", $$""", "ties": "{{ties}}" """).Tables.Single().Rows.Where(r => SurvivalData.Of(set).Days.Contains(r.Cells[0].Number!.Value));
            Figures.Same($"hazard.{set}.{ctype}", 1e-9, [.. rows.SelectMany(r => new[] { r.Cells[3].Number, r.Cells[4].Number })]);
        }
    }

    [Theory]
    [InlineData("wilms", "histol", 1825)]
    [InlineData("wilms", "stage", 1825)]
    [InlineData("veteran", "trt", 365)]
    [InlineData("lung", "sex", 730)]
    public void Restricted_means(string set, string by, int horizon)
    {
        var rows = Ask(set, "restricted-mean", $$"""{{By(by)}}, "horizon": {{horizon}} """).Tables.Single(t => t.Name == "means").Rows;
        Figures.Same($"rmean.{set}.{by}", 1e-9, [.. rows.SelectMany(r => new[] { r.Cells[3].Number, r.Cells[4].Number })]);
    }

    [Theory]
    [InlineData("wilms", "histol")]
    [InlineData("wilms", "stage")]
    [InlineData("veteran", "trt")]
    [InlineData("veteran", "celltype")]
    [InlineData("lung", "sex")]
    [InlineData("colrec", "stage")]
    public void Log_rank_tests(string set, string by)
    {
        foreach (var rho in new[] { 0, 1 })
            Figures.Same($"logrank.{set}.{by}.{rho}", 1e-9, Tested(Ask(set, "log-rank", $$"""{{By(by)}}, "rho": {{rho}} """)));
    }

    [Theory]
    [InlineData("wilms", "histol", 5)]
    [InlineData("wilms", "stage", 5)]
    [InlineData("veteran", "trt", 3)]
    [InlineData("veteran", "celltype", 3)]
    [InlineData("lung", "sex", 3)]
    public void Log_rank_tests_with_each_site_a_stratum(string set, string by, int number)
    {
        foreach (var rho in new[] { 0, 1 })
            Figures.Same($"logrank.sites.{set}.{by}.{rho}", 1e-9, Tested(AskInTurn(set, number, $$"""{{By(by)}}, "rho": {{rho}}, "sites": "strata" """)));
    }

    [Fact]
    public void Log_rank_tests_within_strata_and_within_those_of_each_site()
    {
        const string Within = """, "by": ["trt"], "strata": ["celltype"] """;
        Figures.Same("logrank.strata.veteran", 1e-9, Tested(Ask("veteran", "log-rank", Within)));
        Figures.Same("logrank.both.veteran", 1e-9, Tested(AskInTurn("veteran", 3, $$"""{{Within}}, "sites": "strata" """)));
    }

    /// <summary>The broken twin adds the sites' tables up before it tests.</summary>
    [Fact]
    public void Sites_that_are_pooled_where_they_are_strata_are_noticed() =>
        Assert.NotInRange(Tested(AskInTurn("lung", 3, By("sex")))[0]!.Value / Figures["logrank.sites.lung.sex.0.1"], 1 - 1e-3, 1 + 1e-3);

    private static MethodResult AskInTurn(string set, int number, string more)
    {
        using var folder = new TemporaryFolder();
        using var sites = SurvivalData.Of(set).InTurn(folder, number);
        return sites.Ask("log-rank", $$"""{ {{SurvivalData.Of(set).Daily}} {{more}} }""");
    }

    /// <summary>χ², observed and expected events.</summary>
    private static double?[] Tested(MethodResult result)
    {
        var groups = result.Tables.Single(t => t.Name == "groups").Rows;
        return [result.Tables.Single(t => t.Name == "test").Rows.Single().Cells[0].Number, .. groups.Select(g => g.Cells[^2].Number), .. groups.Select(g => g.Cells[^1].Number)];
    }
}
