using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;

namespace Consilience.Connectors.Tests;

/// <summary>
/// R's rates of the 8,806 testis cancers in Denmark from 1943 to 1996, a row a case over five sites of which one has none, against the population's person-years; and of the veterans' deaths over their own follow-up: 10⁻⁹
/// relative, models 10⁻⁶; vectors/incidence/compute.R makes them.
/// </summary>
public sealed class RatesEqualTheReference
{
    private static readonly ReferenceFigures Figures = new("incidence/testis.csv");
    private static readonly (int Age, int Year, double Years)[] Population =
        [.. File.ReadLines(Vector("incidence/testisDK.csv")).Skip(1).Select(l => l.Split(',')).Select(f => (int.Parse(f[1]), int.Parse(f[2]), double.Parse(f[4])))];

    private static readonly int[] Decades = [1949, 1959, 1969, 1979, 1989];
    private static readonly int[] Bands = [.. Enumerable.Range(1, 17).Select(i => (5 * i) - 1)];
    private static readonly StudySchema Denmark = new([Number("age", 0, 89), Number("year", 1943, 1996)]);

    public static TheoryData<string> Standards => ["who-2000", "european-2013", "segi", "european-1976"];

    [Theory]
    [MemberData(nameof(Standards))]
    public void Decades_by_standard(string standard)
    {
        foreach (var limits in new[] { "fay-feuer", "tiwari" })
        {
            var parameters = new { age = Axis("age", Bands), by = new[] { Axis("year", Decades) }, population = Years(Bands, Decades), standard, limits };
            var rows = Ask("incidence", parameters).Tables.Single().Rows.Where(r => r.Cells[1].Text == "standardised rate").ToList();
            Assert.Equal(6, rows.Count);
            foreach (var (row, i) in rows.Select((r, i) => (r, i + 1)))
            {
                double?[] values = [.. row.Cells.TakeLast(4).Select(c => c.Number)];
                var name = $"decade.{standard}.{i}";
                Figures.Same(name, 1e-9, limits == "tiwari" ? [values[0], values[1], values[2], Figures[$"{name}.4"], values[3]] : [.. values, Figures[$"{name}.5"]]);
            }
        }
    }

    [Theory]
    [InlineData("who-2000")]
    [InlineData("segi")]
    public void Children(string standard)
    {
        int[] bands = [4, 9];
        MethodResult Rates(string limits) => Ask("incidence", new { age = Axis("age", bands), population = Years(bands, [], age => age < 15)[0], standard = Weights(standard), per = 1_000_000, limits }, "age < 15");
        var (rows, tiwari) = (Rates("fay-feuer").Tables.Single().Rows, Rates("tiwari").Tables.Single().Rows);
        Figures.Same("children.crude", 1e-9, [.. rows[0].Cells.TakeLast(4).Select(c => c.Number)]);
        Figures.Same($"children.{standard}", 1e-9, [.. rows[1].Cells.TakeLast(4).Select(c => c.Number), tiwari[1].Cells[^1].Number]);
        Assert.Equal(rows[0].Cells, tiwari[0].Cells);
    }

    [Fact]
    public void The_nineties_against_the_forties()
    {
        var parameters = new { age = Axis("age", Bands), by = new[] { Axis("year", Decades) }, population = Years(Bands, Decades), standard = "who-2000", baseline = "<= 1949" };
        var ratio = Ask("incidence", parameters).Tables[1].Rows.Single(r => r.Cells[0].Text == "> 1989" && r.Cells[1].Text == "standardised rate").Cells;
        Figures.Same("ratio", 1e-9, ratio[2].Number, ratio[3].Number, ratio[^2].Number, ratio[^1].Number);
    }

    [Fact]
    public void Age_and_period()
    {
        int[] bands = [.. Enumerable.Range(4, 9).Select(i => (5 * i) - 1)];
        var result = Ask("trend", new { age = Axis("age", bands), period = Axis("year", Decades), population = Years(bands, Decades, age => age is >= 15 and < 65) }, "age between 15 and 64");
        var rows = result.Tables.Single(t => t.Name == "age-period").Rows;
        Figures.Same("age-period", 1e-6, [.. rows.Select(r => r.Cells[1].Number), .. rows.Select(r => r.Cells[2].Number)]);
        Figures.Same("age-period.fit", 1e-6, [.. result.Tables.Single(t => t.Name == "fit").Rows[1].Cells.Skip(2).Select(c => c.Number)]);
    }

    [Fact]
    public void Annual_changes()
    {
        int[] single = [.. Enumerable.Range(1943, 53)];
        var result = Ask("trend", new { age = Axis("age", Bands), period = Axis("year", single), population = Years(Bands, single), standard = "who-2000" });
        foreach (var (row, figure) in result.Tables.Single(t => t.Name == "trend").Rows.Zip(["log-linear", "drift"]))
        {
            Figures.Same(figure, 1e-6, row.Cells[1].Number, row.Cells[2].Number, Figures[$"{figure}.3"], row.Cells[7].Number, row.Cells[8].Number, row.Cells[9].Number);
            // A p value is compared by its logarithm: that of z = 33 moves a thousand times as far as z does.
            Assert.Equal(Math.Log(Figures[$"{figure}.3"]), Math.Log(row.Cells[4].Number!.Value), 1e-5);
        }

        Figures.Same("drift.fit", 1e-6, [.. result.Tables.Single(t => t.Name == "fit").Rows[0].Cells.Skip(2).Select(c => c.Number)]);
    }

    /// <summary>The published change: 2.457170191 per cent a year.</summary>
    [Fact]
    public void The_reference_says_what_was_published() =>
        Assert.Equal((2.457170191, 113.006751, 3.135684755), (Math.Round(Figures["log-linear.4"], 9), Math.Round(Figures["age-period.fit.1"], 6), Math.Round(Figures["ratio.1"], 9)));

    [Fact]
    public void Follow_up_of_the_sites_own_persons()
    {
        var schema = new StudySchema([Wilms.Category("trt", "1", "2"), Number("karno", 0, 100), Number("time", 0, 1000), new Variable("status", VariableType.Boolean, "died", null, [], null, null)]);
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Vector("groups/veteran.csv"), schema, row => row % 3, 4);
        var rows = sites.Ask("incidence", """{"age": {"variable": "karno", "edges": [50]}, "by": ["trt"], "event": "status", "time": "time", "standard": [2, 3], "per": 1000}""").Tables.Single().Rows;
        foreach (var row in rows)
        {
            Figures.Same($"veteran.counts.{row.Cells[0].Text}", 0, row.Cells[2].Number, row.Cells[3].Number);
            Figures.Same($"veteran.{row.Cells[1].Text!.Split(' ')[0]}.{row.Cells[0].Text}", 1e-9, [.. row.Cells.TakeLast(4).Select(c => c.Number)]);
        }
    }

    /// <summary>The broken twin leaves one site's cases out.</summary>
    [Fact]
    public void Cases_that_are_left_out_are_noticed()
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Vector("incidence/testis-cases.csv"), Denmark, row => row % 5, 4);
        var rows = sites.Ask("incidence", JsonSerializer.Serialize(new { age = Axis("age", Bands), by = new[] { Axis("year", Decades) }, population = Years(Bands, Decades), standard = "segi" })).Tables.Single().Rows;
        Assert.NotInRange(rows[1].Cells[4].Number!.Value / Figures["decade.segi.1.1"], 0.9, 1.1);
    }

    private static string Vector(string file) => Path.Combine([AppContext.BaseDirectory, "vectors", .. file.Split('/')]);

    private static Variable Number(string name, decimal least, decimal most) => new(name, VariableType.Integer, name, null, [], least, most);

    private static object Axis(string variable, int[] edges) => new { variable, edges };

    private static int[] Weights(string standard) => standard == "segi" ? [12000, 10000, 9000] : [88569, 86870, 85970];

    /// <summary>Person-years by period and age band.</summary>
    private static double[][] Years(int[] bands, int[] periods, Func<int, bool>? ages = null)
    {
        var years = Enumerable.Range(0, periods.Length + 1).Select(_ => new double[bands.Length + 1]).ToArray();
        foreach (var cell in Population.Where(p => ages?.Invoke(p.Age) != false))
            years[periods.Count(p => cell.Year > p)][bands.Count(b => cell.Age > b)] += cell.Years;
        return years;
    }

    private static MethodResult Ask(string method, object parameters, string cohort = "")
    {
        using var folder = new TemporaryFolder();
        using var sites = new SplitSites(folder, Vector("incidence/testis-cases.csv"), Denmark, row => row * 7919 % 101 % 4, 5);
        return sites.Ask(method, JsonSerializer.Serialize(parameters), cohort);
    }
}
