using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Trees;
using CsCheck;

namespace Consilience.FederatedLearning.Tests.Trees;

/// <summary>The bound that noise is scaled to, attacked; what rules hide; what is refused before any row is read.</summary>
public sealed class WhatALevelTells
{
    private static readonly StudySchema Schema = new([Written.Number("x", -10, 10), Written.Number("w", 0, 1), Written.Category("c", "a", "b", "c"), Written.Number("v", -1, 1), Written.Flag("y")]);

    private static readonly object[] Inputs = [new { variable = "x", edges = new[] { -5, 0, 5 } }, "c"];

    private static readonly Gen<double[]> Row = Gen.Select(Gen.Double[-10, 10], Gen.Int[-1, 2], Gen.Double[-1, 1], Gen.Bool, (x, c, v, y) => new[] { x, c < 0 ? double.NaN : c, v, y ? 1.0 : 0 });

    private static MethodPlan Plan(string head, object? more = null)
    {
        var parameters = new Dictionary<string, object?> { ["model"] = new { kind = "trees", inputs = Inputs, head, outcome = head == "logistic" ? "y" : "v" } };
        foreach (var property in (more ?? new { }).GetType().GetProperties())
            parameters[property.Name] = property.GetValue(more);
        return Written.Plan("tree-histograms", Schema, parameters);
    }

    private static RowsInMemory Rows(params IEnumerable<double[]> rows) => new(["x", "c", "v", "y"], [.. rows]);

    /// <summary>Scores far out, where gradients are longest, and residuals beyond the outcome's whole range.</summary>
    [Theory]
    [InlineData("logistic", -80)]
    [InlineData("logistic", 0)]
    [InlineData("linear", 50)]
    [InlineData("linear", 0)]
    public void A_person_more_moves_a_level_within_the_bound_whoever_else_is_there(string head, double score)
    {
        var plan = Plan(head, new { bits = 10, ensemble = Growing.Raw(FormattableString.Invariant($$"""{"base":{{score}},"trees":[]}""")), tree = Growing.Raw("[[0,1,0],[],[]]") });
        var (bound, worst) = (plan.Sums.Bound, 0L);
        Gen.Select(Row.Array[0, 20], Row).Sample(
            (others, person) =>
            {
                var changed = Written.Total(plan, Rows(others)).Zip(Written.Total(plan, Rows([.. others, person])), (a, b) => b - a).Where(d => d != 0).ToList();
                Assert.InRange(changed.Count, 1, bound.Cells);
                Assert.InRange(changed.Max(Math.Abs), 1, bound.PerCell);
                Assert.InRange(changed.Sum(Math.Abs), 1, bound.Total);
                worst = Math.Max(worst, changed.Sum(d => d * d));
                Assert.InRange(worst, 1, bound.Squares);
            },
            iter: 300, threads: 1);

        // The bound is no wider than it must be: half of it is reached, and a broken twin that counts a person's bin of one input alone is broken.
        if (score != 0)
            Assert.InRange(worst, plan.Sums.Bound.Squares / 2, plan.Sums.Bound.Squares);
    }

    [Fact]
    public void A_bound_of_one_input_alone_is_broken()
    {
        var (one, two) = (Plan("logistic", new { bits = 10, features = new[] { "c" } }), Plan("logistic", new { bits = 10 }));
        var ensemble = Growing.Raw("""{"base":80,"trees":[]}""");
        var answered = Written.Total(Plan("logistic", new { bits = 10, ensemble }), Rows([1, 0, 0, 0]));
        Assert.InRange(answered.Sum(d => d * d), one.Sums.Bound.Squares + 1, two.Sums.Bound.Squares);
    }

    [Fact]
    public void Noise_is_refused_where_units_are_so_fine_that_sums_could_leave_their_range()
    {
        Assert.Contains("'bits' of at most 20", Plan("logistic").ObjectionToNoise, StringComparison.Ordinal);
        Assert.Null(Plan("logistic", new { bits = 20 }).ObjectionToNoise);
    }

    /// <summary>Three persons have code b: under a rule of ten its input is hidden, and would be shown without.</summary>
    [Fact]
    public void Few_persons_in_a_bin_hide_the_input()
    {
        var rows = Rows(Enumerable.Range(0, 63).Select(i => new[] { i % 3 == 0 ? -6.0 : i % 3 == 1 ? 1 : 6, i < 3 ? 1 : i % 2 * 2, 0, i % 2 }));
        var plan = Plan("logistic");
        var total = Written.Total(plan, rows);
        IReadOnlyList<ResultTable> Tables(params string[] presets) => plan.Finish(total, NoiseModel.None, new DisclosureRules([.. presets.Select(p => DisclosurePreset.Find(p)!)])).Tables;
        Assert.All(Tables()[2].Rows, r => Assert.Equal(AnswerKind.Value, r.Answer));
        var hidden = Tables("CMS-11")[2].Rows;
        Assert.All(hidden, r => Assert.Equal(r.Cells[1].Text == "c" ? AnswerKind.Suppressed : AnswerKind.Value, r.Answer));
        Assert.All(hidden.Where(r => r.Answer == AnswerKind.Suppressed), r => Assert.All(r.Cells.Skip(3), c => Assert.Null(c.Number)));
        Assert.Equal(AnswerKind.Value, Tables("CMS-11")[1].Rows.Single().Answer);
        Assert.All(plan.Finish(Written.Total(plan, Rows(rows.Rows.Take(5))), NoiseModel.None, new DisclosureRules([DisclosurePreset.Find("CMS-11")!])).Tables.SelectMany(t => t.Rows), r => Assert.Equal(AnswerKind.Suppressed, r.Answer));
    }

    /// <summary>A site without rows, and outcomes that nobody knows, give sums of nothing; the tree is a leaf of no weight.</summary>
    [Fact]
    public void Nobody_gives_a_leaf_of_no_weight()
    {
        var plan = Plan("logistic");
        var (tree, level) = GrowTree.Take(plan, Written.Total(plan, Rows([1, 0, 0, double.NaN])), new(0.3m, 0, 0, 0, 0), isLast: false);
        Assert.Equal(("[0]", 0, null), (tree!.ToString(), level.Persons, level.Loss));
    }

    [Theory]
    [InlineData("""{"kind":"forest","inputs":["c"],"head":"logistic","outcome":"y"}""", "{}", "model.kind")]
    [InlineData("""{"kind":"trees","inputs":["x"],"head":"logistic","outcome":"y"}""", "{}", "inputs[0].edges")]
    [InlineData("""{"kind":"trees","inputs":["c","c"],"head":"logistic","outcome":"y"}""", "{}", "inputs[1]")]
    [InlineData("""{"kind":"trees","inputs":["y"],"head":"logistic","outcome":"y"}""", "{}", "model.inputs")]
    [InlineData("""{"kind":"trees","inputs":["c"],"head":"softmax","outcome":"c"}""", "{}", "model.head")]
    [InlineData("""{"kind":"trees","inputs":[{"variable":"x","grid":{"from":0,"to":9,"step":0.001}}],"head":"logistic","outcome":"y"}""", "{}", "inputs[0]")]
    [InlineData("""{"kind":"trees","inputs":["c"],"head":"logistic","outcome":"y"}""", """{"tree":[0.5]}""", "tree")]
    [InlineData("""{"kind":"trees","inputs":["c"],"head":"logistic","outcome":"y"}""", """{"tree":[[0,3,0],[],[]]}""", "tree")]
    [InlineData("""{"kind":"trees","inputs":["c"],"head":"logistic","outcome":"y"}""", """{"tree":[[0,1,0],[]]}""", "tree")]
    [InlineData("""{"kind":"trees","inputs":["c"],"head":"logistic","outcome":"y"}""", """{"tree":[[],[]]}""", "tree")]
    [InlineData("""{"kind":"trees","inputs":["c"],"head":"logistic","outcome":"y"}""", """{"ensemble":{"base":0,"trees":[[[]]]}}""", "ensemble")]
    [InlineData("""{"kind":"trees","inputs":["c"],"head":"logistic","outcome":"y"}""", """{"ensemble":{"base":1e39,"trees":[]}}""", "ensemble")]
    [InlineData("""{"kind":"trees","inputs":["c"],"head":"logistic","outcome":"y"}""", """{"ensemble":{"sha256":"00","size":9}}""", "sha256")]
    [InlineData("""{"kind":"trees","inputs":["c"],"head":"logistic","outcome":"y"}""", """{"features":["x"]}""", "features[0]")]
    [InlineData("""{"kind":"trees","inputs":["c"],"head":"logistic","outcome":"y"}""", """{"bits":31}""", "bits")]
    public void A_fault_is_named(string model, string more, string subject)
    {
        var parameters = System.Text.Json.Nodes.JsonNode.Parse(more)!.AsObject();
        parameters["model"] = System.Text.Json.Nodes.JsonNode.Parse(model);
        var faults = new List<Fault>();
        Assert.Null(KnownMethods.Find("tree-histograms")!.Plan(JsonSerializer.SerializeToElement(parameters), Schema, faults));
        Assert.Contains(faults, f => f.Subject.EndsWith(subject, StringComparison.Ordinal));
    }

    /// <summary>Trees that are not the model's, or not written as they were named, are no trees: a site refuses.</summary>
    [Theory]
    [InlineData("""{"base":0,"trees":[[[7,0,0],0.5,1]]}""")]
    [InlineData("""{"base":0, "trees":[]}""")]
    [InlineData("""{"base":0,"trees":[[[]]]}""")]
    [InlineData("")]
    public void What_is_attached_must_be_trees_of_the_model(string attached)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(attached);
        var plan = Plan("logistic", new { ensemble = new { sha256 = new string('0', 64), size = 100 } });
        Assert.Equal(100, plan.Sums.Attachment!.SizeInBytes);
        Assert.Throws<ArithmeticException>(() => plan.Sums.Encode(Rows(), bytes, new long[plan.Sums.VectorLength]));
    }
}
