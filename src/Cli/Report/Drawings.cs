using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.Cli.Output;
using Consilience.Client.Publish;

namespace Consilience.Cli.Report;

/// <summary>A drawing of a result.</summary>
/// <param name="Table">The table it is of; empty where it is of the groups.</param>
/// <param name="Suffix">What a file's name ends with.</param>
/// <param name="Text">SVG, as a page with <see cref="Drawings.Style"/> embeds it.</param>
internal sealed record Drawing(string Table, string Suffix, string Text)
{
    /// <summary>As a file that stands by itself.</summary>
    internal string Alone() => Text.Insert(Text.IndexOf('>', StringComparison.Ordinal) + 1, $"<style>svg {{ font-family: system-ui, 'Segoe UI', sans-serif; color: #1c2530; background: #ffffff; --soft: #5a6673; --line: #d9dee4; }} {Drawings.Style}</style>");
}

/// <summary>Which drawings a result has: curves, forest and funnel plots, bars, pyramids and quantiles, by the shape of its groups and tables.</summary>
internal static class Drawings
{
    /// <summary>Of the drawings' classes; a page says what its soft colour and its lines are.</summary>
    internal const string Style =
        "svg text { fill: currentColor; } svg .label { font-size: 13px; } svg .note { font-size: 13px; fill: var(--soft); } svg .tick, svg .risk { font-size: 12px; fill: var(--soft); } svg .risk { font-variant-numeric: tabular-nums; } " +
        "svg .grid { stroke: var(--line); } svg .rule { stroke: currentColor; stroke-dasharray: 4 3; } svg .hidden { fill: none; stroke: var(--soft); stroke-dasharray: 3 3; }";

    internal static IReadOnlyList<Drawing> Of(AnalysisResult result, StudySchema schema)
    {
        var source = SourceOf(result);
        return [.. OfGroups(result, schema, source).Select(text => new Drawing("", "", text)), .. ScanPlots.Of(result).Select(s => new Drawing(ScanView.Table, s.Suffix, s.Svg)), .. Labels.Tables(result, schema).SelectMany(t => OfTable(result, t, schema, source).Select(d => new Drawing(t.Name, $"-{t.Name}{d.Suffix}", d.Text)))];
    }

    /// <summary>How the figures were protected, and where they can be computed again.</summary>
    private static string SourceOf(AnalysisResult result) =>
        $"{Labels.Precision(result)}{(result.Receipt is null ? "" : $" · run {$"{result.Run}"[..8]} · {result.Receipt}")}";

    private static IEnumerable<string> OfGroups(AnalysisResult result, StudySchema schema, string source)
    {
        var curves = StepCurve.Of(result.Groups, schema);
        if (curves.Any(c => c.Steps.Count > 0) && curves.Count <= SvgSteps.Most)
            yield return SvgSteps.Draw(curves, start: 1, Labels.TimeAxis(result, schema), "without the event", source);
        else if (SvgPyramid.AxesOf(result.Groups) is var (bands, sides))
            yield return SvgPyramid.Draw(result.Groups, bands, sides, schema, source);
        else if (curves.Count == 0 && result.Groups.Count is > 1 and <= SvgBars.Most)
            yield return SvgBars.Draw([.. result.Groups.Select(g => BarOf(g, schema))], "persons", "", source);
    }

    private static Bar BarOf(ResultGroup group, StudySchema schema) =>
        new(Labels.Group(group, schema), group.Answer, group.Answer is AnswerKind.Suppressed or AnswerKind.NotAsked ? null : group.Count ?? 0, group.Interval?.Lower, group.Interval?.Upper);

    private static IEnumerable<(string Suffix, string Text)> OfTable(AnalysisResult result, ResultTable table, StudySchema schema, string source)
    {
        if (table.Columns.ToList().IndexOf("estimator") is >= 0 and var estimator)
            return ByColumn(table, estimator).SelectMany(part => OfTable(result, part.Table, schema, source).Select(d => ($"-{part.Key}{d.Suffix}", d.Text)));
        var curves = StepCurve.Of(table, schema);
        if (curves.Any(c => c.Steps.Count > 0) && curves.Count <= SvgSteps.Most)
            return [("", SvgSteps.Draw(curves, table.Name is "incidence" or "hazard" ? 0 : 1, Labels.TimeAxis(result, schema), table.Name switch { "incidence" => "cumulative incidence", "hazard" => "cumulative hazard", var name => name }, source))];
        var what = result.Parameters.TryGetProperty("variable", out var variable) ? Labels.Variable($"{variable}", schema) : "value";
        if (SvgQuantiles.Draw(table, what, schema, source) is { } quantiles)
            return [("", quantiles)];
        if (BarsOf(table, schema) is { Bars.Count: > 0 and <= SvgBars.Most } bars)
            return [("", SvgBars.Draw(bars.Bars, bars.What, bars.Mark, source))];
        var funnels = SvgFunnel.Draw(table, schema, result.Precision == Protocol.Analyse.Precision.Noised, source).ToList();
        return [.. SvgForest.Draw(table, schema, source), .. funnels];
    }

    /// <summary>A table for each text in a column, without that column.</summary>
    private static IEnumerable<(string Key, ResultTable Table)> ByColumn(ResultTable table, int column) => table.Rows.GroupBy(r => r.Cells[column].Text!, StringComparer.Ordinal)
        .Select(g => (g.Key, table with { Columns = [.. table.Columns.Where((_, i) => i != column)], Rows = [.. g.Select(r => r with { Cells = [.. r.Cells.Where((_, i) => i != column)] })] }));

    /// <summary>What names a row, the two ends of a bin, at <paramref name="from"/> and after it, as one.</summary>
    private static string NameOf(string[] cells, int from) => string.Join(" · ", from < 0 ? cells : [.. cells[..from], $"{cells[from]} to {cells[from + 1]}", .. cells[(from + 2)..]]);

    /// <summary>Tables whose figures begin at 0: observed events beside the expected ones, counts of a table or of bins, shares of components.</summary>
    private static (IReadOnlyList<Bar> Bars, string What, string Mark) BarsOf(ResultTable table, StudySchema schema)
    {
        var columns = table.Columns.ToList();
        var (value, mark, what, marked) = columns switch
        {
            _ when columns.Contains("observed") && columns.Contains("expected") => ("observed", "expected", "events observed", "those expected were there no difference"),
            _ when columns.Contains("proportion") => ("proportion", "", "share of the variance", ""),
            _ when columns.Contains("density") => ("n", "", "persons in each bin", ""),
            [_, .., "n"] => ("n", "", "persons", ""),
            _ => ("", "", "", ""),
        };
        if (value.Length == 0)
            return ([], "", "");
        var names = columns.FindIndex(c => c is "n" or "std.dev" || c == value);
        return ([.. table.Rows.Select(r => new Bar(NameOf([.. Labels.Cells(table, r, schema).Take(names)], columns.IndexOf("from")), r.Answer, r.Cells[columns.IndexOf(value)].Number, Mark: mark.Length == 0 ? null : r.Cells[columns.IndexOf(mark)].Number))], what, marked);
    }
}
