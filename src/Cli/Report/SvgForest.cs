using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.Cli.Output;
using static Consilience.Cli.Report.Canvas;

namespace Consilience.Cli.Report;

/// <summary>
/// Estimates with their limits, one a line: ratios on a logarithmic axis with a rule at 1, differences and coefficients with a rule at 0, shares and means with none. Limits beyond the axis end in an arrow.
/// </summary>
internal static class SvgForest
{
    /// <summary>Lines that still make a picture.</summary>
    private const int Most = 60;

    private const double Left = 250, Right = 168, LineHeight = 26;
    private const int LongestLabel = 38;

    /// <summary>How far limits may pull a logarithmic axis from 1.</summary>
    private const double Farthest = 100;

    private static readonly string[] Differences = ["differences", "test", "correlations", "coefficients", "contrasts", "mantel-haenszel", "trend"];

    /// <summary>What estimates are that their column only calls so.</summary>
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["means"] = "restricted mean", ["differences"] = "difference of restricted means", ["test"] = "difference of means", ["correlations"] = "correlation", ["risks"] = "share with the outcome", ["completeness"] = "share known",
        ["trend"] = "change of the rate's logarithm in a year",
    };

    /// <summary>Of tables that mix measures a drawing each, of a fit without the intercept, which compares nothing. None where the table holds no estimates with limits.</summary>
    internal static IEnumerable<(string Suffix, string Text)> Draw(ResultTable table, StudySchema schema, string source)
    {
        var (estimate, low, _) = ColumnsOf(table);
        if (table.Columns.Contains("time") || !table.Columns.Contains(estimate) || !table.Columns.Contains(low))
            yield break;
        foreach (var group in Entries(table, schema).GroupBy(e => e.Measure, StringComparer.Ordinal).Where(g => g.Count() <= Most && g.Any(e => e.IsDrawn || e.Answer != AnswerKind.Value)))
        {
            var isRatio = estimate is not ("estimate" or "mean") || group.Key.EndsWith("ratio", StringComparison.Ordinal);
            var what = group.Key.Length > 0 ? group.Key : estimate == "mean" ? "mean ± standard deviation" : Words.GetValueOrDefault(table.Name, estimate.Replace('.', ' '));
            yield return (group.Key.Length == 0 ? "" : $"-{group.Key.Replace(' ', '-')}", Picture([.. group], isRatio, isRatio ? 1 : Differences.Contains(table.Name) ? 0 : null, what, source));
        }
    }

    /// <summary>Where a table has means and no limits, one standard deviation to both sides stands for these.</summary>
    private static (string Estimate, string Low, string High) ColumnsOf(ResultTable table) =>
        table.Columns.Contains("mean") && table.Columns.Contains("std.dev") ? ("mean", "std.dev", "std.dev") : Labels.EstimateOf(table);

    private static List<Entry> Entries(ResultTable table, StudySchema schema)
    {
        var columns = table.Columns.ToList();
        var names = ColumnsOf(table);
        var (estimate, low, high) = (columns.IndexOf(names.Estimate), columns.IndexOf(names.Low), columns.IndexOf(names.High));
        var measure = columns.IndexOf("measure");
        var first = columns.FindIndex(c => c is "persons" or "measure" || (measure < 0 && (c is "n" or "known" or "estimate" || c == names.Estimate)));
        string LabelOf(ResultRow row) => columns[0] == "term" ? string.Join(" · ", Labels.Cells(table, row, schema).Take(first).Skip(1).Prepend(Labels.Term(row.Cells[0].Text!, schema))) : string.Join(" · ", Labels.Cells(table, row, schema).Take(first).DefaultIfEmpty("all"));
        double? Limit(ResultRow row, int limit, int sign) => names.Low == "std.dev" ? row.Cells[estimate].Number + (sign * row.Cells[limit].Number) : row.Cells[limit].Number;
        return
        [
            .. table.Rows.Where(r => r.Cells[0].Text != "(Intercept)" && (measure < 0 || !r.Cells[measure].Text!.StartsWith("test", StringComparison.Ordinal)))
                .Select(r => new Entry(LabelOf(r), measure < 0 ? "" : r.Cells[measure].Text!, r.Answer, r.Cells[estimate].Number, Limit(r, low, -1), Limit(r, high, 1))),
        ];
    }

    private static string Picture(IReadOnlyList<Entry> entries, bool isRatio, double? rule, string what, string source)
    {
        var drawn = entries.Where(e => e.IsDrawn && (!isRatio || e.Estimate > 0)).ToList();
        var axis = AxisOf(drawn, isRatio, rule);
        var bottom = 26 + (LineHeight * entries.Count);
        var canvas = new Canvas($"{what}: {string.Join(", ", entries.Select(e => e.Label).Take(8))}", $"Estimates with their limits{(isRatio ? " on a logarithmic axis" : "")}.", source);
        canvas.Text(0, 12, what, kind: "note");
        foreach (var tick in axis.Ticks(6))
        {
            canvas.Grid(axis.At(tick), 18, axis.At(tick), bottom);
            canvas.Text(axis.At(tick), bottom + 16, Scale.Label(tick), "middle", "tick");
        }

        if (rule is { } at && at >= axis.From && at <= axis.To)
            canvas.Line(axis.At(at), 18, axis.At(at), bottom, "class=\"rule\"");
        for (var i = 0; i < entries.Count; i++)
            Write(canvas, entries[i], drawn.Contains(entries[i]), axis, 18 + (LineHeight * (i + 0.5)));
        return canvas.Finish(bottom + 22);
    }

    private static Scale AxisOf(List<Entry> drawn, bool isRatio, double? rule)
    {
        List<double> reached = [.. drawn.SelectMany(e => new[] { e.Low!.Value, e.Estimate!.Value, e.High!.Value }).Where(double.IsFinite), .. rule is { } r ? [r] : Array.Empty<double>()];
        if (!isRatio)
        {
            var (least, most) = reached.Count == 0 ? (0, 1) : (reached.Min(), reached.Max());
            return Scale.Linear(least - (0.04 * (most - least)), most + (0.04 * (most - least)), Left, Width - Right);
        }

        var estimates = drawn.Select(e => e.Estimate!.Value).Append(1).ToList();
        var low = Math.Max(Math.Min(1 / Farthest, estimates.Min()), Math.Min(0.5, reached.Where(v => v > 0).Min()));
        var high = Math.Min(Math.Max(Farthest, estimates.Max()), Math.Max(2, reached.Max()));
        return Scale.Logarithmic(low / 1.08, high * 1.08, Left, Width - Right);
    }

    private static void Write(Canvas canvas, Entry entry, bool isDrawn, Scale axis, double y)
    {
        canvas.Text(0, y + 4, entry.Label, longest: LongestLabel);
        if (!isDrawn)
        {
            canvas.Hidden(Left, y, entry.Answer == AnswerKind.Value ? "not defined" : Labels.Answer(entry.Answer));
            return;
        }

        var (estimate, low, high) = (entry.Estimate!.Value, entry.Low!.Value, entry.High!.Value);
        canvas.Line(axis.Within(low), y, axis.Within(high), y, $"stroke=\"{Colour(0)}\" stroke-width=\"2\"");
        if (low < axis.From)
            canvas.Path($"M{F(axis.Within(low) + 7)} {F(y - 5)}L{F(axis.Within(low))} {F(y)}l7 5", Stroke(0));
        if (high > axis.To)
            canvas.Path($"M{F(axis.Within(high) - 7)} {F(y - 5)}L{F(axis.Within(high))} {F(y)}l-7 5", Stroke(0));
        canvas.Rectangle(axis.Within(estimate) - 4.5, y - 4.5, 9, 9, $"fill=\"{Colour(0)}\"");
        canvas.Text(Width, y + 4, $"{Labels.Figure("estimate", estimate)} ({Labels.Figure("estimate", low)} to {Labels.Figure("estimate", high)})", "end");
    }

    private sealed record Entry(string Label, string Measure, AnswerKind Answer, double? Estimate, double? Low, double? High)
    {
        internal bool IsDrawn => Answer == AnswerKind.Value && Estimate is { } e && double.IsFinite(e) && Low is not null && High is not null;
    }
}
