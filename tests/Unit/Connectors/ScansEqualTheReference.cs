using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using CsCheck;

namespace Consilience.Connectors.Tests;

/// <summary>R's score tests of 200 variants of 300 persons, 10⁻⁶ relative; <c>vectors/scan/compute.R</c> makes data and figures.</summary>
public sealed class ScansEqualTheReference
{
    private const string Logistic = """{"panel": "array", "formula": "relapse ~ age + sex"}""";
    private const string Linear = """{"panel": "array", "formula": "marker ~ age + sex", "family": "gaussian"}""";

    private static readonly ReferenceFigures Figures = new("scan/figures.csv");

    [Theory]
    [InlineData("logistic", Logistic)]
    [InlineData("linear", Linear)]
    public void At_three_sites_with_persons_and_genotypes_missing(string figure, string parameters)
    {
        using var sites = ScanSites.AsWritten();
        var result = sites.Scan(parameters);
        var model = result.Tables.Single(t => t.Name == "model").Rows.Single().Cells;
        Assert.Equal("yes", model[^1].Text);
        Figures.Same($"{figure}.model", 1e-6, model[0].Number, model[2].Number, model[3].Number, model[4].Number);
        var rows = result.Tables.Single(t => t.Name == "variants").Rows;
        Assert.Equal(200, rows.Count);
        for (var v = 0; v < rows.Count; v++)
            SameVariant($"{figure}.{v + 1}", [.. rows[v].Cells.Skip(1).Select(c => c.Number)]);
    }

    /// <summary>Persons, frequency, estimate, error, statistic, p. An estimate of less than a hundredth of its error is nothing: it is compared to 10⁻⁸ of the error.</summary>
    private static void SameVariant(string figure, double?[] values)
    {
        var error = Figures[$"{figure}.4"];
        foreach (var (place, least) in new[] { (1, 0), (2, 0), (3, error / 100), (4, 0), (5, 0.01), (6, 0) })
        {
            var (value, expected) = (values[place - 1], Figures[$"{figure}.{place}"]);
            Assert.True((value is null && double.IsNaN(expected)) || Math.Abs((value ?? double.NaN) - expected) <= 1e-6 * Math.Max(Math.Abs(expected), least), $"{figure}.{place}: {value:R} (expected {expected:R})");
        }
    }

    /// <summary>The broken twin: one genotype counted the other way round.</summary>
    [Fact]
    public void A_genotype_that_is_another_is_noticed()
    {
        using var folder = new TemporaryFolder();
        using var sites = ScanSites.Spread(folder, _ => 0, 1);
        var persons = ScanSites.Genotyped().ToList();
        persons[17].Codes[99] = persons[17].Codes[99] == 3 ? (byte)0 : (byte)3;
        ScanSites.Write(folder, "1-0", persons);
        var row = sites.Scan(Logistic).Tables[1].Rows[99];
        Assert.NotInRange((row.Cells[3].Number!.Value / Figures["logistic.100.3"]) - 1, -1e-6, 1e-6);
    }

    [Fact]
    public void However_persons_are_spread_the_sums_are_the_same_to_the_last_bit()
    {
        using var folder = new TemporaryFolder();
        using var one = ScanSites.Spread(folder, _ => 0, 1);
        var plan = one.PlanAfterFit(Logistic);
        var pooled = one.Sum(plan);
        Gen.Int[2, 6].Select(Gen.Int[0, 1000]).Sample(
            split =>
            {
                // The last site is empty.
                var (number, by) = split;
                using var own = new TemporaryFolder();
                using var sites = ScanSites.Spread(own, person => (person * (by + 1)) % 101 % (number - 1), number);
                Assert.Equal(pooled, sites.Sum(plan));
            },
            iter: 8,
            threads: 1);
    }

    [Fact]
    public void A_cohort_takes_only_its_persons_though_the_files_hold_all()
    {
        using var sites = ScanSites.AsWritten();
        var plan = sites.PlanAfterFit("""{"panel": "array", "formula": "relapse ~ age"}""", "sex = 'f'");
        var women = plan.Finish(sites.Sum(plan, "sex = 'f'"), NoiseModel.None, DisclosureRules.None);
        var persons = Enumerable.Range(1, 3).Sum(s => File.ReadAllLines(Path.Combine(ScanSites.Source, $"site{s}.csv")).Count(l => l.Contains(",f,", StringComparison.Ordinal)));
        Assert.Equal((persons, "yes"), (women.Tables[0].Rows[0].Cells[0].Number, women.Tables[0].Rows[0].Cells[^1].Text));

        // The seventh variant is two effect alleles in every woman, which nothing can be associated with.
        Assert.Equal(1, women.Tables[1].Rows[6].Cells[2].Number);
        Assert.Null(women.Tables[1].Rows[6].Cells[3].Number);
    }

    /// <summary>Without the two persons who have no genotypes, the seventh variant says who is a woman, as a covariate does.</summary>
    [Fact]
    public void A_variant_that_covariates_determine_has_no_figures()
    {
        using var folder = new TemporaryFolder();
        using var sites = ScanSites.Spread(folder, person => person < 298 ? 0 : 1, 1);
        var row = sites.Scan(Logistic).Tables[1].Rows[6];
        Assert.Equal(298, row.Cells[1].Number);
        Assert.All(row.Cells.Skip(3), c => Assert.Null(c.Number));
    }

    /// <summary>Away from the maximum a score is no test: coefficients that are not the model's show no figure.</summary>
    [Fact]
    public void At_other_coefficients_than_the_fits_nothing_is_tested()
    {
        using var sites = ScanSites.AsWritten();
        var plan = Asked.Plan("association-scan", """{"panel": "array", "formula": "relapse ~ age + sex", "at": [0.1, 0.2, -0.3]}""", ScanSites.Schema);
        var result = plan.Finish(sites.Sum(plan), NoiseModel.None, DisclosureRules.None);
        Assert.StartsWith("no: not at the coefficients", result.Tables[0].Rows[0].Cells[^1].Text, StringComparison.Ordinal);
        Assert.All(result.Tables[1].Rows, r => Assert.Null(r.Cells[3].Number));
    }

    /// <summary>
    /// Variants of few carriers are hidden, those of one allele alone are not; and what is hidden does not depend on by how much. Variant 3 has two carriers, variant 5 none.
    /// </summary>
    [Fact]
    public void Few_carriers_hide_a_variant()
    {
        using var sites = ScanSites.AsWritten();
        var hidden = sites.Scan(Logistic, new DisclosureRules([DisclosurePreset.Find("CMS-11")!])).Tables[1].Rows;
        var open = sites.Scan(Logistic).Tables[1].Rows;
        Assert.Equal((AnswerKind.Suppressed, AnswerKind.Value, AnswerKind.Value), (hidden[2].Answer, hidden[4].Answer, hidden[9].Answer));
        Assert.Equal(0, hidden[4].Cells[2].Number);
        Assert.All(hidden.Where(r => r.Answer == AnswerKind.Suppressed), r => Assert.All(r.Cells.Skip(1), c => Assert.Null(c.Number)));
        Assert.NotNull(open[2].Cells[3].Number);

        // Two persons have no genotypes: n would tell that their number is small.
        Assert.Null(hidden[8].Cells[1].Number);
        Assert.Equal(298, open[8].Cells[1].Number);
        Assert.NotNull(hidden[8].Cells[3].Number);
    }

    [Fact]
    public void Rounding_presets_round_what_a_frequency_is_made_of()
    {
        using var sites = ScanSites.AsWritten();
        var row = sites.Scan(Logistic, new DisclosureRules([DisclosurePreset.Find("NHS-2018")!])).Tables[1].Rows[9];
        var (n, frequency) = (298.0, Figures["logistic.10.2"]);
        Assert.Equal(Math.Round(n * 2 * frequency / 5) * 5 / (2 * 300), row.Cells[2].Number!.Value, 12);
    }

    [Fact]
    public void Noised_precision_is_refused_with_what_to_ask_instead() =>
        Assert.Contains("ask risk or association", Asked.Plan("association-scan", Logistic, ScanSites.Schema).ObjectionToNoise, StringComparison.Ordinal);
}
