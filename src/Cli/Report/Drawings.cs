using Consilience.Analyses.Schema;
using Consilience.Cli.Output;
using Consilience.Client.Publish;

namespace Consilience.Cli.Report;

/// <summary>The drawings of a result, as the report embeds them and as files that stand by themselves.</summary>
internal static class Drawings
{
    /// <summary>What the report's page gives its drawings, for those without a page.</summary>
    private const string Style = "<style>svg { font-family: system-ui, 'Segoe UI', sans-serif; color: #1c2530; background: #ffffff; } .tick, .risk { font-size: 12px; fill: #5a6673; } .grid { stroke: #d9dee4; }</style>";

    /// <summary>A drawing for each table or set of curves that has one: what the file's name ends with, and its text.</summary>
    internal static IEnumerable<(string Suffix, string Text)> Files(AnalysisResult result, StudySchema schema)
    {
        if (Curves(result, schema) is { Length: > 0 } curves)
            yield return ("", Alone(curves));
        foreach (var (suffix, scan) in ScanPlots.Of(result))
            yield return (suffix, Alone(scan));
        foreach (var table in Labels.Tables(result))
        {
            if (SvgForest.Draw(table, schema) is { Length: > 0 } forest)
                yield return ($"-{table.Name}", Alone(forest));
        }
    }

    /// <summary>Curves of every group that is shown; empty where the result has none.</summary>
    internal static string Curves(AnalysisResult result, StudySchema schema)
    {
        var shown = result.Groups.Where(g => g.Curve is { Count: > 0 }).ToList();
        return shown.Count == 0 ? "" : SvgCurves.Draw([.. shown.Select(g => new LabelledCurve(Labels.Group(g, schema), g.Curve!))], Labels.TimeAxis(result, schema));
    }

    private static string Alone(string svg) => svg.Insert(svg.IndexOf('>', StringComparison.Ordinal) + 1, Style);
}
