using System.Globalization;
using System.Net;
using System.Text;

namespace Consilience.Cli.Report;

/// <summary>A figure for each round of a training; null where a round has none.</summary>
internal sealed record LearningCurve(string Label, IReadOnlyList<double?> Values)
{
    /// <summary>Limits of each figure, as many as there are figures; none where they have none.</summary>
    internal IReadOnlyList<double?> Lower { get; init; } = [];

    internal IReadOnlyList<double?> Upper { get; init; } = [];
}

/// <summary>Curves on one axis, with what it measures.</summary>
internal sealed record LearningPanel(IReadOnlyList<LearningCurve> Curves, string Label)
{
    internal IReadOnlyList<double> Figures => [.. Curves.SelectMany(c => c.Values.Concat(c.Lower).Concat(c.Upper)).OfType<double>().Where(double.IsFinite)];

    internal bool HasFigures => Curves.Any(c => c.Values.Any(v => v is { } value && double.IsFinite(value)));

    internal int Rounds => Curves.Max(c => c.Values.Count);
}

/// <summary>How figures of trainings went from round to round, as SVG: panels below each other, of the same rounds.</summary>
internal static class SvgLearningCurve
{
    private const double Width = 640, PlotHeight = 300, Left = 64, Right = 20, Top = 16;

    /// <param name="panels">Each with at least one figure.</param>
    internal static string Draw(IReadOnlyList<LearningPanel> panels)
    {
        var (svg, top, rounds) = (new StringBuilder(), 0.0, Math.Max(2, panels.Max(p => p.Rounds)));
        foreach (var panel in panels)
            top = new Plot(svg, panel, rounds, top).Draw();
        var title = WebUtility.HtmlEncode($"{string.Join(" and ", panels.Select(p => p.Label))} by round");
        return string.Create(CultureInfo.InvariantCulture, $"""<svg viewBox="0 0 {Width:0} {top:0}" role="img" aria-label="{title}" xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="13" fill="#333">{svg}</svg>""");
    }

    private static string F(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>One panel, from <paramref name="top"/> on.</summary>
    private sealed class Plot(StringBuilder svg, LearningPanel panel, int rounds, double top)
    {
        private readonly Scale across = Scale.Linear(1, rounds, Left, Width - Right);
        private readonly Scale up = ScaleOf(panel.Figures, top + Top + PlotHeight, top + Top);

        private double Bottom => top + Top + PlotHeight;

        private static Scale ScaleOf(IReadOnlyList<double> figures, double start, double end)
        {
            var (low, high) = (figures.Min(), figures.Max());
            var margin = Math.Max((high - low) * 0.08, 1e-9);
            return Scale.Linear(low - margin, high + margin, start, end);
        }

        /// <summary>Where the next may begin.</summary>
        internal double Draw()
        {
            foreach (var tick in up.Ticks(6))
                svg.Append($"""<line x1="{F(Left)}" x2="{F(Width - Right)}" y1="{F(up.At(tick))}" y2="{F(up.At(tick))}" stroke="#ddd"/><text x="{F(Left - 8)}" y="{F(up.At(tick))}" dy="4" text-anchor="end">{Scale.Label(tick)}</text>""");
            foreach (var round in across.Ticks(10).Where(double.IsInteger))
                svg.Append($"""<text x="{F(across.At(round))}" y="{F(Bottom + 18)}" text-anchor="middle">{Scale.Label(round)}</text>""");
            svg.Append($"""<text x="{F(Left)}" y="{F(Bottom + 38)}">{WebUtility.HtmlEncode(panel.Label)}, by round</text>""");
            foreach (var (curve, i) in panel.Curves.Select((c, i) => (c, i)))
                Draw(curve, i);
            return Bottom + 52 + (20 * panel.Curves.Count);
        }

        private void Draw(LearningCurve curve, int place)
        {
            foreach (var (lower, upper, round) in curve.Lower.Zip(curve.Upper).Select((l, i) => (l.First, l.Second, i + 1)))
            {
                if (lower is { } from && upper is { } to && double.IsFinite(from) && double.IsFinite(to))
                    svg.Append($"""<line x1="{F(across.At(round))}" x2="{F(across.At(round))}" y1="{F(up.At(from))}" y2="{F(up.At(to))}" stroke="{Canvas.Colour(place)}" stroke-opacity="0.4"/>""");
            }

            var points = curve.Values.Select((v, round) => v is { } value && double.IsFinite(value) ? $"{F(across.At(round + 1))},{F(up.At(value))}" : null).Where(p => p is not null);
            var y = Bottom + 56 + (20 * place);
            svg.Append($"""<polyline points="{string.Join(' ', points)}" fill="none" stroke="{Canvas.Colour(place)}" stroke-width="2"/>""");
            svg.Append($"""<rect x="{F(Left)}" y="{F(y - 7)}" width="22" height="4" fill="{Canvas.Colour(place)}"/><text x="{F(Left + 30)}" y="{F(y)}">{WebUtility.HtmlEncode(curve.Label)}</text>""");
        }
    }
}
