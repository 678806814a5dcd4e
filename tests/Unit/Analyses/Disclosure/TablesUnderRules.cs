using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Tests.Disclosure;

/// <summary>
/// Under presets tables show no figure that a hidden cell went into, and models are hidden without enough degrees of freedom. The broken twin, no rules, shows every one.
/// </summary>
public sealed class TablesUnderRules
{
    private static readonly StudySchema Schema = new(
    [
        new("arm", VariableType.Category, "arm", null, [new("a", "a"), new("b", "b"), new("c", "c")], null, null),
        new("months", VariableType.Integer, "months", null, [], 0, 100), new("years", VariableType.Integer, "years", null, [], 0, 10), new("died", VariableType.Boolean, "died", null, [], null, null),
    ]);

    private static IReadOnlyList<ResultTable> Finish(string method, string parameters, long[] cells, DisclosureRules rules) =>
        MethodList.Find(method)!.Plan(JsonDocument.Parse(parameters).RootElement, Schema, new List<Fault>())!.Finish(cells, NoiseModel.None, rules).Tables;

    private static DisclosureRules Of(params string[] names) => new([.. names.Select(n => DisclosurePreset.Find(n)!)]);

    private static string Text(IEnumerable<ResultTable> tables) => JsonSerializer.Serialize(tables.SelectMany(t => t.Rows).Where(r => r.Answer == AnswerKind.Value).SelectMany(r => r.Cells));

    /// <summary>Level b has 4 persons with the outcome: its row and every contrast with it are hidden, and c's are not.</summary>
    [Fact]
    public void A_small_cell_hides_its_contrasts()
    {
        const string Parameters = """{"outcome":"died","exposure":"arm"}""";
        long[] cells = [30, 20, 40, 4, 50, 25];
        var tables = Finish("risk", Parameters, cells, Of("CMS-11"));
        Assert.Equal([AnswerKind.Value, AnswerKind.Suppressed, AnswerKind.Value], tables[0].Rows.Select(r => r.Answer));
        Assert.All(tables[1].Rows, r => Assert.Equal(r.Cells[0].Text == "b" ? AnswerKind.Suppressed : AnswerKind.Value, r.Answer));
        Assert.All(tables.SelectMany(t => t.Rows).Where(r => r.Answer == AnswerKind.Suppressed), r => Assert.All(r.Cells, c => Assert.Null(c.Number)));
        Assert.Equal(Text(tables), Text(Finish("risk", Parameters, [30, 20, 60, 9, 50, 25], Of("CMS-11"))));
        Assert.NotEqual(Text(Finish("risk", Parameters, cells, DisclosureRules.None)), Text(Finish("risk", Parameters, [30, 20, 60, 9, 50, 25], DisclosureRules.None)));
    }

    /// <summary>What rounds to the same cells gives the same figures.</summary>
    [Fact]
    public void Rounded_cells_are_computed_with()
    {
        const string Parameters = """{"outcome":"died","exposure":"arm"}""";
        var rules = Of("NHS-2018");
        Assert.Equal(Text(Finish("risk", Parameters, [30, 20, 40, 10, 50, 25], rules)), Text(Finish("risk", Parameters, [31, 21, 39, 11, 52, 24], rules)));
    }

    /// <summary>Arm c has 5 events: the test is hidden, its row too, and what the others expect, from which they could be worked out.</summary>
    [Fact]
    public void A_group_with_few_events_hides_the_test()
    {
        const string Parameters = """{"time":"months","event":"died","by":["arm"],"grid":{"from":12,"to":24,"step":12}}""";
        var tables = Finish("log-rank", Parameters, [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 3, 2, 20], Of("CMS-11"));
        Assert.Equal(AnswerKind.Suppressed, tables[0].Rows[2].Answer);
        Assert.All(tables[0].Rows, r => Assert.Null(r.Cells[^1].Number));
        Assert.Equal(AnswerKind.Suppressed, tables[1].Rows.Single().Answer);
        Assert.NotNull(Finish("log-rank", Parameters, [11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 3, 2, 20], DisclosureRules.None)[1].Rows.Single().Cells[0].Number);
    }

    /// <summary>Two intervals and three groups leave two degrees of freedom; SACRO asks for ten.</summary>
    [Fact]
    public void A_model_needs_its_degrees_of_freedom()
    {
        const string Parameters = """{"time":"months","event":"died","by":["arm"],"grid":{"from":12,"to":24,"step":12}}""";
        long[] cells = [40, 40, 40, 40, 40, 40, 40, 60, 40, 40, 40, 40, 40, 30, 40];
        Assert.All(Finish("grouped-hazards", Parameters, cells, Of("SACRO-10")).SelectMany(t => t.Rows), r => Assert.Equal(AnswerKind.Suppressed, r.Answer));
        Assert.All(Finish("grouped-hazards", Parameters, cells, Of("CMS-11")).SelectMany(t => t.Rows), r => Assert.Equal(AnswerKind.Value, r.Answer));
    }

    /// <summary>Fourteen persons of whom two have nearly all the months: SACRO's dominance rule hides the mean, and so does its p % rule for one of whom a second knows nearly everything.</summary>
    [Theory]
    [InlineData(12, 0, 2, AnswerKind.Suppressed)]
    [InlineData(12, 1, 1, AnswerKind.Suppressed)]
    [InlineData(0, 20, 20, AnswerKind.Value)]
    public void A_mean_that_two_persons_make_is_hidden(long ones, long fifties, long hundreds, AnswerKind expected)
    {
        var cells = new long[101];
        (cells[1], cells[50], cells[100]) = (ones, fifties, hundreds);
        var tables = Finish("distribution", """{"variable":"months"}""", cells, Of("SACRO-10"));
        Assert.Equal(expected, tables[0].Rows.Single().Answer);
        Assert.Equal(AnswerKind.Value, Finish("distribution", """{"variable":"months"}""", cells, Of("CMS-11"))[0].Rows.Single().Answer);
    }

    /// <summary>A median that three persons have is hidden, as are least and greatest value under any preset.</summary>
    [Fact]
    public void Values_of_few_persons_are_hidden()
    {
        var cells = new long[101];
        (cells[1], cells[50], cells[100]) = (20, 3, 20);
        var tables = Finish("distribution", """{"variable":"months"}""", cells, Of("CMS-11"));
        Assert.Equal([AnswerKind.Value, AnswerKind.Suppressed, AnswerKind.Value], tables[1].Rows.Select(r => r.Answer));
        Assert.All(tables[0].Rows.Single().Cells.TakeLast(2), c => Assert.Null(c.Number));
    }

    /// <summary>Separation is said, not looped on: nobody of arm c has the event.</summary>
    [Fact]
    public void A_level_without_events_has_no_hazard_ratio()
    {
        const string Parameters = """{"time":"months","event":"died","by":["arm"],"grid":{"from":12,"to":24,"step":12}}""";
        var tables = Finish("grouped-hazards", Parameters, [40, 40, 40, 40, 40, 40, 40, 60, 40, 40, 40, 40, 0, 0, 40], DisclosureRules.None);
        Assert.All(tables[0].Rows, r => Assert.Null(r.Cells[1].Number));
        Assert.StartsWith("no", tables[1].Rows[0].Cells[^1].Text, StringComparison.Ordinal);
    }

    /// <summary>Of sums over sites that are strata: arm b has 4 events, so the test is hidden, and what arm a expects.</summary>
    [Fact]
    public void A_group_with_few_events_hides_the_test_with_sites_as_strata()
    {
        const string Parameters = """{"time":"months","event":"died","by":["died"],"sites":"strata","grid":{"from":12,"to":24,"step":12}}""";
        var unit = 1L << 30;
        long[] cells = [40, 30, 30 * unit, 20 * unit, 50, 4, 4 * unit, 14 * unit, 8 * unit, -8 * unit, 8 * unit];
        var tables = Finish("log-rank", Parameters.Replace("\"by\":[\"died\"]", "\"by\":[{\"variable\":\"years\",\"edges\":[5]}]", StringComparison.Ordinal), cells, Of("CMS-11"));
        Assert.Equal([AnswerKind.Value, AnswerKind.Suppressed, AnswerKind.Suppressed], tables.SelectMany(t => t.Rows).Select(r => r.Answer));
        Assert.Null(tables[0].Rows[0].Cells[^1].Number);
    }

    /// <summary>Two sites' risk sets pooled: an interval with 4 events hides the fit, as one with 20 does not. The broken twin, no rules, shows both.</summary>
    [Theory]
    [InlineData(4, AnswerKind.Suppressed)]
    [InlineData(20, AnswerKind.Value)]
    public void A_pooled_fit_is_hidden_where_an_interval_has_few_events(int events, AnswerKind expected)
    {
        const string Parameters = """{"formula":"Surv(months, died) ~ years","sites":"pooled","ties":"breslow","grid":{"edges":[12,24]}}""";
        // Persons and events; Σx over events; Σ e^η, Σ e^η·x and Σ e^η·x², each with its finer part, asked at coefficients 0 and so twice the same. Of the 40 persons who exit in each interval half are at x = 1 and half at −1.
        long unit = 1L << 30, n = 40 * unit;
        long[] risk = [n, 0, 0, 0, n, 0, n, 0, 0, 0, n, 0];
        long[] cells = [40, 30, 2 * unit, 0, .. risk, 40, events, -unit, 0, .. risk, 40, 0, 0, 0, .. risk];
        Assert.All(Finish("cox", Parameters, cells, Of("CMS-11")).Where(t => t.Name != "iteration").SelectMany(t => t.Rows), r => Assert.Equal(expected, r.Answer));
        Assert.All(Finish("cox", Parameters, cells, DisclosureRules.None).SelectMany(t => t.Rows), r => Assert.Equal(AnswerKind.Value, r.Answer));
    }

    /// <summary>Cause b has 4 events in the second interval, so that interval joins those beyond the grid for every cause, and what is shown is the same as if they had left later.</summary>
    [Fact]
    public void A_small_cause_shortens_every_curve()
    {
        const string Parameters = """{"time":"months","event":"arm","censored":"a","grid":{"from":12,"to":24,"step":12}}""";
        long[] cells = [20, 20, 30, 4, 25, 25, 40];
        var tables = Finish("cumulative-incidence", Parameters, cells, Of("CMS-11"));
        Assert.All(tables[0].Rows, r => Assert.Equal(12.0, r.Cells[1].Number));
        Assert.Equal(Text(tables), Text(Finish("cumulative-incidence", Parameters, [20, 20, 30, 9, 25, 20, 40], Of("CMS-11"))));
        Assert.Equal(4, Finish("cumulative-incidence", Parameters, cells, DisclosureRules.None)[0].Rows.Count);
    }

    /// <summary>Arm b has 5 persons: its mean, and the test that its mean could be worked out of, are hidden.</summary>
    [Fact]
    public void A_small_group_hides_its_mean_and_the_test()
    {
        long[] cells = [.. Moments(40, 0.1), .. Moments(5, -0.2)];
        var tables = Finish("t-test", """{"variable":"months","by":["died"]}""", cells, Of("CMS-11"));
        Assert.Equal([AnswerKind.Value, AnswerKind.Suppressed, AnswerKind.Suppressed, AnswerKind.Suppressed], tables.SelectMany(t => t.Rows).Select(r => r.Answer));
        Assert.All(Finish("t-test", """{"variable":"months","by":["died"]}""", cells, DisclosureRules.None).SelectMany(t => t.Rows), r => Assert.Equal(AnswerKind.Value, r.Answer));
        Assert.Equal(AnswerKind.Suppressed, Finish("moments", """{"variable":"months"}""", Moments(5, 0.3), Of("CMS-11"))[0].Rows[0].Answer);
    }

    /// <summary>With every contribution taken for the largest the schema allows, 100 months, a mean of 12 over 15 persons could be two persons' for the most part; of 40 months it could not.</summary>
    [Theory]
    [InlineData(-0.76, AnswerKind.Suppressed)]
    [InlineData(-0.2, AnswerKind.Value)]
    public void A_mean_that_two_persons_could_make_is_hidden(double scaled, AnswerKind expected) =>
        Assert.Equal(expected, Finish("moments", """{"variable":"months"}""", Moments(15, scaled), Of("SACRO-10"))[0].Rows[0].Answer);

    [Theory]
    [InlineData("correlation", 10, AnswerKind.Suppressed)]
    [InlineData("correlation", 11, AnswerKind.Suppressed)]
    [InlineData("correlation", 12, AnswerKind.Value)]
    [InlineData("principal-components", 11, AnswerKind.Suppressed)]
    [InlineData("principal-components", 12, AnswerKind.Value)]
    public void Correlations_need_their_degrees_of_freedom(string method, long persons, AnswerKind expected)
    {
        long one = 1L << 30, n = persons * one;
        var tables = Finish(method, """{"variables":["months","years"]}""", [persons, 0, 0, 0, 0, n / 2, 0, n / 4, 0, n / 2, 0], Of("SACRO-10"));
        Assert.All(tables.Take(2).SelectMany(t => t.Rows), r => Assert.Equal(expected, r.Answer));
    }

    /// <summary>Of 4 persons the months are missing: neither they nor those of whom they are known are shown, since the row beside it tells the number of both.</summary>
    [Fact]
    public void A_few_missing_values_hide_the_row()
    {
        const string Parameters = """{"variables":["months","years"]}""";
        var tables = Finish("completeness", Parameters, [4, 96, 20, 80], Of("CMS-11"));
        Assert.Equal([AnswerKind.Suppressed, AnswerKind.Value], tables[0].Rows.Select(r => r.Answer));
        Assert.Equal(Text(tables), Text(Finish("completeness", Parameters, [9, 91, 20, 80], Of("CMS-11"))));
        Assert.NotEqual(Text(Finish("completeness", Parameters, [4, 96, 20, 80], DisclosureRules.None)), Text(Finish("completeness", Parameters, [9, 91, 20, 80], DisclosureRules.None)));
    }

    /// <summary>The second bin has 4 persons: with it hidden, no density and no quantile may tell how many there are in all.</summary>
    [Fact]
    public void A_small_bin_hides_what_all_bins_went_into()
    {
        const string Parameters = """{"variable":"months","grid":{"edges":[0,10,20,100]}}""";
        var tables = Finish("histogram", Parameters, [30, 4, 50], Of("CMS-11"));
        Assert.Equal([AnswerKind.Value, AnswerKind.Suppressed, AnswerKind.Value], tables[0].Rows.Select(r => r.Answer));
        Assert.Equal(Text(tables), Text(Finish("histogram", Parameters, [30, 9, 50], Of("CMS-11"))));
        Assert.NotEqual(Text(Finish("histogram", Parameters, [30, 4, 50], DisclosureRules.None)), Text(Finish("histogram", Parameters, [30, 9, 50], DisclosureRules.None)));
        Assert.Equal(Text(Finish("histogram", Parameters, [30, 10, 50], Of("NHS-2018"))), Text(Finish("histogram", Parameters, [31, 12, 49], Of("NHS-2018"))));
    }

    [Fact]
    public void A_small_group_hides_its_ranks()
    {
        const string Parameters = """{"variable":"years","by":["died"]}""";
        long[] few = [20, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal([AnswerKind.Value, AnswerKind.Suppressed, AnswerKind.Suppressed, AnswerKind.Suppressed], Finish("mann-whitney", Parameters, few, Of("CMS-11")).SelectMany(t => t.Rows).Select(r => r.Answer));
        Assert.All(Finish("mann-whitney", Parameters, few, DisclosureRules.None).SelectMany(t => t.Rows), r => Assert.Equal(AnswerKind.Value, r.Answer));
    }

    /// <summary>A band of the second period has 4 cases: every trend is made of it.</summary>
    [Fact]
    public void A_small_band_hides_every_trend()
    {
        const string Parameters = """{"period":"arm","age":"died","population":[[1000,1000],[1000,1000],[1000,1000]],"years":[1,2,3]}""";
        var tables = Finish("trend", Parameters, [20, 30, 25, 4, 30, 40], Of("CMS-11"));
        Assert.Equal([AnswerKind.Value, AnswerKind.Suppressed, AnswerKind.Value], tables[0].Rows.Select(r => r.Answer));
        Assert.All(tables.Skip(1).SelectMany(t => t.Rows), r => Assert.Equal(AnswerKind.Suppressed, r.Answer));
        Assert.Equal(Text(tables), Text(Finish("trend", Parameters, [20, 30, 25, 9, 30, 40], Of("CMS-11"))));
        Assert.All(Finish("trend", Parameters, [20, 30, 25, 4, 30, 40], DisclosureRules.None).SelectMany(t => t.Rows), r => Assert.NotNull(r.Cells[^1].Number));
    }

    /// <summary>Group a has 4 cases: neither they nor its follow-up are shown, nor the ratios to its rate. Cases count 100, the longest follow-up there can be.</summary>
    [Fact]
    public void Few_cases_hide_a_groups_follow_up()
    {
        const string Parameters = """{"age":"died","by":["arm"],"time":"months","event":"rel","baseline":"a"}""";
        var schema = new StudySchema([.. Schema.Variables, new("rel", VariableType.Boolean, "rel", null, [], null, null)]);
        var plan = MethodList.Find("incidence")!.Plan(JsonDocument.Parse(Parameters).RootElement, schema, new List<Fault>())!;
        long[] cells = [400, 2000, 1500, 2000, 3000, 2500, 9000, 9000, 8000, 8000, 7000, 7000];
        var tables = plan.Finish(cells, NoiseModel.None, Of("CMS-11")).Tables;
        Assert.Equal([AnswerKind.Suppressed, AnswerKind.Value, AnswerKind.Value], tables[0].Rows.Select(r => r.Answer));
        Assert.All(tables[1].Rows, r => Assert.Equal(AnswerKind.Suppressed, r.Answer));
        Assert.Equal((35, 16000), (tables[0].Rows[1].Cells[2].Number, tables[0].Rows[1].Cells[3].Number));
        Assert.All(plan.Finish(cells, NoiseModel.None, DisclosureRules.None).Tables.SelectMany(t => t.Rows), r => Assert.Equal(AnswerKind.Value, r.Answer));
    }

    /// <summary>Estimates of two sites for a model with two coefficients: 14 persons leave 10 degrees of freedom, which SACRO asks for, and 13 do not; CMS hides up to 10 persons.</summary>
    [Theory]
    [InlineData(14, "SACRO-10", AnswerKind.Value)]
    [InlineData(13, "SACRO-10", AnswerKind.Suppressed)]
    [InlineData(10, "CMS-11", AnswerKind.Suppressed)]
    public void Summaries_of_sites_need_persons_and_degrees_of_freedom(long persons, string preset, AnswerKind expected)
    {
        const string Parameters = """{"model":{"formula":"died ~ months"}}""";
        var cells = new long[25];
        (cells[0], cells[2], cells[3], cells[7], cells[13], cells[17], cells[19]) = (2, persons, 1 << 15, 1 << 15, 1 << 15, 1 << 15, 1 << 15);
        Assert.All(Finish("meta-analysis", Parameters, cells, Of(preset)).Take(3).SelectMany(t => t.Rows), r => Assert.Equal(expected, r.Answer));
    }

    /// <summary>The sums of persons who all have one scaled value.</summary>
    private static long[] Moments(long persons, double scaled) =>
        [persons, .. Enumerable.Range(1, 4).SelectMany(k => new[] { (long)(persons * Math.Pow(scaled, k) * (1L << 30)), 0L })];
}
