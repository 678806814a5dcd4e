using System.Security.Cryptography;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Check;
using Consilience.Connectors.Rows;

namespace Consilience.Connectors.Tests;

/// <summary>
/// Relative and net survival by R, on Slovenian patients split over five sites and one without rows, each with the Slovenian life table beside its data: 10⁻⁹ relative; vectors/net-survival/compute.R makes the figures. relsurv
/// itself, which steps through days otherwise, to 10⁻⁸.
/// </summary>
public sealed class NetSurvivalEqualsTheReference
{
    private const string Question = """ "time": "time", "event": "stat", "age": "age_days", "diagnosed": "diag" """;
    private const string Daily = """ "grid": {"from": 1, "to": 3650, "step": 1} """;

    private static readonly ReferenceFigures Figures = new("net-survival/figures.csv");
    private static readonly double[] Days = [365, 1095, 1825, 3650];
    private static readonly StudySchema Patients = Schema("slopop", "sex");
    private static readonly StudySchema Women = Schema("usfemale");

    private static string Vector(string name) => Path.Combine(AppContext.BaseDirectory, "vectors", "net-survival", $"{name}.csv");

    private static StudySchema Schema(string table, params string[] by)
    {
        Variable[] all =
        [
            new("time", VariableType.Integer, "time", "days", [], 0, 10_000), new("stat", VariableType.Boolean, "dead", null, [], null, null),
            new("age_days", VariableType.Real, "age", "days", [], 0, 40_000), new("diag", VariableType.Date, "diagnosed", null, [], null, null),
        ];
        Variable[] split = by.Length == 0 ? [] : [Wilms.Category("sex", "1", "2"), Wilms.Category("stage", "1", "2", "3", "99")];
        return new([.. all, .. split], [new AgreedLifeTable(table, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Vector(table)))), by)]);
    }

    private static ResultTable Ask(string more, StudySchema? schema = null, string data = "colrec", int sites = 6)
    {
        schema ??= Patients;
        using var folder = new TemporaryFolder();
        var table = schema.LifeTables[0].Name;
        File.Copy(Vector(table), folder.Path($"{table}.csv"));
        using var split = new SplitSites(folder, Vector(data), schema, row => row % 5, sites);
        return split.Ask("net-survival", $$"""{ {{Question}}, "lifeTable": "{{table}}", {{more}} }""").Tables[0];
    }

    /// <summary>Survival, and its standard error on the logarithmic scale, on the given days.</summary>
    private static double?[] At(ResultTable table, string estimator, double[] days, string? group = null, bool isExponential = false)
    {
        int Of(string column) => table.Columns.ToList().IndexOf(column);
        var rows = table.Rows.Where(r => r.Cells[Of("estimator")].Text == estimator && (group is null || r.Cells[0].Text == group) && days.Contains(r.Cells[Of("time")].Number!.Value));
        return [.. rows.SelectMany(r => new[] { isExponential ? Math.Exp(-r.Cells[Of("cumulative.hazard")].Number!.Value) : r.Cells[Of("estimate")].Number, r.Cells[Of("std.error")].Number / r.Cells[Of("estimate")].Number })];
    }

    [Fact]
    public void Of_all_patients_day_by_day()
    {
        var table = Ask(Daily);
        foreach (var estimator in new[] { "ederer-2", "pohar-perme" })
            Figures.Same($"{estimator}.all", 1e-9, At(table, estimator, Days));
        Figures.Same("relsurv", 1e-8, At(table, "pohar-perme", Days));
    }

    [Theory]
    [InlineData("intervals", """ "grid": {"edges": [365, 1095, 1825, 3650]} """, 4)]
    [InlineData("period", """ "grid": {"from": 1, "to": 1825, "step": 1}, "period": {"from": "1998-01-01", "to": "2000-12-31"} """, 3)]
    public void On_a_coarse_grid_and_by_the_period_approach(string figure, string more, int days)
    {
        var table = Ask(more);
        foreach (var estimator in new[] { "ederer-2", "pohar-perme" })
            Figures.Same($"{estimator}.{figure}", 1e-9, At(table, estimator, Days[..days]));
    }

    [Fact]
    public void By_stage()
    {
        var table = Ask(""" "by": ["stage"], "grid": {"from": 1, "to": 1825, "step": 1} """);
        foreach (var stage in new[] { "1", "2", "3", "99" })
        {
            foreach (var estimator in new[] { "ederer-2", "pohar-perme" })
                Figures.Same($"{estimator}.stage{stage}", 1e-9, At(table, estimator, [365, 1825], stage));
        }
    }

    /// <summary>
    /// A published check on women with breast cancer and the women of the United States, which takes exp(−H). It took birthdays by doubles, which puts some women into the year of age before on the first day (2·10⁻⁷), and weights of
    /// expected deaths at the end of the day (4·10⁻⁶).
    /// </summary>
    [Fact]
    public void Exponentials_of_cumulative_hazards_are_those_published()
    {
        var table = Ask(Daily, Women, "rotterdam");
        double[] ederer = [0.99069948, 0.88217248, 0.79047745, 0.63781141], net = [0.99071814, 0.88207333, 0.79055432, 0.63331307];
        foreach (var (estimator, published, tolerance) in new[] { ("ederer-2", ederer, 2e-7), ("pohar-perme", net, 4e-6) })
        {
            var found = At(table, estimator, Days, isExponential: true);
            Figures.Same($"{estimator}.rotterdam", 1e-9, found);
            Assert.All(published.Zip(found.Where((_, i) => i % 2 == 0)), p => Assert.InRange(p.Second!.Value, p.First - tolerance, p.First + tolerance));
        }
    }

    /// <summary>The broken twins: one site left out, and weights that stop at a bound which many pass.</summary>
    [Theory]
    [InlineData(Daily, 4)]
    [InlineData(Daily + """, "largestWeight": 1.5 """, 6)]
    public void What_is_left_out_or_bounded_is_noticed(string more, int sites) =>
        Assert.NotInRange(At(Ask(more, sites: sites), "pohar-perme", Days)[6]!.Value / Figures["pohar-perme.all.7"], 1 - 1e-6, 1 + 1e-6);

    [Fact]
    public void Persons_beyond_the_largest_weight_and_before_the_table_are_counted()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Vector("slopop"), folder.Path("slopop.csv"));
        var file = folder.Write("few.csv", "sex,age_days,diag,time,stat,stage\n1,30000,1995-01-01,4000,0,1\n1,10000,1995-01-01,4000,1,1\n2,30000,1989-12-31,100,1,1\n");
        using var data = Asked.Open(file, Patients);
        var persons = Asked.Ask(data, "net-survival", $$"""{ {{Question}}, "lifeTable": "slopop", "largestWeight": 2, {{Daily}} }""").Tables.Single(t => t.Name == "persons").Rows.Single();
        Assert.Equal([3, 1, 1], persons.Cells.Select(c => c.Number!.Value));
    }

    /// <summary>One byte of the agreed table changed, or no table at all: the site answers nothing.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Another_table_than_agreed_is_not_used(bool isThere)
    {
        using var folder = new TemporaryFolder();
        if (isThere)
            folder.Write("slopop.csv", File.ReadAllText(Vector("slopop")).Replace("2.78212280053699e-05", "2.78212280053698e-05", StringComparison.Ordinal));
        File.Copy(Vector("colrec"), folder.Path("colrec.csv"));
        using var data = Asked.Open(folder.Path("colrec.csv"), Patients);
        var refused = Assert.Throws<SiteDataException>(() => Asked.Ask(data, "net-survival", $$"""{ {{Question}}, "lifeTable": "slopop", {{Daily}} }"""));
        Assert.Contains("life table slopop", refused.Message, StringComparison.Ordinal);
        var report = SiteCheck.Run(data, threshold: 10);
        Assert.Equal((false, refused.Message), (report.Fits, report.LifeTables.Single()));
    }
}
