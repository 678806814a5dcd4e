using System.Text;
using Consilience.Analyses;

namespace Consilience.Cli.Output;

/// <summary>Survival curves as lines of characters, one glyph a group so that it reads without colour.</summary>
internal static class CurvePlot
{
    private const string Glyphs = "●○■□▲△◆◇";
    private const int Margin = 6;

    internal static char Glyph(int group) => Glyphs[group % Glyphs.Length];

    /// <summary>Lines of the picture, top first. The vertical axis starts at the lowest tenth any curve reaches.</summary>
    internal static IReadOnlyList<string> Draw(IReadOnlyList<IReadOnlyList<CurvePoint>> curves, int width, int height, string timeLabel)
    {
        var last = (double)curves.Max(c => c[^1].Time);
        var bottom = Math.Floor(10 * curves.Min(c => c.Min(p => p.Survival)) + 1e-9) / 10;
        bottom = bottom >= 1 ? 0.9 : bottom;
        var columns = width - Margin;
        var canvas = Enumerable.Range(0, height).Select(_ => new string(' ', columns).ToCharArray()).ToArray();
        for (var group = 0; group < curves.Count; group++)
            Trace(canvas, curves[group], group, last, bottom);
        var lines = new List<string>();
        for (var row = 0; row < height; row++)
        {
            var value = 1 - (row * (1 - bottom) / (height - 1));
            var label = row % 3 == 0 || row == height - 1 ? value.ToString("0.00") : "";
            lines.Add($"{label,4} {(label.Length > 0 ? '┤' : '│')}{new string(canvas[row])}");
        }

        lines.Add($"     └{new string('─', columns)}");
        lines.Add(TimeAxis(last, columns));
        lines.Add($"{new string(' ', Margin + Math.Max(0, (columns - timeLabel.Length) / 2))}{timeLabel}");
        return lines;
    }

    private static void Trace(char[][] canvas, IReadOnlyList<CurvePoint> curve, int group, double last, double bottom)
    {
        var (height, columns) = (canvas.Length, canvas[0].Length);
        var point = 0;
        var survival = 1.0;
        var previous = 0;
        for (var column = 0; column < columns; column++)
        {
            var time = last * column / (columns - 1);
            while (point < curve.Count && (double)curve[point].Time <= time)
                survival = curve[point++].Survival;
            var row = (int)Math.Round((1 - survival) / (1 - bottom) * (height - 1));
            for (var between = previous + 1; between < row; between++)
                canvas[between][column] = Glyph(group);
            canvas[row][column] = Glyph(group);
            previous = row;
        }
    }

    private static string TimeAxis(double last, int columns)
    {
        var axis = new StringBuilder(new string(' ', Margin + columns));
        for (var tick = 0; tick <= 5; tick++)
        {
            var label = (last * tick / 5).ToString("0");
            var start = Math.Min(Margin + (int)((columns - 1) * tick / 5.0), Margin + columns - label.Length);
            for (var i = 0; i < label.Length; i++)
                axis[start + i] = label[i];
        }

        return axis.ToString().TrimEnd();
    }
}
