using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.Cli.Output;
using static Consilience.Cli.Report.Canvas;

namespace Consilience.Cli.Report;

/// <summary>A population pyramid: persons by bands of a number, upwards, and by a variable of two codes, to both sides.</summary>
internal static class SvgPyramid
{
    private const double Middle = 120, Edge = 70, Top = 26, LineHeight = 24;

    /// <summary>Which variables make a pyramid of these counts; null where they do not.</summary>
    internal static (string Bands, string Sides)? AxesOf(IReadOnlyList<ResultGroup> groups)
    {
        if (groups.Count == 0 || groups[0].Curve is not null || groups[0].Key.Keys.ToList() is not [var first, var second])
            return null;
        bool IsBanded(string variable) => groups[0].Key[variable].StartsWith("<= ", StringComparison.Ordinal);
        int LevelsOf(string variable) => groups.Select(g => g.Key[variable]).Distinct(StringComparer.Ordinal).Count();
        return IsBanded(first) && LevelsOf(second) == 2 ? (first, second) : IsBanded(second) && LevelsOf(first) == 2 ? (second, first) : null;
    }

    internal static string Draw(IReadOnlyList<ResultGroup> groups, string bands, string sides, StudySchema schema, string source)
    {
        var sideCodes = groups.Select(g => g.Key[sides]).Distinct(StringComparer.Ordinal).ToList();
        var bandCodes = groups.Select(g => g.Key[bands]).Distinct(StringComparer.Ordinal).Reverse().ToList();
        var largest = groups.Max(g => Math.Max(g.Count ?? 0, g.Interval?.Upper ?? 0));
        var bottom = Top + (LineHeight * bandCodes.Count);
        var canvas = new Canvas($"Persons by {Labels.Variable(bands, schema)} and {Labels.Variable(sides, schema)}", $"A population pyramid of {bandCodes.Count} bands; a dashed box where a count is not shown.", source);
        const double Centre = Width / 2;
        for (var side = 0; side < 2; side++)
        {
            var sign = side == 0 ? -1 : 1;
            var start = Centre + (sign * Middle / 2);
            var axis = Scale.Linear(0, Math.Max(1, largest), start, side == 0 ? Edge : Width - Edge);
            canvas.Text(start, 14, Labels.Value(sides, sideCodes[side], schema), side == 0 ? "end" : "start", "note");
            foreach (var tick in axis.Ticks(4))
            {
                canvas.Grid(axis.At(tick), Top - 4, axis.At(tick), bottom);
                canvas.Text(axis.At(tick), bottom + 16, Scale.Label(tick), "middle", "tick");
            }

            for (var band = 0; band < bandCodes.Count; band++)
                Write(canvas, groups.Single(g => g.Key[sides] == sideCodes[side] && g.Key[bands] == bandCodes[band]), axis, side, Top + (LineHeight * (band + 0.5)));
        }

        for (var band = 0; band < bandCodes.Count; band++)
            canvas.Text(Centre, Top + (LineHeight * (band + 0.5)) + 4, bandCodes[band], "middle");
        canvas.Text(Centre, bottom + 34, $"{Labels.Variable(bands, schema)}, persons to both sides{(groups.Any(g => g.RawCount < 0) ? "; * noise made it negative" : "")}", "middle", "note");
        return canvas.Finish(bottom + 40);
    }

    private static void Write(Canvas canvas, ResultGroup group, Scale axis, int side, double y)
    {
        var (start, sign) = (axis.At(0), side == 0 ? -1 : 1);
        if (group.Count is not { } count || group.Answer is AnswerKind.Suppressed or AnswerKind.NotAsked)
        {
            canvas.Hidden(side == 0 ? start - 92 : start, y, Labels.Answer(group.Answer));
            return;
        }

        var end = axis.Within(count);
        canvas.Rectangle(Math.Min(start, end), y - 8, Math.Abs(end - start), 16, $"fill=\"{Colour(side)}\" fill-opacity=\"0.8\"");
        var farthest = end;
        if (group.Interval is { } interval)
        {
            canvas.Whisker(axis.Within(interval.Lower), axis.Within(interval.Upper), y, "currentColor");
            farthest = axis.Within(interval.Upper);
        }

        canvas.Text(farthest + (6 * sign), y + 4, Labels.Count(group), side == 0 ? "end" : "start", "tick");
    }
}
