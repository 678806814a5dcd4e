using Consilience.Analyses.Disclosure;
using Consilience.Cli.Output;
using static Consilience.Cli.Report.Canvas;

namespace Consilience.Cli.Report;

/// <summary>A bar: its figure with limits where noise gave it some, a mark to compare it with where there is one, or why there is none.</summary>
internal sealed record Bar(string Label, AnswerKind Answer, double? Value, double? Low = null, double? High = null, double? Mark = null);

/// <summary>Counts, or other figures that begin at 0, as bars beside their names.</summary>
internal static class SvgBars
{
    /// <summary>Bars that still make a picture.</summary>
    internal const int Most = 60;

    private const double Left = 250, Right = 110, Top = 24, LineHeight = 24;
    private const int LongestLabel = 38;

    /// <param name="bars">At least one.</param>
    /// <param name="what">What their lengths are.</param>
    /// <param name="markedAs">What a mark is; empty where there are none.</param>
    /// <param name="source">The footnote.</param>
    internal static string Draw(IReadOnlyList<Bar> bars, string what, string markedAs, string source)
    {
        var largest = bars.SelectMany(b => new[] { b.Value, b.High, b.Mark }).OfType<double>().DefaultIfEmpty(1).Max();
        var canvas = new Canvas($"{what}: {string.Join(", ", bars.Select(b => b.Label).Take(8))}", $"A bar for each of {bars.Count}; a dashed box where a figure is not shown.", source);
        var axis = Scale.Linear(0, Math.Max(largest, 1e-9), Left, Width - Right);
        var bottom = Top + (LineHeight * bars.Count);
        canvas.Text(0, 12, markedAs.Length == 0 ? what : $"{what}; the upright mark is {markedAs}", kind: "note");
        foreach (var tick in axis.Ticks(6))
        {
            canvas.Grid(axis.At(tick), Top - 4, axis.At(tick), bottom);
            canvas.Text(axis.At(tick), bottom + 16, Scale.Label(tick), "middle", "tick");
        }

        for (var i = 0; i < bars.Count; i++)
            Write(canvas, bars[i], axis, Top + (LineHeight * (i + 0.5)));
        return canvas.Finish(bottom + 22);
    }

    private static void Write(Canvas canvas, Bar bar, Scale axis, double y)
    {
        canvas.Text(0, y + 4, bar.Label, longest: LongestLabel);
        if (bar.Value is not { } value)
        {
            canvas.Hidden(Left, y, bar.Answer is AnswerKind.Value ? "not defined" : Labels.Answer(bar.Answer));
            return;
        }

        canvas.Rectangle(Left, y - 8, axis.Within(value) - Left, 16, $"fill=\"{Colour(0)}\" fill-opacity=\"0.75\"");
        if (bar is { Low: { } low, High: { } high })
            canvas.Whisker(axis.Within(low), axis.Within(high), y, "currentColor");
        if (bar.Mark is { } mark)
            canvas.Line(axis.Within(mark), y - 11, axis.Within(mark), y + 11, $"stroke=\"{Colour(1)}\" stroke-width=\"3\"");
        canvas.Text(Width, y + 4, bar.Low is null ? Labels.Figure("n", value) : $"{Labels.Figure("n", value)} ({bar.Low:0}–{bar.High:0})", "end");
    }
}
