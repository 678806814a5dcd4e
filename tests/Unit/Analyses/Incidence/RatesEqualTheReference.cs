using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses.Tests.Incidence;

/// <summary>R's rates and limits for three invented registries and four standard populations, to 10⁻⁹; vectors/incidence/compute.R makes them.</summary>
public sealed class RatesEqualTheReference
{
    private static readonly StudySchema Schema = new(
    [
        new("registry", VariableType.Category, "registry", null, [new("A", "A"), new("B", "B"), new("C", "C")], null, null), new("age", VariableType.Integer, "age", "years", [], 0, 120),
    ]);

    private static readonly List<(string Registry, long Cases, double Years)> Bands =
        [.. Lines("registry.csv").Select(f => (f[0], long.Parse(f[3]), double.Parse(f[4])))];

    public static TheoryData<string> Standards => ["who-2000", "european-2013", "segi", "european-1976"];

    private static IEnumerable<string[]> Lines(string file) => File.ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors", file)).Skip(1).Select(l => l.Split(','));

    private static double[][] Years => [.. Bands.GroupBy(b => b.Registry).Select(g => g.Select(b => b.Years).ToArray())];

    private static IReadOnlyList<ResultRow> Ask(object parameters, long[]? cells = null, DisclosureRules? rules = null)
    {
        var faults = new List<Fault>();
        var plan = MethodList.Find("incidence")!.Plan(JsonSerializer.SerializeToElement(parameters), Schema, faults);
        Assert.Empty(faults);
        return plan!.Finish(cells ?? [.. Bands.Select(b => b.Cases)], NoiseModel.None, rules ?? DisclosureRules.None).Tables.Single().Rows;
    }

    private static object FiveYears => new { variable = "age", edges = Enumerable.Range(1, 17).Select(i => (5 * i) - 1) };

    [Theory]
    [MemberData(nameof(Standards))]
    public void Crude_and_standardised(string standard)
    {
        var rows = Ask(new { age = FiveYears, by = new[] { "registry" }, population = Years, standard, per = 1_000_000 });
        Assert.Equal(6, rows.Count);
        Assert.All(rows, row => Same(row.Cells[0].Text!, row.Cells[1].Text == "crude rate" ? "crude" : standard, row));
    }

    /// <summary>Three registries together, and their children below 15.</summary>
    [Theory]
    [MemberData(nameof(Standards))]
    public void All_registries(string standard)
    {
        var together = Bands.Chunk(18).ToList();
        double[] years = [.. Enumerable.Range(0, 18).Select(i => together.Sum(r => r[i].Years))];
        long[] cases = [.. Enumerable.Range(0, 18).Select(i => together.Sum(r => r[i].Cases))];
        var rows = Ask(new { age = FiveYears, population = years, standard, per = 1_000_000 }, cases);
        Same("registries.crude", rows[0], 1, 3, 4);
        Same($"registries.{standard}", rows[1], 1, 2, 3, 4);
        if (standard.StartsWith("euro", StringComparison.Ordinal))
            return;
        int[] weights = standard == "segi" ? [12000, 10000, 9000] : [88569, 86870, 85970];
        Same($"registries.children.{standard}", Ask(new { age = new { variable = "age", edges = new[] { 4, 9 } }, population = years[..3], standard = weights, per = 1_000_000 }, cases[..3])[1], 1, 2, 3, 4);
    }

    [Fact]
    public void Incidence_ratios_against_the_other_registries()
    {
        foreach (var registry in new[] { "A", "B", "C" })
        {
            var own = Bands.Where(b => b.Registry == registry).ToList();
            var others = Bands.Where(b => b.Registry != registry).Chunk(18).ToList();
            var reference = Enumerable.Range(0, 18).Select(i => others.Sum(o => o[i].Cases) / others.Sum(o => o[i].Years));
            var rows = Ask(new { age = FiveYears, population = own.Select(b => b.Years), reference, per = 1 }, [.. own.Select(b => b.Cases)]);
            Same(registry, "ratio", rows.Single(r => r.Cells[0].Text == "incidence ratio"));
        }
    }

    /// <summary>Exact limits of a few cases: R's qchisq(0.025, 2d)/2 and qchisq(0.975, 2d + 2)/2.</summary>
    [Theory]
    [InlineData(0, 0, 3.688879454)]
    [InlineData(1, 0.02531780798, 5.57164339100)]
    [InlineData(3, 0.6186721229, 8.7672730700)]
    [InlineData(10, 4.795388696, 18.390356040)]
    [InlineData(100, 81.36399125, 121.62679380)]
    public void Exact_limits(long cases, double lower, double upper)
    {
        var row = Ask(new { age = new { variable = "age", edges = new[] { 50 } }, population = new[] { 1, 0 }, per = 1 }, [cases, 7]).Single();
        Assert.Equal(cases, row.Cells[3].Number);
        Assert.Equal(lower, row.Cells[5].Number!.Value, 1e-9 * upper);
        Assert.Equal(upper, row.Cells[6].Number!.Value, 1e-9 * upper);
    }

    /// <summary>Cases that noise took away but for the last digit: weights 5/6 and 5/42 on 1 and −7 cases.</summary>
    [Fact]
    public void A_rate_of_nothing_but_rounding_has_limits()
    {
        var cells = new[] { 1L, -7L };
        var row = Ask(new { age = new { variable = "age", edges = new[] { 50 } }, population = new[] { 0.6, 4.2 }, standard = new[] { 0.1, 0.1 }, per = 1 }, cells)[1];
        Assert.Equal(0, row.Cells[5].Number);
        Assert.InRange(row.Cells[6].Number!.Value, 1, 100);
    }

    /// <summary>Person-time of the old is within its noise: no standardised rate is given, and the crude one is, over everybody's.</summary>
    [Fact]
    public void Person_time_that_noise_hides_is_not_divided_by()
    {
        var schema = new StudySchema([.. Schema.Variables, new("died", VariableType.Boolean, "died", null, [], null, null), new("months", VariableType.Integer, "months", null, [], 0, 100)]);
        var parameters = JsonSerializer.SerializeToElement(new { age = new { variable = "age", edges = new[] { 50 } }, time = "months", @event = "died", standard = new[] { 2, 1 } });
        var plan = MethodList.Find("incidence")!.Plan(parameters, schema, new List<Fault>())!;
        var terms = NoisePlanner.Candidates(plan.Sums.Bound, plan.Sums.Workload, PrivacyPrice.Pure(Epsilon.Parse("1")), new KeyHolderTrust(2, 1))[0];
        var rows = plan.Finish([3000, 200, 40_000, 1500], NoiseModel.Of(terms), DisclosureRules.None).Tables.Single().Rows;
        Assert.NotNull(rows[0].Cells[3].Number);
        Assert.Null(rows[1].Cells[3].Number);
        Assert.All(plan.Finish([3000, 200, 40_000, 1500], NoiseModel.None, DisclosureRules.None).Tables.Single().Rows, r => Assert.NotNull(r.Cells[3].Number));
    }

    [Fact]
    public void A_small_band_hides_its_group()
    {
        var rules = new DisclosureRules([DisclosurePreset.Find("CMS-11")!]);
        var cells = Bands.Select(b => Math.Max(b.Cases, 11)).ToArray();
        cells[20] = 5;
        var rows = Ask(new { age = FiveYears, by = new[] { "registry" }, population = Years, standard = "segi" }, cells, rules);
        Assert.All(rows, r => Assert.Equal(r.Cells[0].Text == "B" ? AnswerKind.Suppressed : AnswerKind.Value, r.Answer));
    }

    private static void Same(string figure, ResultRow row, params int[] numbers)
    {
        var values = row.Cells.TakeLast(4).Select(c => c.Number!.Value).ToList();
        foreach (var (number, i) in numbers.Select((n, i) => (n, i + 1)))
        {
            var expected = double.Parse(Lines("testis.csv").Single(f => f[0] == $"{figure}.{i}")[1]);
            Assert.True(Math.Abs(values[number - 1] - expected) <= 1e-9 * expected, $"{figure}.{i}: {values[number - 1]} (expected {expected})");
        }
    }

    private static void Same(string registry, string measure, ResultRow row)
    {
        var expected = Lines("rates.csv").Single(f => f[0] == registry && f[1] == measure).Skip(2).Select(double.Parse).ToList();
        var values = row.Cells.TakeLast(4).Select(c => c.Number!.Value).ToList();
        Assert.All(expected.Zip(values), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= 1e-9 * pair.First, $"{registry} {measure}: {pair.Second} (expected {pair.First})"));
    }
}
