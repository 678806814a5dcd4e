using System.Globalization;
using System.Net;
using System.Text;

namespace Consilience.Cli.Report;

/// <summary>A figure for each round of a training; null where a round has none.</summary>
internal sealed record LearningCurve(string Label, IReadOnlyList<double?> Values);

/// <summary>How figures of trainings went from round to round, as SVG.</summary>
internal static class SvgLearningCurve
{
    private const double Width = 640, PlotHeight = 300, Left = 64, Right = 20, Top = 16;

    /// <param name="curves">At least one value in all.</param>
    /// <param name="label">Of the vertical axis.</param>
    internal static string Draw(IReadOnlyList<LearningCurve> curves, string label)
    {
        var values = curves.SelectMany(c => c.Values).OfType<double>().Where(double.IsFinite).ToList();
        var (low, high) = (values.Min(), values.Max());
        var margin = Math.Max((high - low) * 0.08, 1e-9);
        var rounds = Math.Max(2, curves.Max(c => c.Values.Count));
        var height = Top + PlotHeight + 52 + (20 * curves.Count);
        double X(int round) => Left + ((round - 1) / (double)(rounds - 1) * (Width - Left - Right));
        double Y(double value) => Top + ((high + margin - value) / (high - low + (2 * margin)) * PlotHeight);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg viewBox="0 0 {Width:0} {height:0}" role="img" aria-label="{WebUtility.HtmlEncode(label)} by round" xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="13" fill="#333">""");
        for (var tick = 0; tick <= 4; tick++)
        {
            var value = low + ((high - low) * tick / 4);
            svg.Append($"""<line x1="{F(Left)}" x2="{F(Width - Right)}" y1="{F(Y(value))}" y2="{F(Y(value))}" stroke="#ddd"/><text x="{F(Left - 8)}" y="{F(Y(value))}" dy="4" text-anchor="end">{value.ToString("0.000", CultureInfo.InvariantCulture)}</text>""");
        }

        foreach (var round in Enumerable.Range(1, rounds).Where(r => (r - 1) % Math.Max(1, (int)Math.Ceiling(rounds / 10.0)) == 0))
            svg.Append($"""<text x="{F(X(round))}" y="{F(Top + PlotHeight + 18)}" text-anchor="middle">{round}</text>""");
        svg.Append($"""<text x="{F(Left)}" y="{F(Top + PlotHeight + 38)}">{WebUtility.HtmlEncode(label)}, by round</text>""");
        foreach (var (curve, i) in curves.Select((c, i) => (c, i)))
        {
            var points = curve.Values.Select((v, round) => v is { } value && double.IsFinite(value) ? $"{F(X(round + 1))},{F(Y(value))}" : null).Where(p => p is not null);
            var y = Top + PlotHeight + 56 + (20 * i);
            svg.Append($"""<polyline points="{string.Join(' ', points)}" fill="none" stroke="{SvgCurves.Colour(i)}" stroke-width="2"/>""");
            svg.Append($"""<rect x="{F(Left)}" y="{F(y - 7)}" width="22" height="4" fill="{SvgCurves.Colour(i)}"/><text x="{F(Left + 30)}" y="{F(y)}">{WebUtility.HtmlEncode(curve.Label)}</text>""");
        }

        return svg.Append("</svg>").ToString();
    }

    private static string F(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
