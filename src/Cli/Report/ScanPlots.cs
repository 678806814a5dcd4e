using System.Globalization;
using System.Text;
using Consilience.Analyses;
using Consilience.Cli.Output;
using Consilience.Client.Publish;

namespace Consilience.Cli.Report;

/// <summary>The two drawings of a scan: −log₁₀ p along the genome, and against what it would be without any association. Of points with p above 0.01 only some are drawn.</summary>
internal static class ScanPlots
{
    private const double Width = 760, Height = 340, Left = 56, Right = 16, Top = 16, Bottom = 44;

    /// <summary>Points nobody looks at: as many of them are drawn as fill the band they lie in.</summary>
    private const double Dull = 0.01;
    private const int MostDull = 4000;

    /// <summary>The customary threshold of genome-wide significance.</summary>
    private const double GenomeWide = 5e-8;

    private sealed record Tested(string Chromosome, double Position, double P)
    {
        internal double Height => -Math.Log10(Math.Max(P, 1e-300));
    }

    /// <summary>What the file's name ends with, and the drawing; none where the result is no scan.</summary>
    internal static IEnumerable<(string Suffix, string Svg)> Of(AnalysisResult result)
    {
        if (result.Tables.FirstOrDefault(t => t.Name == ScanView.Table) is not { } table || Points(table) is not { Count: > 0 } points)
            yield break;
        yield return ("-manhattan", Manhattan(points));
        yield return ("-qq", QuantileQuantile(points));
    }

    private static List<Tested> Points(ResultTable table)
    {
        var columns = table.Columns.ToList();
        var (chromosome, position, p) = (columns.IndexOf("chromosome"), columns.IndexOf("position"), columns.IndexOf("p.value"));
        return [.. table.Rows.Select((row, i) => (row, i)).Where(r => r.row.Cells[p].Number is not null)
            .Select(r => new Tested(chromosome < 0 ? "" : r.row.Cells[chromosome].Text ?? "", position < 0 ? r.i : r.row.Cells[position].Number ?? 0, r.row.Cells[p].Number!.Value))];
    }

    /// <summary>Chromosomes side by side in the panel's order, each as wide as its variants reach.</summary>
    private static string Manhattan(List<Tested> points)
    {
        var chromosomes = points.GroupBy(p => p.Chromosome).Select(g => (Name: g.Key, From: g.Min(p => p.Position), To: g.Max(p => p.Position))).ToList();
        var total = Math.Max(1, chromosomes.Sum(c => c.To - c.From + 1));
        var plot = new Plot(1, Math.Max(8.5, points.Max(p => p.Height) * 1.05));
        var svg = plot.Open("Association along the genome");
        plot.Level(svg, -Math.Log10(GenomeWide));
        var before = 0.0;
        for (var i = 0; i < chromosomes.Count; i++)
        {
            var (name, from, to) = chromosomes[i];
            foreach (var point in Thinned([.. points.Where(p => p.Chromosome == name)], points.Count))
                plot.Dot(svg, (before + point.Position - from) / total, point.Height, Canvas.Colour(i % 2));
            var share = (to - from + 1) / total;
            if (name.Length > 0 && share > 0.02)
                plot.Label(svg, (before / total) + (share / 2), name);
            before += to - from + 1;
        }

        return Plot.Close(svg, "chromosome");
    }

    private static string QuantileQuantile(List<Tested> points)
    {
        var ordered = points.OrderBy(p => p.P).Select((p, i) => (Expected: -Math.Log10((i + 0.5) / points.Count), p.Height)).ToList();
        var plot = new Plot(ordered[0].Expected * 1.05, Math.Max(ordered[0].Expected, ordered[0].Height) * 1.05);
        var svg = plot.Open("p values against those expected without association");
        plot.Diagonal(svg);
        var bright = ordered.TakeWhile(o => o.Height > -Math.Log10(Dull)).Count();
        var every = Math.Max(1, (ordered.Count - bright) / MostDull);
        foreach (var (expected, height) in ordered.Where((_, i) => i < bright || i % every == 0))
            plot.Dot(svg, expected, height, Canvas.Colour(0));
        for (var tick = 0; tick <= plot.Across; tick++)
            plot.Label(svg, tick, $"{tick}");
        return Plot.Close(svg, "expected −log₁₀ p");
    }

    private static IEnumerable<Tested> Thinned(List<Tested> points, int all)
    {
        var every = Math.Max(1, all / MostDull);
        return points.Where((p, i) => p.P <= Dull || i % every == 0);
    }

    /// <summary>A frame whose x runs from 0 to <paramref name="Across"/> and whose y from 0 to <paramref name="Up"/>.</summary>
    private sealed record Plot(double Across, double Up)
    {
        internal StringBuilder Open(string label)
        {
            var svg = new StringBuilder();
            svg.Append(CultureInfo.InvariantCulture, $"""<svg viewBox="0 0 {Width:0} {Height:0}" role="img" aria-label="{label}" xmlns="http://www.w3.org/2000/svg">""");
            var step = Math.Max(1, Math.Ceiling(Up / 10));
            for (double tick = 0; tick <= Up; tick += step)
                svg.Append($"""<line class="grid" x1="{F(Left)}" x2="{F(Width - Right)}" y1="{F(Y(tick))}" y2="{F(Y(tick))}"/><text class="tick" x="{F(Left - 8)}" y="{F(Y(tick) + 4)}" text-anchor="end">{tick.ToString("0", CultureInfo.InvariantCulture)}</text>""");
            return svg.Append($"""<text class="tick" x="12" y="{F(Top + 6)}">−log₁₀ p</text>""");
        }

        internal void Dot(StringBuilder svg, double x, double y, string colour) => svg.Append($"""<circle cx="{F(X(x))}" cy="{F(Y(y))}" r="1.8" fill="{colour}"/>""");

        internal void Level(StringBuilder svg, double y) =>
            svg.Append($"""<line x1="{F(Left)}" x2="{F(Width - Right)}" y1="{F(Y(y))}" y2="{F(Y(y))}" stroke="currentColor" stroke-dasharray="4 3"/>""");

        internal void Diagonal(StringBuilder svg)
        {
            var end = Math.Min(Across, Up);
            svg.Append($"""<line x1="{F(X(0))}" x2="{F(X(end))}" y1="{F(Y(0))}" y2="{F(Y(end))}" stroke="currentColor" stroke-dasharray="4 3"/>""");
        }

        internal void Label(StringBuilder svg, double x, string text) =>
            svg.Append($"""<text class="tick" x="{F(X(x))}" y="{F(Height - Bottom + 16)}" text-anchor="middle">{System.Net.WebUtility.HtmlEncode(text)}</text>""");

        internal static string Close(StringBuilder svg, string axis) =>
            svg.Append($"""<text class="tick" x="{F((Left + Width - Right) / 2)}" y="{F(Height - 8)}" text-anchor="middle">{axis}</text></svg>""").ToString();

        private double X(double x) => Left + (x / Across * (Width - Left - Right));

        private double Y(double y) => Height - Bottom - (y / Up * (Height - Top - Bottom));

        private static string F(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);
    }
}
