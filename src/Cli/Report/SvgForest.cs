using System.Globalization;
using System.Net;
using System.Text;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.Cli.Output;

namespace Consilience.Cli.Report;

/// <summary>Ratios with their limits on a logarithmic axis, one a line, and a rule at 1, where there is no difference.</summary>
internal static class SvgForest
{
    private const double Width = 760, Left = 270, Right = 150, Line = 28;

    /// <summary>Of tables that mix measures only rows called a ratio are drawn, and of a fit no intercept, which compares nothing. Nothing where the table holds no ratios with limits.</summary>
    internal static string Draw(ResultTable table, StudySchema schema)
    {
        var entries = Entries(table, schema);
        if (entries.Count == 0)
            return "";
        var axis = new Axis(Math.Min(0.5, entries.Min(e => e.Low)), Math.Max(2, entries.Max(e => e.High)));
        var bottom = (Line * entries.Count) + 12;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg viewBox="0 0 {Width:0} {bottom + 28:0}" role="img" aria-label="Ratios with 95 % limits" xmlns="http://www.w3.org/2000/svg">""");
        foreach (var tick in axis.Ticks())
            svg.Append($"""<line class="grid" x1="{F(axis.X(tick))}" x2="{F(axis.X(tick))}" y1="4" y2="{F(bottom)}"/><text class="tick" x="{F(axis.X(tick))}" y="{F(bottom + 18)}" text-anchor="middle">{tick.ToString("0.##", CultureInfo.InvariantCulture)}</text>""");
        svg.Append($"""<line x1="{F(axis.X(1))}" x2="{F(axis.X(1))}" y1="4" y2="{F(bottom)}" stroke="currentColor" stroke-dasharray="4 3"/>""");
        for (var i = 0; i < entries.Count; i++)
            Write(svg, entries[i], axis, 8 + (Line * (i + 0.5)));
        return svg.Append("</svg>").ToString();
    }

    private static void Write(StringBuilder svg, Entry entry, Axis axis, double y)
    {
        svg.Append($"""<text x="0" y="{F(y + 4)}" font-size="13" fill="currentColor">{WebUtility.HtmlEncode(entry.Label)}</text>""");
        svg.Append($"""<line x1="{F(axis.X(entry.Low))}" x2="{F(axis.X(entry.High))}" y1="{F(y)}" y2="{F(y)}" stroke="{SvgCurves.Colour(0)}" stroke-width="2"/>""");
        svg.Append($"""<rect x="{F(axis.X(entry.Estimate) - 5)}" y="{F(y - 5)}" width="10" height="10" fill="{SvgCurves.Colour(0)}"/>""");
        svg.Append(CultureInfo.InvariantCulture, $"""<text x="{Width:0}" y="{F(y + 4)}" font-size="13" fill="currentColor" text-anchor="end">{entry.Estimate:0.00} ({entry.Low:0.00}–{entry.High:0.00})</text>""");
    }

    private static List<Entry> Entries(ResultTable table, StudySchema schema)
    {
        var columns = table.Columns.ToList();
        var measure = columns.IndexOf("measure");
        var ratio = Labels.EstimateOf(table);
        if (!columns.Contains(ratio.Estimate) || (measure < 0 && ratio.Estimate == "estimate"))
            return [];
        var entries = new List<Entry>();
        foreach (var row in table.Rows.Where(r => r.Answer == AnswerKind.Value && (measure < 0 || r.Cells[measure].Text!.EndsWith("ratio", StringComparison.Ordinal)) && r.Cells[0].Text != "(Intercept)"))
        {
            if (row.Cells[columns.IndexOf(ratio.Estimate)].Number is not > 0 || row.Cells[columns.IndexOf(ratio.Low)].Number is not > 0 || row.Cells[columns.IndexOf(ratio.High)].Number is not { } high)
                continue;
            var label = string.Join(" · ", Labels.Cells(table, row, schema).Where((_, i) => row.Cells[i].Text is not null));
            entries.Add(new(label, row.Cells[columns.IndexOf(ratio.Estimate)].Number!.Value, row.Cells[columns.IndexOf(ratio.Low)].Number!.Value, high));
        }

        return entries;
    }

    private static string F(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    private sealed record Entry(string Label, double Estimate, double Low, double High);

    /// <summary>A logarithmic axis from <paramref name="Low"/> to <paramref name="High"/>.</summary>
    private sealed record Axis(double Low, double High)
    {
        private static readonly double[] Candidates = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];

        internal double X(double ratio) => Left + (Math.Log(ratio / Low) / Math.Log(High / Low) * (Width - Left - Right));

        internal IEnumerable<double> Ticks() => Candidates.Where(c => c >= Low && c <= High);
    }
}
