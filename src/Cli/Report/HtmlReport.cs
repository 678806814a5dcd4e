using System.Globalization;
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
        .soft, .note { color: var(--soft); } .note { font-size: 13px; } section { content-visibility: auto; contain-intrinsic-size: auto 700px; }
        nav summary { cursor: pointer; margin: .3rem 0; } nav ol { columns: 2; font-size: .9rem; margin: 0 0 1rem; padding-left: 2.6rem; } nav a, .up { color: inherit; text-decoration-color: var(--line); } .up { float: right; font: .8rem system-ui, sans-serif; }
        .badge { display: inline-block; font-size: .78rem; padding: .1rem .6rem; border-radius: 1rem; border: 1px solid var(--line); background: var(--tint); vertical-align: 2px; }
        table { border-collapse: collapse; width: 100%; margin: .8rem 0; font-variant-numeric: tabular-nums; } th { text-align: left; font-weight: 600; font-size: .85rem; color: var(--soft); }
        td, th { padding: .3rem .7rem .3rem 0; border-bottom: 1px solid var(--line); } .n { text-align: right; } svg { width: 100%; height: auto; margin: .6rem 0; }
        code { font-size: .85em; overflow-wrap: anywhere; }
        @media print { nav, .up { display: none; } section { content-visibility: visible; break-inside: avoid; } }
        """;

    /// <summary>From so many results on, a list of them comes first.</summary>
    private const int FewestListed = 4;

    /// <summary>From more results on, lists are folded by method; a search in the page unfolds them.</summary>
    private const int MostListedOpen = 40;

    private const int MostLandmarks = 12;

    internal static string Write(string title, string subtitle, IReadOnlyList<AnalysisResult> results, StudySchema schema)
    {
        var html = new StringBuilder($"""<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{E(title)}</title><style>{Style} {Drawings.Style}</style>""");
        html.Append($"""<h1>{E(title)}</h1><p class="soft">{E(subtitle)}</p>""");
        if (results.Count >= FewestListed)
            WriteList(html, results);
        for (var i = 0; i < results.Count; i++)
            WriteResult(html, i + 1, results[i], schema);
        return html.Append("</html>\n").ToString();
    }

    /// <summary>Every result by its number, method by method.</summary>
    private static void WriteList(StringBuilder html, IReadOnlyList<AnalysisResult> results)
    {
        html.Append(string.Create(CultureInfo.InvariantCulture, $"<p class=\"soft\">{results.Count} results, {results.Count(r => r.Precision == Protocol.Analyse.Precision.Noised)} of them noised, from {results.Select(r => r.Run).Distinct().Count()} runs.</p><nav>"));
        foreach (var method in results.Select((result, i) => (result, Number: i + 1)).GroupBy(r => r.result.Method, StringComparer.Ordinal))
        {
            html.Append(string.Create(CultureInfo.InvariantCulture, $"<details{(results.Count <= MostListedOpen ? " open" : "")}><summary>{E(method.Key)} <span class=\"soft\">{method.Count()}</span></summary>"));
            html.Append($"<ol>{string.Concat(method.Select(r => $"<li value={r.Number}><a href=\"#r{r.Number}\">{E(r.result.Name)}</a>"))}</ol></details>");
        }

        html.Append("</nav>");
    }

    private static void WriteResult(StringBuilder html, int number, AnalysisResult result, StudySchema schema)
    {
        html.Append($"""<section id="r{number}"><h2>{E(result.Name)} <span class="badge">{E(Labels.Precision(result))}</span> <a class="up" href="#">list</a></h2>""");
        var drawings = Drawings.Of(result, schema);
        foreach (var drawing in drawings.Where(d => d.Table.Length == 0))
            html.Append(drawing.Text);
        if (result.Tables.Count > 0)
            WriteTables(html, result, drawings, schema);
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

    private static void WriteTables(StringBuilder html, AnalysisResult result, IReadOnlyList<Drawing> drawings, StudySchema schema)
    {
        foreach (var table in Labels.Tables(result, schema))
        {
            foreach (var drawing in drawings.Where(d => d.Table == table.Name))
                html.Append(drawing.Text);
            var curves = StepCurve.Of(table, schema);
            if (curves.Count > 0)
            {
                WriteLandmarks(html, curves);
                continue;
            }

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
        html.Append($"<p class=note>{string.Join("; ", result.Groups.Where(g => g.Curve!.Count > 0).Select(g => $"{E(Labels.Group(g, schema))}: median {Labels.Time(g.Median!.Value)}"))}. Bands: pointwise limits.</p>");
        WriteLandmarks(html, StepCurve.Of(result.Groups, schema));
    }

    /// <summary>Curves at a few times; the data files have them all.</summary>
    private static void WriteLandmarks(StringBuilder html, IReadOnlyList<StepCurve> curves)
    {
        html.Append("<table><tr><th>group<th class=n>time<th class=n>at risk<th class=n>estimate<th class=n>lower<th class=n>upper");
        foreach (var curve in curves)
        {
            if (curve.Steps.Count == 0)
                html.Append($"<tr><td>{E(curve.Label)}<td class=n><td class=n><td class=n>{Labels.Answer(curve.Answer)}<td><td>");
            foreach (var step in Labels.Landmarks(curve.Steps, s => (decimal)s.Time, MostLandmarks))
                html.Append(string.Create(CultureInfo.InvariantCulture, $"<tr><td>{E(curve.Label)}<td class=n>{step.Time:0.##}<td class=n>{step.AtRisk:0}<td class=n>{Labels.Survival(step.Estimate)}<td class=n>{Labels.Survival(step.Low)}<td class=n>{Labels.Survival(step.High)}"));
        }

        html.Append("</table>");
    }

    private static string E(string text) => WebUtility.HtmlEncode(text);
}
