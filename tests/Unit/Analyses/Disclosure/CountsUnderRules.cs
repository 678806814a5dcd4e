using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using CsCheck;

namespace Consilience.Analyses.Tests.Disclosure;

public sealed class CountsUnderRules
{
    private static readonly StudySchema Schema = new([
        new("stage", VariableType.Category, "stage", null, [new("a", "a"), new("b", "b"), new("c", "c"), new("d", "d")], null, null),
        new("months", VariableType.Integer, "months", null, [], 0, 100),
        new("died", VariableType.Boolean, "died", null, [], null, null)]);

    internal static DisclosureRules Of(params string[] names) => new([.. names.Select(n => DisclosurePreset.Find(n)!)]);

    private static MethodPlan Plan(string method, string parameters) => MethodList.Find(method)!.Plan(JsonDocument.Parse(parameters).RootElement, Schema, new List<Fault>())!;

    private static IReadOnlyList<ResultGroup> Count(long[] cells, DisclosureRules rules, NoiseModel? noise = null) => Plan("count", """{"by":["stage"]}""").Finish(cells, noise ?? NoiseModel.None, rules).Groups;

    private static NoiseModel Noise => NoiseModel.Of(NoisePlanner.Candidates(ContributionBound.OneCell, Workload.OfCells(4), PrivacyPrice.Pure(Epsilon.Parse("1")), new KeyHolderTrust(1, 0))[0]);

    /// <summary>Heart disease 3, 8, 16, 23 of 18, 23, 31, 44: redacted, 10, 15, 25 of 20, 25, 30, 45; totals are sums of rounded figures (OpenSAFELY documentation).</summary>
    [Fact]
    public void OpenSAFELYs_own_example()
    {
        var cases = Count([3, 8, 16, 23], Of("OpenSAFELY-7-5"));
        Assert.Equal([null, 10, 15, 25], cases.Select(g => g.Count));
        Assert.Equal(50, cases.Sum(g => g.Count ?? 0));
        var all = Count([18, 23, 31, 44], Of("OpenSAFELY-7-5"));
        Assert.Equal([20, 25, 30, 45], all.Select(g => g.Count!.Value));
        Assert.Equal(120, all.Sum(g => g.Count));
    }

    [Theory]
    [InlineData("OpenSAFELY-midpoint-6", new long[] { 0, 1, 6, 7 }, new long[] { 0, 3, 3, 9 })]
    [InlineData("OpenSAFELY-midpoint-6", new long[] { 12, 13, 18, 19 }, new long[] { 9, 15, 15, 21 })]
    [InlineData("NHS-2018", new long[] { 0, 8, 12, 13 }, new long[] { 0, 10, 10, 15 })]
    [InlineData("CMS-11", new long[] { 0, 11, 12, 100 }, new long[] { 0, 11, 12, 100 })]
    [InlineData("OHDSI-5", new long[] { 0, 5, 6, 7 }, new long[] { 0, 5, 6, 7 })]
    [InlineData("DataSHIELD-3", new long[] { 0, 3, 4, 5 }, new long[] { 0, 3, 4, 5 })]
    [InlineData("USCS-16", new long[] { 0, 16, 17, 18 }, new long[] { 0, 16, 17, 18 })]
    public void What_a_preset_shows_it_shows_as_it_says(string preset, long[] cells, long[] shown) => Assert.Equal(shown, Count(cells, Of(preset)).Select(g => g.Count!.Value));

    [Theory]
    [InlineData("NHS-2018", new long[] { 1, 7, 8, 0 }, "suppressed suppressed value zero")]
    [InlineData("CMS-11", new long[] { 1, 10, 11, 0 }, "suppressed suppressed value zero")]
    [InlineData("USCS-16", new long[] { 1, 15, 16, 0 }, "suppressed suppressed value zero")]
    [InlineData("OHDSI-5", new long[] { 1, 4, 5, 0 }, "suppressed suppressed value zero")]
    [InlineData("SACRO-10", new long[] { 1, 9, 10, 0 }, "suppressed suppressed value suppressed")]
    [InlineData("DataSHIELD-3", new long[] { 1, 2, 3, 0 }, "suppressed suppressed value zero")]
    public void A_suppressed_cell_never_looks_like_zero_and_carries_no_figure(string preset, long[] cells, string kinds)
    {
        var groups = Count(cells, Of(preset));
        Assert.Equal(kinds, string.Join(' ', groups.Select(g => g.Answer.ToString().ToLowerInvariant())));
        Assert.All(groups.Where(g => g.Answer == AnswerKind.Suppressed), g => Assert.True(g is { Count: null, RawCount: null, Interval: null, Curve: null, Median: null }));
        Assert.DoesNotContain("\"count\"", JsonSerializer.Serialize(groups[0]), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Every_preset_has_a_source_and_a_name_of_its_own()
    {
        Assert.Equal(8, DisclosurePreset.All.Select(p => p.Name).Distinct().Count());
        Assert.All(DisclosurePreset.All, p => Assert.True(p.Source.Length > 10 && p.Date is not { Year: < 2018 } && p.Rounding != RoundingMethod.Unspecified));
    }

    /// <summary>Whatever one preset hides, together they hide too.</summary>
    [Fact]
    public void The_strictest_of_several_wins() => Gen.Select(Gen.Int[0, 7], Gen.Int[0, 7], Gen.Long[0, 60]).Sample((i, j, count) =>
    {
        var (a, b) = (DisclosurePreset.All[i], DisclosurePreset.All[j]);
        var together = new DisclosureRules([a, b]);
        Assert.True(together.AreAtLeastAsStrictAs(a) && together.AreAtLeastAsStrictAs(b));
        foreach (var one in new[] { a, b })
        {
            if (new DisclosureRules([one]).KindOf(count) == AnswerKind.Suppressed)
                Assert.Equal(AnswerKind.Suppressed, together.KindOf(count));
        }

        Assert.Equal(Math.Max(a.Base, b.Base), together.Base);
    });

    [Theory]
    [InlineData("CMS-11", "NHS-2018", false)]
    [InlineData("NHS-2018", "CMS-11", false)]
    [InlineData("NHS-2018", "OHDSI-5", true)]
    [InlineData("USCS-16", "SACRO-10", false)]
    public void Strictness_is_judged_feature_by_feature(string rules, string wanted, bool suffices) =>
        Assert.Equal(suffices, Of(rules).AreAtLeastAsStrictAs(DisclosurePreset.Find(wanted)!));

    /// <summary>The same noised counters give the same answers whatever the truth was; a twin that looks at the truth tells worlds apart.</summary>
    [Fact]
    public void Under_noise_thresholds_see_noised_counts_alone()
    {
        var rules = Of("NHS-2018");
        string Shown(long truth, long noise, bool looksAtTruth) => (looksAtTruth ? rules.KindOf(truth) : Count([truth + noise, 50, 50, 50], rules, Noise)[0].Answer).ToString();
        foreach (var noised in new long[] { -3, 0, 5, 7, 8, 30 })
        {
            Assert.Equal(Shown(3, noised - 3, false), Shown(20, noised - 20, false));
            Assert.NotEqual(Shown(3, noised - 3, true), Shown(20, noised - 20, true));
        }
    }

    [Fact]
    public void Rounding_widens_the_interval_and_hides_the_counter_as_opened()
    {
        var plain = Count([40, 40, 40, 40], DisclosureRules.None, Noise)[0];
        var rounded = Count([41, 41, 41, 41], Of("NHS-2018"), Noise)[0];
        Assert.Equal((40, 40L), (rounded.Count, plain.RawCount));
        Assert.Null(rounded.RawCount);
        Assert.Equal(plain.Interval!.Upper + 2, rounded.Interval!.Upper);
        Assert.True(rounded.Interval.Lower <= 41 - (plain.Interval.Upper - 40));
    }

    /// <summary>Every number of a curve, and every difference of two, is 0 or above the threshold.</summary>
    [Fact]
    public void No_two_points_of_a_curve_give_a_small_cell_away() => Gen.Select(Gen.Long[0, 12].Array[6], Gen.Long[0, 12].Array[6], Gen.Long[0, 30]).Sample((censored, events, beyond) =>
    {
        var plan = Plan("kaplan-meier", """{"time":"months","event":"died","grid":{"from":10,"to":60,"step":10}}""");
        var rules = Of("CMS-11");
        var curve = plan.Finish([.. censored, .. events, beyond], NoiseModel.None, rules).Groups[0].Curve!;
        bool Shows(long n) => n == 0 || n > rules.LargestSuppressed;
        foreach (var (point, i) in curve.Select((p, i) => (p, i)))
        {
            var next = i + 1 < curve.Count ? curve[i + 1].AtRisk : point.AtRisk - point.Events - point.Censored;
            Assert.True(Shows(point.Events) && Shows(point.Censored) && Shows(point.AtRisk) && Shows(point.AtRisk - next) && Shows(next), $"{i}: {point} then {next}");
        }
    });

    [Fact]
    public void A_curve_without_rules_shows_small_cells_which_the_check_above_catches()
    {
        var plan = Plan("kaplan-meier", """{"time":"months","event":"died","grid":{"from":10,"to":20,"step":10}}""");
        Assert.Contains(plan.Finish([0, 20, 1, 20, 30], NoiseModel.None, DisclosureRules.None).Groups[0].Curve!, p => p.Events == 1);
        Assert.DoesNotContain(plan.Finish([0, 20, 1, 20, 30], NoiseModel.None, Of("CMS-11")).Groups[0].Curve!, p => p.Events == 1);
    }

    /// <summary>Where empty cells are disclosive too, no number of a curve is 0, and a group of nobody has no curve.</summary>
    [Fact]
    public void Where_zeros_are_hidden_a_curve_shows_none() => Gen.Select(Gen.Long[0, 15].Array[6], Gen.Long[0, 15].Array[6], Gen.Long[0, 30]).Sample((censored, events, beyond) =>
    {
        var plan = Plan("kaplan-meier", """{"time":"months","event":"died","grid":{"from":10,"to":60,"step":10}}""");
        var curve = plan.Finish([.. censored, .. events, beyond], NoiseModel.None, Of("SACRO-10")).Groups[0].Curve!;
        Assert.All(curve, p => Assert.True(p.Events > 9 && p.Censored > 9));
        Assert.True(curve.Count == 0 || curve[^1].AtRisk - curve[^1].Events - curve[^1].Censored > 9);
    });

    [Theory]
    [InlineData("SACRO-10", AnswerKind.Suppressed)]
    [InlineData("CMS-11", AnswerKind.Zero)]
    public void A_group_of_nobody_has_no_curve(string preset, AnswerKind kind)
    {
        var group = Plan("kaplan-meier", """{"time":"months","event":"died","grid":{"from":10,"to":20,"step":10}}""").Finish([0, 0, 0, 0, 0], NoiseModel.None, Of(preset)).Groups[0];
        Assert.Equal((kind, 0), (group.Answer, group.Curve!.Count));
    }

    [Fact]
    public void A_curve_of_too_few_is_suppressed_whole()
    {
        var plan = Plan("kaplan-meier", """{"time":"months","event":"died","grid":{"from":10,"to":20,"step":10}}""");
        var group = plan.Finish([1, 1, 1, 1, 1], NoiseModel.None, Of("CMS-11")).Groups[0];
        Assert.Equal(AnswerKind.Suppressed, group.Answer);
        Assert.True(group is { Curve.Count: 0, Median: null });
    }
}
