using System.Globalization;
using Consilience.FederatedLearning.Tests.Published;
using Consilience.FederatedLearning.Trees;

namespace Consilience.FederatedLearning.Tests.Trees;

/// <summary>
/// Ten trees of three levels on the same public bins as XGBoost's (<c>vectors/trees/compute.py</c>): the same splits, gains, weights and second derivatives, the same area under the ROC curve. XGBoost derives and tells in single precision: gains to
/// 10⁻⁶ of themselves and 10⁻⁴, as differences of scores that are larger; weights to 10⁻⁶.
/// </summary>
public sealed class TreesEqualTheReference
{
    private static readonly GrowthSettings Settings = new(0.3m, 1, 0, 2, 0);

    private static readonly string[] HeartNames = ["age", "sex", "cp", "trestbps", "chol", "fbs", "restecg", "thalach", "exang", "oldpeak", "num"];

    private static readonly Growing Heart = new(
        new([
            Written.Number("age", 0, 120), Written.Flag("sex"), Written.Category("cp", "1", "2", "3", "4"), Written.Number("trestbps", 0, 300), Written.Number("chol", 0, 1000), Written.Flag("fbs"), Written.Category("restecg", "0", "1", "2"),
            Written.Number("thalach", 0, 300), Written.Flag("exang"), Written.Number("oldpeak", -10, 10), Written.Category("num", "0", "1", "2", "3", "4"),
        ]),
        new
        {
            kind = "trees",
            inputs = new object[]
            {
                Binned("age", 40, 45, 50, 55, 60, 65), "sex", "cp", Binned("trestbps", 110, 120, 130, 140, 150), Binned("chol", 100, 200, 230, 260, 300), "fbs", "restecg", Binned("thalach", 110, 125, 140, 155, 170), "exang",
                Binned("oldpeak", 0, 0.5, 1, 1.5, 2, 3),
            },
            head = "logistic", outcome = "num", @event = new[] { "1", "2", "3", "4" },
        },
        10, 3, Settings);

    private static readonly Growing Wilms = new(
        new([Written.Number("age", 0, 300), Written.Category("stage", "1", "2", "3", "4"), Written.Category("histol", "1", "2"), Written.Flag("rel")]),
        new { kind = "trees", inputs = new object[] { Binned("age", 12, 24, 36, 48, 60, 96), new { variable = "stage", order = "schema" }, "histol" }, head = "logistic", outcome = "rel" }, 10, 3, Settings);

    private static object Binned(string variable, params double[] edges) => new { variable, edges };

    private static RowsInMemory[] Sites(string data) => data == "heart"
        ? [.. Federation.Read("heart.csv").GroupBy(r => r["site"]).Select(site => new RowsInMemory(HeartNames, [.. site.Select(r => HeartNames.Select(n => r[n].Length == 0 ? double.NaN : Number(r[n]) - (n == "cp" ? 1 : 0)).ToArray())]))]
        : [.. Federation.Read("nwtco.csv").GroupBy(r => r["instit"]).Select(site => new RowsInMemory(["age", "stage", "histol", "rel"], [.. site.Select(r => new[] { Number(r["age"]), Number(r["stage"]) - 1, Number(r["histol"]) - 1, Number(r["rel"]) })]))];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("heart")]
    [InlineData("nwtco")]
    public void Splits_gains_and_weights(string data)
    {
        var growing = data == "heart" ? Heart : Wilms;
        var found = new List<Dictionary<string, (FoundSplit Split, long[] Total, TreeSums Sums, int Node)>>();
        var ensemble = growing.Grow(Sites(data), (plan, total) =>
        {
            var sums = ((TreeHistogramsPlan)plan).Level;
            if (sums.Tree!.Nodes.Count == 1)
                found.Add(new(StringComparer.Ordinal));
            foreach (var path in Paths(sums.Tree).Where(p => p.Node.IsOpen).Select((p, node) => (p.Path, Node: node)))
            {
                if (GrowTree.BestSplit(sums, total, path.Node, Settings) is { } split)
                    found[^1][path.Path] = (split, total, sums, path.Node);
            }
        });
        var expected = Federation.Read("nodes.csv").Where(r => r["data"] == data).ToLookup(r => int.Parse(r["tree"], CultureInfo.InvariantCulture));
        Assert.Equal(expected.Select(t => t.Count()), ensemble.Trees.Select(t => t.Nodes.Count));
        foreach (var tree in expected)
        {
            foreach (var (row, (node, path)) in tree.Zip(Paths(ensemble.Trees[tree.Key])))
            {
                if (node.IsSplit)
                    Compare(row, found[tree.Key][path]);
                else
                    Assert.Equal(Number(row["weight"]), node.Weight!.Value, 1e-6);
            }
        }
    }

    [Theory]
    [InlineData("heart")]
    [InlineData("nwtco")]
    public void Area_under_the_curve(string data)
    {
        var growing = data == "heart" ? Heart : Wilms;
        var sites = Sites(data);
        var plan = Written.Plan("model-evaluation", growing.Schema, new { model = growing.Model, weights = Growing.Raw(growing.Grow(sites).ToString()), bins = 10_000 });
        var row = plan.Finish(Written.Total(plan, sites), Analyses.NoiseModel.None, Analyses.Disclosure.DisclosureRules.None).Tables[0];
        var expected = Federation.Read("areas.csv").Single(r => r["data"] == data);
        Assert.Equal(Number(expected["auc"]), row.Rows[0].Cells[row.Columns.ToList().IndexOf("estimate")].Number!.Value, 1e-5);
    }

    /// <summary>The broken twin: a λ that is forgotten gives other trees.</summary>
    [Fact]
    public void Without_lambda_the_trees_are_others()
    {
        var expected = Federation.Read("nodes.csv").Where(r => r["data"] == "heart" && r["weight"].Length > 0).Select(r => Number(r["weight"])).ToList();
        double Farthest(GrowthSettings settings) =>
            (Heart with { Settings = settings }).Grow(Sites("heart")).Trees.SelectMany(t => t.Nodes).Where(n => !n.IsSplit).Select(n => (double)n.Weight!).Zip(expected, (w, e) => Math.Abs(w - e)).Max();
        Assert.InRange(Farthest(Settings), 0, 1e-6);
        Assert.InRange(Farthest(Settings with { Lambda = 0 }), 1e-3, double.PositiveInfinity);
    }

    private static void Compare(Dictionary<string, string> row, (FoundSplit Split, long[] Total, TreeSums Sums, int Node) found)
    {
        var (sums, node) = (found.Sums, found.Split.Node);
        var input = sums.Model.Inputs[node.Input];
        var persons = Enumerable.Range(0, input.Width).Select(bin => sums.Layout.Read(found.Total, found.Node, node.Input, bin).Persons).ToArray();
        Assert.Equal(row["input"], input.Variable);
        // Of bins that hold nobody either end is the same split.
        var (low, high) = (Math.Min(node.Split, int.Parse(row["bin"], CultureInfo.InvariantCulture)), Math.Max(node.Split, int.Parse(row["bin"], CultureInfo.InvariantCulture)));
        Assert.All(persons[(low + 1)..(high + 1)], n => Assert.Equal(0, n));
        if (persons[input.Missing] > 0)
            Assert.Equal(row["missing"], node.IsMissingLeft ? "left" : "right");
        var gain = Number(row["gain"]);
        Assert.Equal(gain, found.Split.Gain, (1e-6 * gain) + 1e-4);
        Assert.Equal(Number(row["hessian"]), (found.Split.Left.Hessian + found.Split.Right.Hessian) / (double)sums.Unit, 2e-5);
    }

    private static List<(TreeNode Node, string Path)> Paths(Tree tree)
    {
        var (paths, waiting) = (new List<(TreeNode, string)>(), new Stack<string>([""]));
        foreach (var node in tree.Nodes)
        {
            var path = waiting.Pop();
            paths.Add((node, path));
            if (node.IsSplit)
            {
                waiting.Push(path + "R");
                waiting.Push(path + "L");
            }
        }

        return paths;
    }
}
