using System.Net;
using System.Text;
using Consilience.Analyses.Schema;
using Consilience.Cli.Output;
using Consilience.Client.Publish;

namespace Consilience.Cli.Report;

/// <summary>One page with every result: self-contained, so that it can be mailed and archived. Every figure says its precision.</summary>
internal static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1c2530; --soft: #5a6673; --line: #d9dee4; --paper: #ffffff; --tint: #f4f6f8; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6eaef; --soft: #9aa6b2; --line: #36404b; --paper: #12171d; --tint: #1a2129; } }
        body { font: 16px/1.55 system-ui, "Segoe UI", sans-serif; color: var(--ink); background: var(--paper); max-width: 820px; margin: 3rem auto; padding: 0 1.2rem; }
        h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2.6rem 0 .4rem; } p { margin: .5rem 0; }
        .soft, .note, .tick, .risk { color: var(--soft); fill: var(--soft); } .tick, .risk { font-size: 12px; } .note { font-size: 13px; } .risk { font-variant-numeric: tabular-nums; }
        .badge { display: inline-block; font-size: .78rem; padding: .1rem .6rem; border-radius: 1rem; border: 1px solid var(--line); background: var(--tint); vertical-align: 2px; }
        table { border-collapse: collapse; width: 100%; margin: .8rem 0; font-variant-numeric: tabular-nums; } th { text-align: left; font-weight: 600; font-size: .85rem; color: var(--soft); }
        td, th { padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); } .n { text-align: right; } svg { width: 100%; height: auto; } .grid { stroke: var(--line); }
        .key { display: inline-block; width: 1.4rem; height: .25rem; vertical-align: .25rem; margin-right: .4rem; } code { font-size: .85em; overflow-wrap: anywhere; }
        """;

    internal static string Write(string title, string subtitle, IReadOnlyList<AnalysisResult> results, StudySchema schema)
    {
        var html = new StringBuilder($"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{E(title)}</title><style>{Style}</style>""");
        html.Append($"""<h1>{E(title)}</h1><p class="soft">{E(subtitle)}</p>""");
        foreach (var result in results)
            WriteResult(html, result, schema);
        return html.Append("</html>\n").ToString();
    }

    private static void WriteResult(StringBuilder html, AnalysisResult result, StudySchema schema)
    {
        html.Append($"""<section><h2>{E(result.Name)} <span class="badge">{E(Labels.Precision(result))}</span></h2>""");
        if (result.Tables.Count > 0)
            WriteTables(html, result, schema);
        else if (result.Groups.Any(g => g.Curve is not null))
            WriteCurves(html, result, schema);
        else
            WriteCounts(html, result, schema);
        html.Append($"""<p class="note">{E(result.Privacy)}</p><p class="note">In the sum: {E(string.Join(", ", result.Sites.Answered))}.""");
        if (result.Sites.Absent.Count > 0)
            html.Append($" Absent: {E(string.Join(", ", result.Sites.Absent))}.");
        foreach (var refused in result.Sites.Refused)
            html.Append($" Refused by {E(refused.Site.ToString())}: {E(refused.Message)}.");
        html.Append($" Cohort: {E(result.Cohort.Length == 0 ? "everyone" : result.Cohort)}. Run <code>{result.Run}</code>");
        html.Append(result.Receipt is null ? ".</p></section>" : $""", receipt <a href="{E(result.Receipt)}"><code>{E(result.Receipt)}</code></a>.</p></section>""");
    }

    private static void WriteTables(StringBuilder html, AnalysisResult result, StudySchema schema)
    {
        foreach (var (_, scan) in ScanPlots.Of(result))
            html.Append(scan);
        foreach (var table in Labels.Tables(result))
        {
            html.Append(SvgForest.Draw(table, schema));
            var isText = Enumerable.Range(0, table.Columns.Count).Select(i => table.Rows.Any(r => r.Cells[i].Text is not null)).ToList();
            html.Append($"<table><tr>{string.Concat(table.Columns.Select((c, i) => $"<th{(isText[i] ? "" : " class=n")}>{E(Labels.Variable(c, schema))}"))}");
            foreach (var row in table.Rows)
                html.Append($"<tr>{string.Concat(Labels.Cells(table, row, schema).Select((c, i) => $"<td{(isText[i] ? "" : " class=n")}>{E(c)}"))}");
            html.Append("</table>");
        }
    }

    private static void WriteCounts(StringBuilder html, AnalysisResult result, StudySchema schema)
    {
        var variables = result.Groups[0].Key.Keys.ToList();
        var noised = result.Groups.Any(g => g.Interval is not null);
        var shares = Labels.HasShares(result);
        html.Append($"<table><tr>{string.Concat(variables.Select(v => $"<th>{E(Labels.Variable(v, schema))}"))}<th class=n>persons{(noised ? "<th class=n>19 times in 20" : "")}{(shares ? "<th class=n>share, 95 %" : "")}");
        foreach (var group in result.Groups)
        {
            html.Append($"<tr>{string.Concat(variables.Select(v => $"<td>{E(Labels.Value(v, group.Key[v], schema))}"))}<td class=n>{Labels.Count(group)}");
            if (noised)
                html.Append(group.Interval is { } interval ? $"<td class=n>{interval.Lower:0}–{interval.Upper:0}" : "<td>");
            if (shares)
                html.Append($"<td class=n>{Labels.Share(group.Share)}");
        }

        html.Append("</table>");
        if (result.Groups.Any(g => g.RawCount < 0))
            html.Append("""<p class="note">* Noise made this counter negative; the data file keeps it as opened.</p>""");
    }

    private static void WriteCurves(StringBuilder html, AnalysisResult result, StudySchema schema)
    {
        foreach (var hidden in result.Groups.Where(g => g.Curve!.Count == 0))
            html.Append($"<p class=note>{E(Labels.Group(hidden, schema))}: {Labels.Answer(hidden.Answer)}</p>");
        result = result with { Groups = [.. result.Groups.Where(g => g.Curve!.Count > 0)] };
        if (result.Groups.Count == 0)
            return;
        html.Append(Drawings.Curves(result, schema));
        html.Append("<p class=note>");
        for (var i = 0; i < result.Groups.Count; i++)
        {
            var median = result.Groups[i].Median!;
            html.Append($"""<span class="key" style="background:{SvgCurves.Colour(i)}"></span>{E(Labels.Group(result.Groups[i], schema))}, median {Labels.Time(median.Value)} &emsp; """);
        }

        html.Append("Bands: pointwise 95 % limits.</p><table><tr><th>group<th class=n>time<th class=n>at risk<th class=n>survival<th class=n>std. error<th class=n>lower<th class=n>upper");
        foreach (var group in result.Groups)
        {
            foreach (var point in Labels.Landmarks(group.Curve!, 12))
                html.Append($"<tr><td>{E(Labels.Group(group, schema))}<td class=n>{point.Time:0.##}<td class=n>{point.AtRisk}<td class=n>{Labels.Survival(point.Survival)}<td class=n>{Labels.Survival(point.StandardError)}<td class=n>{Labels.Survival(point.Lower)}<td class=n>{Labels.Survival(point.Upper)}");
        }

        html.Append("</table>");
    }

    private static string E(string text) => WebUtility.HtmlEncode(text);
}
