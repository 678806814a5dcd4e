using System.Text;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.Cli.Output;
using static Consilience.Cli.Report.Canvas;

namespace Consilience.Cli.Report;

/// <summary>
/// Rates, ratios or shares of many groups against how much each rests on, with the limits within which chance alone keeps 95 % and 99.8 % of groups that do not differ (Spiegelhalter, Statistics in Medicine 2005). Limits of
/// counts are Wilson and Hilferty's for a Poisson count, E·(1 − 1/9E ± z/3√E)³; those of shares sin²(arcsin √p ± z/2√n).
/// </summary>
internal static class SvgFunnel
{
    /// <summary>Fewer groups than these are compared in a forest plot.</summary>
    internal const int Fewest = 8;

    private const double Left = 84, Right = 24, Top = 48, PlotHeight = 350;
    private static readonly (double Z, int Series)[] Limits = [(1.959964, 0), (3.090232, 1)];

    /// <summary>A drawing for each measure that has enough groups: crude rates and incidence ratios of <c>rates</c>, shares of <c>risks</c>.</summary>
    internal static IEnumerable<(string Suffix, string Text)> Draw(ResultTable table, StudySchema schema, bool isNoised, string source)
    {
        var columns = table.Columns.ToList();
        var (estimate, weight, measure) = (columns.IndexOf("estimate"), columns.IndexOf(table.Name == "rates" ? "person.years" : "n"), columns.IndexOf("measure"));
        if (table.Name is not ("rates" or "risks") || estimate < 0 || weight < 0)
            yield break;
        var counted = columns.IndexOf(table.Name == "rates" ? "cases" : "n.event");
        foreach (var rows in table.Rows.GroupBy(r => measure < 0 ? "share" : r.Cells[measure].Text!, StringComparer.Ordinal).Where(g => g.Key != "standardised rate" && g.Count() >= Fewest))
        {
            var points = rows.Where(r => r.Answer == AnswerKind.Value && r.Cells[estimate].Number is not null).Select(r => new Point(
                string.Join(" · ", Labels.Cells(table, r, schema).Take(measure < 0 ? weight : measure)), r.Cells[counted].Number ?? 0, r.Cells[weight].Number ?? 0, r.Cells[estimate].Number!.Value)).Where(p => p.Weight > 0).ToList();
            if (rows.Key == "incidence ratio")
                points = [.. points.Where(p => p.Estimate > 0).Select(p => p with { Weight = p.Cases / p.Estimate })];
            if (points.Count >= Fewest && points.Sum(p => p.Cases) > 0)
                yield return ($"-{rows.Key.Replace(' ', '-')}-funnel", Picture(points, rows.Count() - points.Count, rows.Key, isNoised, source));
        }
    }

    private static string Picture(List<Point> points, int hidden, string measure, bool isNoised, string source)
    {
        var total = measure == "incidence ratio" ? 1 : points.Sum(p => p.Cases) / points.Sum(p => p.Weight);
        var unit = points.Where(p => p.Cases > 0).Select(p => p.Estimate * p.Weight / p.Cases).FirstOrDefault(1);
        (double Low, double High) LimitsOf(double weight, double z) => measure == "share" ? OfShare(total, weight, z) : OfCount(total * weight, z) is var (low, high) ? (unit * low / weight, unit * high / weight) : default;
        var most = points.Max(p => p.Weight) * 1.05;
        var x = Scale.Linear(0, most, Left, Width - Right);
        var least = Math.Max(points.Min(p => p.Weight) / 2, most / 400);
        var highest = Math.Max(points.Max(p => p.Estimate), Math.Min(LimitsOf(least, Limits[1].Z).High, 3 * points.Max(p => p.Estimate)));
        var y = Scale.Linear(0, highest * 1.05, Top + PlotHeight, Top);
        var canvas = new Canvas($"Funnel plot of {points.Count} groups: {measure}", "Each group's estimate against what it rests on, with control limits of chance around the whole.", source);
        Axes(canvas, x, y, measure);
        canvas.Line(x.At(0), y.At(unit * total), x.At(most), y.At(unit * total), "class=\"rule\"");
        foreach (var (z, series) in Limits)
        {
            foreach (var isUpper in new[] { false, true })
            {
                var path = new StringBuilder();
                for (var i = 0; i <= 120; i++)
                {
                    var weight = least + ((most - least) * i * i / 14_400.0);
                    var (low, high) = LimitsOf(weight, z);
                    path.Append($"{(i == 0 ? 'M' : 'L')}{F(x.At(weight))} {F(y.Within(isUpper ? high : low))}");
                }

                canvas.Path(path.ToString(), Stroke(series));
            }
        }

        foreach (var point in points)
        {
            var (low, high) = LimitsOf(point.Weight, Limits[1].Z);
            var isOut = point.Estimate < low || point.Estimate > high;
            canvas.Circle(x.At(point.Weight), y.Within(point.Estimate), 4, isOut ? "fill=\"currentColor\"" : "fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.5\"");
            if (isOut)
                canvas.Text(x.At(point.Weight) + (point.Weight > most / 2 ? -8 : 8), y.Within(point.Estimate) + 4, point.Label, point.Weight > most / 2 ? "end" : "start", "tick", 30);
        }

        canvas.Text(0, 14, $"{measure}{(hidden > 0 ? $"; {hidden} not shown: suppressed or not defined" : "")}", kind: "note");
        canvas.Text(0, 32, $"within the solid lines 95 %, within the dashed 99.8 % of groups that chance alone keeps apart{(isNoised ? ", noise not counted" : "")}; filled: beyond", kind: "note");
        return canvas.Finish(Top + PlotHeight + 44);
    }

    private static void Axes(Canvas canvas, Scale x, Scale y, string measure)
    {
        foreach (var tick in y.Ticks(6))
        {
            canvas.Grid(Left, y.At(tick), Width - Right, y.At(tick));
            canvas.Text(Left - 8, y.At(tick) + 4, Scale.Label(tick), "end", "tick");
        }

        foreach (var tick in x.Ticks(6))
            canvas.Text(x.At(tick), Top + PlotHeight + 18, Scale.Label(tick), "middle", "tick");
        canvas.Text((Left + Width - Right) / 2, Top + PlotHeight + 38, measure switch { "incidence ratio" => "expected cases", "share" => "persons", _ => "person-years" }, "middle", "note");
    }

    private static (double Low, double High) OfCount(double expected, double z)
    {
        double At(double sign) => expected * Math.Pow(Math.Max(0, 1 - (1 / (9 * expected)) + (sign * z / (3 * Math.Sqrt(expected)))), 3);
        return (At(-1), At(1));
    }

    private static (double Low, double High) OfShare(double share, double persons, double z)
    {
        double At(double sign) => Math.Pow(Math.Sin(Math.Clamp(Math.Asin(Math.Sqrt(share)) + (sign * z / (2 * Math.Sqrt(persons))), 0, Math.PI / 2)), 2);
        return (At(-1), At(1));
    }

    private sealed record Point(string Label, double Cases, double Weight, double Estimate);
}
