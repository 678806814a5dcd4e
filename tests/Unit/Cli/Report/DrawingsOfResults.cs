using System.Text.Json;
using System.Xml.Linq;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.Cli.Report;
using Consilience.Client.Publish;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Cli.Tests.Report;

/// <summary>Drawings hold the figures, say how they were protected, and never show what is hidden as nothing.</summary>
public sealed class DrawingsOfResults
{
    private static readonly StudySchema Schema = new(
    [
        new("sex", VariableType.Category, "Sex", null, [new("f", "female"), new("m", "male")], null, null), new("age", VariableType.Integer, "Age", "years", [], 0, 120),
        new("centre", VariableType.Category, "Centre", null, [.. Enumerable.Range(1, 40).Select(i => new CategoryCode($"{i}", $"centre {i}"))], null, null),
        new("days", VariableType.Integer, "Time", "days", [], 0, 1000),
    ]);

    private static readonly ResultGroup Suppressed = new() { Key = new Dictionary<string, string> { ["sex"] = "m" }, Answer = AnswerKind.Suppressed };

    [Fact]
    public void Bars_are_as_long_as_counts_and_hidden_ones_say_so()
    {
        var drawing = Single(Of([Cell(30, ("sex", "f")), Suppressed]));
        Assert.Contains("suppressed", Texts(drawing));
        Assert.Contains("30", Texts(drawing));
        Assert.Single(Elements(drawing, "rect"), r => r.Attribute("class")?.Value == "hidden");
        var bar = Single(Of([Cell(30, ("sex", "f")), Cell(15, ("sex", "m"))]));
        var widths = Elements(bar, "rect").Select(r => double.Parse(r.Attribute("width")!.Value)).ToList();
        Assert.Equal(2, widths[0] / widths[1], 2);
    }

    /// <summary>The broken twin of a hidden cell is a cell of nobody: its picture is another, without the mark.</summary>
    [Fact]
    public void Nobody_is_not_hidden()
    {
        var nobody = Single(Of([Cell(30, ("sex", "f")), Cell(0, ("sex", "m")) with { Answer = AnswerKind.Zero }]));
        Assert.DoesNotContain("suppressed", Texts(nobody));
        Assert.DoesNotContain(Elements(nobody, "rect"), r => r.Attribute("class")?.Value == "hidden");
        Assert.Contains("0", Texts(nobody));
    }

    [Fact]
    public void Noised_counts_carry_their_intervals_and_every_drawing_its_precision_and_receipt()
    {
        var noised = Of([Cell(30, ("sex", "f")) with { Interval = new(26, 34) }, Cell(12, ("sex", "m")) with { Interval = new(8, 16) }]) with { Precision = Precision.Noised, Epsilon = "1/2", Receipt = "receipts/3-count.receipt.json" };
        var texts = Texts(Single(noised));
        Assert.Contains("30 (26–34)", texts);
        Assert.Contains($"noised, ε = 1/2 · run {$"{noised.Run}"[..8]} · receipts/3-count.receipt.json", texts);
        var svg = XDocument.Parse(Single(noised).Text).Root!;
        Assert.Equal("img", svg.Attribute("role")!.Value);
        Assert.Equal(["title", "desc"], svg.Elements().Take(2).Select(e => e.Name.LocalName));
    }

    [Fact]
    public void Bands_of_age_by_sex_are_a_pyramid()
    {
        string[] bands = ["<= 9", "(9, 19]", "> 19"];
        var groups = bands.SelectMany((b, i) => new[] { "f", "m" }.Select(s => (b, i, s))).Select(c => c is { i: 1, s: "m" } ? Cell(0, ("age", c.b), ("sex", c.s)) with { Answer = AnswerKind.Suppressed, Count = null } : Cell(10 * (c.i + 1), ("age", c.b), ("sex", c.s))).ToList();
        var drawing = Single(Of(groups));
        Assert.Contains("pyramid", drawing.Text, StringComparison.Ordinal);
        Assert.Equal(["female", "male"], Texts(drawing).Where(t => t is "female" or "male"));
        Assert.Single(Texts(drawing), t => t == "suppressed");
        Assert.All(["10", "20", "30"], n => Assert.Contains(n, Texts(drawing)));
    }

    [Fact]
    public void Curves_have_numbers_at_risk_and_hidden_ones_a_word()
    {
        ResultGroup Curve(string sex, params CurvePoint[] points) => new() { Key = new Dictionary<string, string> { ["sex"] = sex }, Curve = points, Median = new(null, null, null), Answer = points.Length == 0 ? AnswerKind.Suppressed : AnswerKind.Value };
        var drawing = Single(Of([Curve("f", new CurvePoint(500, 83, 3, 2, 0.9, 0.02, 0.85, 0.95), new CurvePoint(1000, 60, 6, 2, 0.8, 0.03, 0.7, 0.87)), Curve("m")]));
        var texts = Texts(drawing);
        Assert.Contains("suppressed", texts);
        Assert.Contains("83", texts);
        Assert.Contains("60", texts);
        Assert.Contains("Number at risk", texts);
        Assert.Equal(2, Elements(drawing, "path").Count());
    }

    [Fact]
    public void Ratios_stand_on_a_logarithmic_axis_with_a_rule_at_one()
    {
        ResultRow Ratio(string term, double log, double error) => Row(term, log, Math.Exp(log), Math.Exp(log - (1.96 * error)), Math.Exp(log + (1.96 * error)));
        var table = new ResultTable("coefficients", ["term", "estimate", "hazard.ratio", "hazard.low", "hazard.high"],
            [Ratio("(Intercept)", 1, 0.1), Ratio("half", Math.Log(0.5), 0.1), Ratio("twice", Math.Log(2), 0.1), Ratio("wide", 0, 10), Hidden(5, "hidden"), Row("none", double.NaN, double.NaN, double.NaN, double.NaN)]);
        var drawing = Single(Of(table));
        var places = Elements(drawing, "rect").Where(r => r.Attribute("class") is null).Select(r => double.Parse(r.Attribute("x")!.Value) + 4.5).ToList();
        var rule = Elements(drawing, "line").Where(l => l.Attribute("class")?.Value == "rule").Select(l => double.Parse(l.Attribute("x1")!.Value)).Single();
        Assert.Equal(3, places.Count);
        Assert.Equal(rule - places[0], places[1] - rule, 1);
        Assert.Equal(rule, places[2], 1);
        Assert.All(["suppressed", "not defined", "0.500 (0.411 to 0.608)"], t => Assert.Contains(t, Texts(drawing)));
        Assert.DoesNotContain("(Intercept)", Texts(drawing));
        Assert.Equal(2, Elements(drawing, "path").Count());
    }

    [Fact]
    public void Many_groups_are_a_funnel_and_who_is_beyond_it_is_named()
    {
        var rows = Enumerable.Range(1, 40).Select(i => (Name: $"{i}", Years: 1000.0 * i, Cases: i == 20 ? 400.0 : 10.0 * i)).Select(c => Row(c.Name, "crude rate", c.Cases, c.Years, 1e5 * c.Cases / c.Years, 1.0, 1.0, 2000.0)).ToList();
        rows[6] = Hidden(8, "7", "crude rate");
        var drawings = Drawings.Of(Of(new ResultTable("rates", ["centre", "measure", "cases", "person.years", "estimate", "std.error", "conf.low", "conf.high"], rows)), Schema);
        var funnel = drawings.Single(d => d.Suffix.EndsWith("funnel", StringComparison.Ordinal));
        Assert.Equal(39, Elements(funnel, "circle").Count());
        Assert.Equal(["centre 20"], Texts(funnel).Where(t => t.StartsWith("centre", StringComparison.Ordinal)));
        Assert.Contains(Texts(funnel), t => t.Contains("1 not shown", StringComparison.Ordinal));
        Assert.Contains(Texts(funnel), t => t.Contains("99.8 %", StringComparison.Ordinal));
        Assert.Equal(4, Elements(funnel, "path").Count());
    }

    [Fact]
    public void Quantiles_have_a_box()
    {
        var rows = new[] { "f", "m" }.SelectMany(s => new[] { 0.25, 0.5, 0.75 }.Select(p => s == "m" ? Hidden(3, s, p) : Row(s, p, 100 * p))).ToList();
        var drawing = Single(Of(new ResultTable("quantiles", ["sex", "probability", "estimate"], rows)));
        Assert.Single(Elements(drawing, "rect"), r => r.Attribute("class") is null);
        Assert.Contains("suppressed", Texts(drawing));
    }

    /// <summary>What somebody called a variable does not become markup.</summary>
    [Fact]
    public void Names_are_text()
    {
        var schema = new StudySchema([new("sex", VariableType.Category, "<script>", null, [new("f", "<b>\"&"), new("m", "'")], null, null)]);
        var text = Drawings.Of(Of([Cell(1, ("sex", "f")), Cell(2, ("sex", "m"))]), schema).Single().Alone();
        Assert.Contains("<b>\"&", XDocument.Parse(text).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value));
    }

    private static ResultGroup Cell(long count, params (string Variable, string Code)[] key) => new() { Key = key.ToDictionary(k => k.Variable, k => k.Code), Count = count };

    private static ResultRow Row(params ResultCell[] cells) => new(AnswerKind.Value, cells);

    private static ResultRow Hidden(int columns, params ResultCell[] names) => new(AnswerKind.Suppressed, [.. names, .. Enumerable.Repeat(ResultCell.Undefined, columns - names.Length)]);

    private static AnalysisResult Of(ResultTable table) => Of([]) with { Tables = [table] };

    private static AnalysisResult Of(IReadOnlyList<ResultGroup> groups) => new()
    {
        Name = "answer", Method = "count", Parameters = JsonSerializer.SerializeToElement(new { time = "days" }), Precision = Precision.Exact, Epsilon = null, Rho = null, PrivacyUnit = null, Noise = null, Disclosure = [], Run = RunId.FromRandom(new byte[16]),
        Agreement = Digest.Of("agreement"u8), Study = "study", Cohort = "", Sites = new SiteParticipation([], [], []), KeyHolders = [], Privacy = "", Groups = groups, Tables = [],
    };

    private static Drawing Single(AnalysisResult result) => Assert.Single(Drawings.Of(result, Schema));

    private static List<string> Texts(Drawing drawing) => [.. Elements(drawing, "text").Select(e => string.Concat(e.Nodes().OfType<XText>().Select(t => t.Value)))];

    private static IEnumerable<XElement> Elements(Drawing drawing, string name) => XDocument.Parse(drawing.Text).Descendants().Where(e => e.Name.LocalName == name);
}
