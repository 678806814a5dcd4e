using System.Globalization;
using System.Net;
using System.Text;
using Consilience.Analyses;

namespace Consilience.Cli.Report;

/// <summary>A group's curve with the words shown for it.</summary>
internal sealed record LabelledCurve(string Label, IReadOnlyList<CurvePoint> Points);

/// <summary>Survival curves as SVG: steps, confidence bands, and under the time axis a table of the numbers at risk.</summary>
internal static class SvgCurves
{
    private const double Width = 760, PlotHeight = 340, Left = 64, Right = 20, Top = 16;
    private static readonly string[] Colours = ["#1f5fa8", "#c4561a", "#2e7d4f", "#7a3e9d", "#a3262f", "#0f7b83", "#7a7a1a", "#555555"];

    internal static string Colour(int group) => Colours[group % Colours.Length];

    internal static string Draw(IReadOnlyList<LabelledCurve> curves, string timeLabel)
    {
        var last = (double)curves.Max(c => c.Points[^1].Time);
        var axes = new Axes(last, Math.Min(0.9, Math.Floor(10 * curves.Min(c => c.Points.Min(p => p.Lower ?? p.Survival)) + 1e-9) / 10));
        var height = Top + PlotHeight + 64 + (22 * (curves.Count + 1));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg viewBox="0 0 {Width:0} {height:0}" role="img" aria-label="Survival curves" xmlns="http://www.w3.org/2000/svg">""");
        axes.Write(svg, timeLabel);
        for (var i = 0; i < curves.Count; i++)
            Band(svg, curves[i].Points, axes, Colour(i));
        for (var i = 0; i < curves.Count; i++)
            Steps(svg, curves[i].Points, axes, Colour(i));
        NumbersAtRisk(svg, curves, axes);
        return svg.Append("</svg>").ToString();
    }

    private static void Steps(StringBuilder svg, IReadOnlyList<CurvePoint> points, Axes axes, string colour)
    {
        var path = new StringBuilder($"M{F(axes.X(0))} {F(axes.Y(1))}");
        double level = 1;
        foreach (var point in points)
        {
            if (point.Survival == level)
                continue;
            path.Append($"H{F(axes.X((double)point.Time))}V{F(axes.Y(point.Survival))}");
            level = point.Survival;
        }

        path.Append($"H{F(axes.X((double)points[^1].Time))}");
        svg.Append($"""<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>""");
    }

    /// <summary>Between the limits, where they are defined.</summary>
    private static void Band(StringBuilder svg, IReadOnlyList<CurvePoint> points, Axes axes, string colour)
    {
        var upper = new StringBuilder();
        var lower = new List<string>();
        (double Low, double High) before = (1, 1);
        var start = axes.X(0);
        foreach (var point in points)
        {
            var now = (Low: point.Lower ?? before.Low, High: point.Upper ?? before.High);
            if (now == before)
                continue;
            var x = axes.X((double)point.Time);
            upper.Append($"{(upper.Length == 0 ? $"M{F(start)} {F(axes.Y(1))}" : "")}H{F(x)}V{F(axes.Y(now.High))}");
            lower.Add($"V{F(axes.Y(now.Low))}H{F(x)}");
            before = now;
        }

        if (lower.Count == 0)
            return;
        lower.Reverse();
        upper.Append($"H{F(axes.X((double)points[^1].Time))}");
        svg.Append($"""<path d="{upper}{string.Concat(lower)}V{F(axes.Y(1))}H{F(start)}Z" fill="{colour}" fill-opacity="0.13" stroke="none"/>""");
    }

    private static void NumbersAtRisk(StringBuilder svg, IReadOnlyList<LabelledCurve> curves, Axes axes)
    {
        var y = Top + PlotHeight + 66;
        svg.Append($"""<text x="{F(Left)}" y="{F(y)}" class="note">Number at risk</text>""");
        for (var i = 0; i < curves.Count; i++)
        {
            y += 22;
            svg.Append($"""<rect x="12" y="{F(y - 10)}" width="22" height="4" fill="{Colour(i)}"/>""");
            foreach (var tick in axes.Ticks)
            {
                var point = curves[i].Points.FirstOrDefault(p => (double)p.Time >= tick) ?? curves[i].Points[^1];
                svg.Append($"""<text x="{F(axes.X(tick))}" y="{F(y)}" text-anchor="middle" class="risk">{point.AtRisk}</text>""");
            }

            svg.Append($"<title>{WebUtility.HtmlEncode(curves[i].Label)}</title>");
        }
    }

    private static string F(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private sealed class Axes(double last, double bottom)
    {
        internal IEnumerable<double> Ticks
        {
            get
            {
                var step = Step(last / 8);
                for (var tick = 0.0; tick <= last * 1.0001; tick += step)
                    yield return tick;
            }
        }

        internal double X(double time) => Left + (time / last * (Width - Left - Right));

        internal double Y(double survival) => Top + ((1 - survival) / (1 - bottom) * PlotHeight);

        internal void Write(StringBuilder svg, string timeLabel)
        {
            for (var level = 10; level >= (int)Math.Round(10 * bottom); level--)
            {
                var y = F(Y(level / 10.0));
                svg.Append($"""<line x1="{F(Left)}" x2="{F(Width - Right)}" y1="{y}" y2="{y}" class="grid"/><text x="{F(Left - 8)}" y="{y}" dy="4" text-anchor="end" class="tick">{level / 10.0:0.0}</text>""");
            }

            foreach (var tick in Ticks)
                svg.Append($"""<text x="{F(X(tick))}" y="{F(Top + PlotHeight + 18)}" text-anchor="middle" class="tick">{tick:0}</text>""");
            svg.Append($"""<text x="{F((Left + Width - Right) / 2)}" y="{F(Top + PlotHeight + 40)}" text-anchor="middle" class="note">{WebUtility.HtmlEncode(timeLabel)}</text>""");
        }

        private static double Step(double least)
        {
            var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
            return new[] { 1, 2, 2.5, 5, 10 }.Select(f => f * power).First(s => s >= least);
        }
    }
}
