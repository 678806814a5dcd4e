using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Trees;
using CsCheck;

namespace Consilience.FederatedLearning.Tests.Trees;

/// <summary>Whatever the rows, however they are split over sites, with empty sites and in any order: the ensemble's bytes are the pooled ones'.</summary>
public sealed class TreesOfAnySplitAreThePooledTrees
{
    private static readonly StudySchema Schema = new([Written.Number("x", -10, 10), Written.Category("c", "a", "b", "c"), Written.Flag("f"), Written.Number("v", -1, 1), Written.Flag("y")]);

    private static readonly object[] Inputs = [new { variable = "x", edges = new[] { -5, -1, 0, 1, 4.5 } }, "c", "f"];

    private static readonly GrowthSettings Settings = new(0.3m, 1, 0, 0.1m, 2);

    /// <summary>Values on edges, missing ones, codes, and both kinds of outcome.</summary>
    private static readonly Gen<double[]> Row = Gen.Select(
        Gen.OneOf(Gen.Double[-10, 10], Gen.OneOf([.. new[] { -5, -1, 0, 1, 4.5, double.NaN }.Select(Gen.Const)])), Gen.OneOf([.. new[] { 0, 1, 2, double.NaN }.Select(Gen.Const)]), Gen.OneOf([.. new[] { 0, 1, double.NaN }.Select(Gen.Const)]), Gen.Double[-1, 1], Gen.Double[0, 1],
        (x, c, f, noise, u) => new[] { x, c, f, noise, (double.IsNaN(x) ? 0.3 : x > 0 ? 0.7 : 0.2) + (c == 1 ? 0.2 : 0) > u ? 1 : 0 });

    private static readonly Gen<(double[][] Rows, int[] Sites, int Count)> Splits =
        Gen.Select(Row.Array[0, 120], Gen.Int[1, 6]).SelectMany((rows, count) => Gen.Int[0, count - 1].Array[rows.Length].Select(sites => (rows, sites, count)));

    private static Growing Of(string head) => new(Schema, new { kind = "trees", inputs = Inputs, head, outcome = head == "logistic" ? "y" : "v" }, 4, 3, Settings);

    private static RowsInMemory Rows(IEnumerable<double[]> rows) => new(["x", "c", "f", "v", "y"], [.. rows]);

    private static RowsInMemory[] Dealt((double[][] Rows, int[] Sites, int Count) split) =>
        [.. Enumerable.Range(0, split.Count).Select(s => Rows(split.Rows.Where((_, i) => split.Sites[i] == s).Reverse()))];

    [Theory]
    [InlineData("logistic")]
    [InlineData("linear")]
    public void Bit_for_bit(string head) => Splits.Sample(split =>
        Assert.Equal(Of(head).Grow([Rows(split.Rows)]).ToString(), Of(head).Grow(Dealt(split)).ToString()), iter: 150);

    /// <summary>The broken twins: derivatives that are rounded when they are summed, and trees of sites that are averaged. Over many splits they are not the pooled ones.</summary>
    [Fact]
    public void Sums_that_are_rounded_by_site_are_not_pooled_ones() => Assert.NotEqual(0, Differing(Of("logistic") with { Open = RoundedBySite }));

    [Fact]
    public void Trees_averaged_over_sites_are_not_pooled_ones()
    {
        var growing = Of("logistic") with { Count = 1 };
        var averaged = 0;
        Splits.Where(s => s.Rows.Length > 20 && s.Count > 1).Sample(split =>
        {
            var pooled = growing.Grow([Rows(split.Rows)]);
            var mean = Dealt(split).Select(s => growing.Grow([s]).Trees[0]).ToList();
            var ensemble = new Ensemble(0, mean);
            var scorer = new EnsembleScorer(Model(growing), ensemble);
            double Logit(double p) => Math.Log(p / (1 - p));
            averaged += split.Rows.Any(r => Math.Abs((Logit(scorer.Predict(r.AsSpan(0, 3))![0]) / mean.Count) - Logit(new EnsembleScorer(Model(growing), pooled).Predict(r.AsSpan(0, 3))![0])) > 1e-4) ? 1 : 0;
        }, iter: 20, threads: 1);
        Assert.NotEqual(0, averaged);
    }

    private static TreeModel Model(Growing growing) => (TreeModel)FederatedLearning.Models.DeclaredModel.ReadAny(System.Text.Json.JsonSerializer.SerializeToElement(growing.Model), Schema, [])!;

    private static int Differing(Growing twin)
    {
        var differing = 0;
        Splits.Where(s => s.Count > 1).Sample(split =>
        {
            if (twin.Grow([Rows(split.Rows)]).ToString() != twin.Grow(Dealt(split)).ToString())
                Interlocked.Increment(ref differing);
        }, iter: 100);
        return differing;
    }

    /// <summary>As a site would that adds up real numbers and rounds their sum, to units of a thousandth.</summary>
    private static long[] RoundedBySite(MethodPlan plan, IReadOnlyList<RowsInMemory> sites)
    {
        const long Coarse = (1L << 30) / 1000;
        var total = new long[plan.Sums.VectorLength];
        foreach (var site in sites)
        {
            var vector = Written.Total(plan, site);
            for (var i = 0; i < total.Length; i++)
                total[i] += i >= 3 && (i % 3) != 2 ? (long)Math.Round(vector[i] / (double)Coarse) * Coarse : vector[i];
        }

        return total;
    }
}
