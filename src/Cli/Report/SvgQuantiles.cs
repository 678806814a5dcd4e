using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.Cli.Output;
using static Consilience.Cli.Report.Canvas;

namespace Consilience.Cli.Report;

/// <summary>Quantiles of each group on one line: a box over the middle half where its ends were asked for, a bar at the median, a mark at every other quantile, and a line from the least to the greatest.</summary>
internal static class SvgQuantiles
{
    private const double Left = 250, Right = 30, Top = 24, LineHeight = 34;

    internal static string? Draw(ResultTable table, string what, StudySchema schema, string source)
    {
        var columns = table.Columns.ToList();
        var (at, estimate) = (columns.IndexOf("probability"), columns.IndexOf("estimate"));
        if (at < 0 || estimate < 0)
            return null;
        var groups = table.Rows.GroupBy(r => at == 0 ? "all" : string.Join(" · ", Labels.Cells(table, r, schema).Take(at)), StringComparer.Ordinal).ToList();
        var values = table.Rows.Where(r => r.Answer == AnswerKind.Value).Select(r => r.Cells[estimate].Number).OfType<double>().ToList();
        var (least, most) = values.Count == 0 ? (0, 1) : (values.Min(), values.Max());
        var axis = Scale.Linear(least - (0.04 * (most - least)), most + (0.04 * (most - least)), Left, Width - Right);
        var bottom = Top + (LineHeight * groups.Count);
        var probabilities = groups[0].Select(r => r.Cells[at].Number).OfType<double>().ToList();
        var canvas = new Canvas($"Quantiles of {what}", $"For each group the quantiles {string.Join(", ", probabilities.Select(Scale.Label))}.", source);
        canvas.Text(0, 12, $"{what}: quantiles {string.Join(", ", probabilities.Select(Scale.Label))}", kind: "note");
        foreach (var tick in axis.Ticks(7))
        {
            canvas.Grid(axis.At(tick), Top - 4, axis.At(tick), bottom);
            canvas.Text(axis.At(tick), bottom + 16, Scale.Label(tick), "middle", "tick");
        }

        for (var i = 0; i < groups.Count; i++)
        {
            var y = Top + (LineHeight * (i + 0.5));
            canvas.Text(0, y + 4, groups[i].Key, longest: 38);
            Write(canvas, [.. groups[i].Where(r => r.Answer == AnswerKind.Value && r.Cells[estimate].Number is not null).Select(r => (r.Cells[at].Number!.Value, axis.Within(r.Cells[estimate].Number!.Value)))], groups[i].First().Answer, y);
        }

        return canvas.Finish(bottom + 22);
    }

    private static void Write(Canvas canvas, IReadOnlyList<(double Probability, double X)> marks, AnswerKind answer, double y)
    {
        if (marks.Count == 0)
        {
            canvas.Hidden(Left, y, answer == AnswerKind.Value ? "not defined" : Labels.Answer(answer));
            return;
        }

        canvas.Line(marks.Min(m => m.X), y, marks.Max(m => m.X), y, "stroke=\"currentColor\" stroke-width=\"1.5\"");
        var (low, high) = (marks.FirstOrDefault(m => m.Probability == 0.25).X, marks.FirstOrDefault(m => m.Probability == 0.75).X);
        if (low > 0 && high > 0)
            canvas.Rectangle(low, y - 9, high - low, 18, $"fill=\"{Colour(0)}\" fill-opacity=\"0.35\" stroke=\"{Colour(0)}\" stroke-width=\"1.5\"");
        foreach (var (probability, x) in marks.Where(m => m.Probability is not (0.25 or 0.75)))
            canvas.Line(x, y - (probability == 0.5 ? 9 : 5), x, y + (probability == 0.5 ? 9 : 5), probability == 0.5 ? $"stroke=\"{Colour(1)}\" stroke-width=\"3\"" : "stroke=\"currentColor\" stroke-width=\"1.5\"");
    }
}
