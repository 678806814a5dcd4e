using Consilience.Analyses;

namespace Consilience.Connectors.Tests;

/// <summary>R's figures for fits that are asked in rounds, over sites that each sum up their own rows: 10⁻⁶ relative; vectors/models/compute.R makes them.</summary>
public sealed class ModelsEqualTheReference
{
    private static readonly ReferenceFigures Figures = new("models/nwtco.csv");

    [Theory]
    [InlineData("logistic", """{"formula": "rel ~ histol + stage + age"}""")]
    [InlineData("product", """{"formula": "rel ~ histol*age", "family": "binomial"}""")]
    [InlineData("classes", """{"formula": "rel ~ cut(age, 24, 48) + score(stage)"}""")]
    [InlineData("rates", """{"formula": "rel ~ histol + stage", "family": "poisson", "exposure": "edrel", "per": 365.25}""")]
    [InlineData("linear", """{"formula": "age ~ histol + stage", "family": "gaussian"}""")]
    public void Fits_over_five_sites_and_one_without_rows(string figure, string parameters)
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row % 5, 6);
        var result = sites.Fit("glm", parameters, out _);
        var (coefficients, fit) = (result.Tables.Single(t => t.Name == "coefficients"), result.Tables.Single(t => t.Name == "fit").Rows.Single());
        Assert.Equal("yes", fit.Cells[^1].Text);
        Same(figure, coefficients, fit.Cells[3].Number, fit.Cells[5].Number, fit.Cells[6].Number, fit.Cells[7].Number, fit.Cells[8].Number);
    }

    [Theory]
    [InlineData("heart", """{"formula": "disease ~ age + sex + cp + thalach + exang"}""")]
    [InlineData("heart.sites", """{"formula": "disease ~ age + sex + cp + thalach + exang + site"}""")]
    public void Heart_disease_at_four_hospitals(string figure, string parameters)
    {
        using var folder = new TemporaryFolder();
        using var sites = HeartAndQuine.AtHospitals(folder);
        var result = sites.Fit("glm", parameters, out _);
        var fit = result.Tables.Single(t => t.Name == "fit").Rows.Single().Cells;
        Assert.Equal((865, "yes"), (fit[0].Number, fit[^1].Text));
        Same(figure, result.Tables[0], fit[3].Number, fit[5].Number, fit[6].Number, fit[7].Number, fit[8].Number);
    }

    [Theory]
    [InlineData("quine", """{"formula": "Days ~ Eth + Sex + Age + Lrn", "family": "negative-binomial"}""")]
    [InlineData("relapses", """{"formula": "rel ~ histol + stage", "family": "negative-binomial", "exposure": "edrel", "per": 365.25}""")]
    public void Negative_binomial_counts(string figure, string parameters)
    {
        using var folder = new TemporaryFolder();
        using var sites = figure == "quine" ? new SplitSites(folder, HeartAndQuine.QuineFile, HeartAndQuine.Quine, row => row * 7 % 11 % 3, 4) : new SplitSites(folder, Wilms.File, Wilms.Schema, row => row % 5, 6);
        var result = sites.Fit("glm", parameters, out var rounds);
        var (rows, fit) = (result.Tables[0].Rows, result.Tables.Single(t => t.Name == "fit").Rows.Single().Cells);
        Assert.Equal("yes", fit[^1].Text);
        Assert.InRange(rounds, 3, 15);
        Figures.Same(figure, 1e-6, [.. rows.Select(r => r.Cells[1].Number), .. rows.Select(r => r.Cells[2].Number), fit[9].Number, fit[10].Number, fit[3].Number, fit[5].Number, fit[6].Number, 2 * fit[7].Number]);
    }

    /// <summary>Counts that vary less than Poisson's have no θ; that is said, and not looped on.</summary>
    [Fact]
    public void Counts_that_vary_too_little_have_no_theta()
    {
        using var folder = new TemporaryFolder();
        using var data = Asked.Open(folder.Write("even.csv", "Sex,Days\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{(i % 2 == 0 ? "F" : "M")},{4 + (i % 3)}\n"))), new([HeartAndQuine.Quine.Variables[1], HeartAndQuine.Quine.Variables[4]]));
        var path = new Analyses.Models.NewtonPath();
        var (at, result) = ("[0, 0, 0]", Asked.Ask(data, "glm", """{"formula": "Days ~ Sex", "family": "negative-binomial"}"""));
        var rounds = 1;
        for (; path.Next(result.Tables) is { } next; rounds++)
        {
            at = System.Text.Json.JsonSerializer.Serialize(next);
            result = Asked.Ask(data, "glm", $$"""{"formula": "Days ~ Sex", "family": "negative-binomial", "at": {{at}}}""");
        }

        Assert.InRange(rounds, 2, 60);
        Assert.StartsWith("no: ", result.Tables.Single(t => t.Name == "fit").Rows.Single().Cells[^1].Text, StringComparison.Ordinal);
        Assert.All(result.Tables[0].Rows, r => Assert.Null(r.Cells[1].Number));
    }

    /// <summary>The published dispersion of the relapse rates: 9.907866261.</summary>
    [Fact]
    public void The_reference_has_the_published_dispersion() => Assert.Equal(9.907866261, Math.Round(Figures["rates.20"], 9));

    [Theory]
    [InlineData("trend.efron", """{"formula": "Surv(edrel, rel) ~ score(histol) + score(stage) + age"}""")]
    [InlineData("trend.breslow", """{"formula": "Surv(edrel, rel) ~ score(histol) + score(stage) + age", "ties": "breslow"}""")]
    [InlineData("factors.efron", """{"formula": "Surv(edrel, rel) ~ histol*age", "strata": ["stage"], "ties": "efron"}""")]
    [InlineData("factors.breslow", """{"formula": "Surv(edrel, rel) ~ histol*age", "strata": ["stage"], "ties": "breslow"}""")]
    public void Hazard_ratios_with_each_site_a_stratum(string figure, string parameters)
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row % 5, 6);
        var result = sites.Fit("cox", parameters, out var rounds);
        Assert.InRange(rounds, 2, 8);
        var fit = result.Tables.Single(t => t.Name == "fit").Rows.Single();
        Assert.Equal((4028, 0, 571, "yes"), (fit.Cells[0].Number, fit.Cells[1].Number, fit.Cells[2].Number, fit.Cells[^1].Text));
        Same(figure, result.Tables.Single(t => t.Name == "coefficients"), fit.Cells[3].Number, fit.Cells[4].Number, fit.Cells[5].Number, fit.Cells[10].Number, fit.Cells[8].Number);
    }

    /// <summary>The broken twins: Breslow's ties for Efron's, and everybody at one site, where sites are no strata.</summary>
    [Theory]
    [InlineData("breslow", 5)]
    [InlineData("efron", 1)]
    public void Other_ties_and_other_strata_are_noticed(string ties, int number)
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row % number, number);
        var result = sites.Fit("cox", $$"""{"formula": "Surv(edrel, rel) ~ score(histol) + score(stage) + age", "ties": "{{ties}}"}""", out _);
        Assert.NotInRange((result.Tables[0].Rows[0].Cells[1].Number!.Value / Figures["trend.efron.1"]) - 1, -1e-6, 1e-6);
    }

    /// <summary>The published fits of five sites as strata: 1.593296 and 0.355018 with Efron's ties.</summary>
    [Fact]
    public void The_reference_says_what_was_published() =>
        Assert.Equal((1.593296350, 0.355017956, 0.005734551), (Math.Round(Figures["trend.efron.1"], 9), Math.Round(Figures["trend.efron.2"], 9), Math.Round(Figures["trend.efron.3"], 9)));

    private static void Same(string figure, ResultTable coefficients, params double?[] ofFit)
    {
        double?[] values = [.. Column(coefficients, 1), .. Column(coefficients, 2), .. Column(coefficients, 4), .. ofFit];
        for (var i = 0; i < values.Length; i++)
        {
            // A p value is compared by its logarithm: that of z = 26 moves 700 times as far as z does.
            var isP = i / coefficients.Rows.Count == 2;
            var (value, expected) = isP ? (Math.Log(values[i]!.Value), Math.Log(Figures[$"{figure}.{i + 1}"])) : (values[i]!.Value, Figures[$"{figure}.{i + 1}"]);
            Assert.True(value == expected || Math.Abs(value - expected) <= 1e-6 * Math.Abs(expected), $"{figure}.{i + 1}: {value:R} (expected {expected:R})");
        }
    }

    [Fact]
    public void However_rows_are_split_the_fit_is_the_same_to_the_last_digit()
    {
        const string Parameters = """{"formula": "rel ~ histol + stage + age"}""";
        using var folder = new TemporaryFolder();
        using var one = new SplitSites(folder, Wilms.File, Wilms.Schema, _ => 0, 1);
        using var many = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row * 31 % 7 % 4, 4);
        Assert.Equal(System.Text.Json.JsonSerializer.Serialize(one.Fit("glm", Parameters, out _)), System.Text.Json.JsonSerializer.Serialize(many.Fit("glm", Parameters, out _)));
    }

    /// <summary>The broken twin leaves one site's sums out.</summary>
    [Fact]
    public void A_site_that_is_left_out_is_noticed()
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row % 5, 4);
        var result = sites.Fit("glm", """{"formula": "rel ~ histol + stage + age"}""", out _);
        Assert.True(Math.Abs(result.Tables[0].Rows[1].Cells[1].Number!.Value - Figures["logistic.2"]) > 1e-3);
    }

    [Fact]
    public void A_fit_takes_few_rounds()
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row % 5, 5);
        sites.Fit("glm", """{"formula": "rel ~ histol + stage + age"}""", out var rounds);
        Assert.InRange(rounds, 3, 8);
        sites.Fit("glm", """{"formula": "age ~ histol", "family": "gaussian"}""", out rounds);
        Assert.Equal(1, rounds);
    }

    [Theory]
    [InlineData("rel ~ histol + cut(edrel, 0, 10000)", "no: covariates determine each other")]
    [InlineData("rel ~ histol + cut(edrel, 5000)", "no: a round on the way, or a covariate separates")]
    public void What_has_no_fit_is_reported_and_not_looped_on(string formula, string says)
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Wilms.File, Wilms.Schema, row => row % 2, 2);
        var result = sites.Fit("glm", $$"""{"formula": "{{formula}}"}""", out var rounds);
        Assert.StartsWith(says, result.Tables.Single(t => t.Name == "fit").Rows[0].Cells[^1].Text, StringComparison.Ordinal);
        Assert.All(result.Tables[0].Rows, r => Assert.Null(r.Cells[1].Number));
        Assert.InRange(rounds, 1, 30);
    }

    private static IEnumerable<double?> Column(ResultTable table, int column) => table.Rows.Select(r => r.Cells[column].Number);
}
