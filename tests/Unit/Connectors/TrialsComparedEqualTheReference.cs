using Consilience.Analyses;
using Consilience.Analyses.Schema;

namespace Consilience.Connectors.Tests;

/// <summary>R's figures for tables of two lung cancer trials, and for odds ratios over the sites themselves: 10⁻⁹ relative, but Fisher's odds ratio and limits, which R finds to four digits only; vectors/groups/compute.R makes them.</summary>
public sealed class TrialsComparedEqualTheReference
{
    private static readonly ReferenceFigures Figures = new("groups/nwtco.csv");

    private static readonly StudySchema Veteran = new(
        [Wilms.Category("trt", "1", "2"), Wilms.Category("celltype", "adeno", "large", "smallcell", "squamous"), new Variable("prior", VariableType.Integer, "prior", null, [], 0, 10)]);

    private static readonly StudySchema Lung = new([Wilms.Category("sex", "1", "2"), Wilms.Category("status", "1", "2"), Wilms.Category("site", "0", "1", "2")]);

    private static readonly StudySchema WilmsAtSites = new([.. Wilms.Schema.Variables, Wilms.Category("site", "0", "1", "2", "3", "4")]);

    [Fact]
    public void Treatment_and_cell_type()
    {
        var tests = Ask(Trial("veteran"), Veteran, 3, "association", """{"rows": "trt", "columns": "celltype"}""").Tables[1].Rows;
        Figures.Same("veteran.celltype", 1e-9, tests[0].Cells[1].Number, tests[0].Cells[2].Number, tests[0].Cells[3].Number, tests[^1].Cells[3].Number);
    }

    [Theory]
    [InlineData("veteran", """{"rows": "trt", "columns": {"variable": "prior", "edges": [0]}}""", "veteran.prior")]
    [InlineData("lung", """{"rows": "sex", "columns": "status"}""", "lung.sex")]
    public void Fisher_exact(string trial, string parameters, string figure)
    {
        var fisher = Ask(Trial(trial), trial == "lung" ? Lung : Veteran, 3, "association", parameters).Tables[1].Rows[^1].Cells;
        Figures.Same(figure, 2e-4, fisher[3].Number, fisher[4].Number, fisher[5].Number, fisher[6].Number);
        Assert.Equal(1, fisher[3].Number!.Value / Figures[$"{figure}.1"], 9);
    }

    [Theory]
    [InlineData("mh.sites", """{"outcome": "rel", "exposure": "histol", "strata": ["site"]}""")]
    [InlineData("mh.lung", """{"outcome": "status", "event": "2", "exposure": "sex", "strata": ["site"]}""")]
    public void Mantel_Haenszel_over_sites(string figure, string parameters)
    {
        var result = figure == "mh.lung" ? Ask(Trial("lung"), Lung, 3, "risk", parameters) : Ask(Wilms.File, WilmsAtSites, 5, "risk", parameters);
        var rows = result.Tables.Single(t => t.Name == "mantel-haenszel").Rows.ToDictionary(r => r.Cells[1].Text!, r => r.Cells, StringComparer.Ordinal);
        var odds = rows["odds ratio"];
        foreach (var (correct, test) in new[] { ("TRUE", "test, continuity corrected"), ("FALSE", "test") })
            Figures.Same($"{figure}.{correct}", 1e-9, rows[test][4].Number, rows[test][5].Number, odds[2].Number, odds[6].Number, odds[7].Number);
    }

    private static string Trial(string name) => Path.Combine(AppContext.BaseDirectory, "vectors", "groups", $"{name}.csv");

    /// <summary>Rows one after the other over sites, each of which writes its number beside them, and one site without rows.</summary>
    private static MethodResult Ask(string file, StudySchema schema, int number, string method, string parameters)
    {
        using var folder = new TemporaryFolder();
        var lines = File.ReadAllLines(file);
        var marked = folder.Write("marked.csv", string.Concat(lines.Select((l, i) => i == 0 ? $"{l},site\n" : $"{l},{(i - 1) % number}\n")));
        using var sites = new SplitSites(folder, marked, schema, row => row % number, number + 1);
        return sites.Ask(method, parameters);
    }
}
