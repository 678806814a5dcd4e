using System.Text;
using Consilience.Analyses.Disclosure;
using Consilience.Cli.Output;
using static Consilience.Cli.Report.Canvas;

namespace Consilience.Cli.Report;

/// <summary>Curves in steps with bands between their limits, and under the time axis a table of the numbers at risk, which names the curves.</summary>
internal static class SvgSteps
{
    /// <summary>More curves than these in one picture cannot be told apart.</summary>
    internal const int Most = 12;

    private const double PlotHeight = 340, Left = 172, Right = 16, Top = 14, RowHeight = 20;
    private const int LongestLabel = 24;

    /// <param name="curves">At least one of them with steps.</param>
    /// <param name="start">What each curve is at time 0: 1 of those that fall, 0 of those that rise.</param>
    /// <param name="timeLabel">In words, with its unit.</param>
    /// <param name="valueLabel">What the curves are.</param>
    /// <param name="source">The footnote.</param>
    internal static string Draw(IReadOnlyList<StepCurve> curves, double start, string timeLabel, string valueLabel, string source)
    {
        var shown = curves.Where(c => c.Steps.Count > 0).ToList();
        var steps = shown.SelectMany(c => c.Steps).ToList();
        var reached = steps.SelectMany(s => new[] { s.Estimate, s.Low, s.High }).OfType<double>().Where(double.IsFinite).Append(start).ToList();
        var canvas = new Canvas($"{valueLabel}: {string.Join(", ", curves.Select(c => c.Label))}", $"Step curves with bands between pointwise limits over {timeLabel}, and the numbers at risk.", source);
        var time = Scale.Linear(Math.Min(0, steps.Min(s => s.Time)), steps.Max(s => s.Time), Left, Width - Right);
        var value = start == 0
            ? Scale.Linear(0, Math.Max(reached.Max(), 1e-6), Top + PlotHeight, Top)
            : Scale.Linear(Math.Min(0.9, Math.Max(0, Math.Floor((10 * reached.Min()) + 1e-9) / 10)), 1, Top + PlotHeight, Top);
        Axes(canvas, time, value, timeLabel, value.From > 0 ? $"{valueLabel} (axis from {Scale.Label(value.From)})" : valueLabel);
        for (var i = 0; i < curves.Count; i++)
            Band(canvas, curves[i].Steps, start, time, value, i);
        for (var i = 0; i < curves.Count; i++)
            Curve(canvas, curves[i].Steps, start, time, value, i);
        return canvas.Finish(NumbersAtRisk(canvas, curves, time));
    }

    private static void Axes(Canvas canvas, Scale time, Scale value, string timeLabel, string valueLabel)
    {
        foreach (var tick in value.Ticks(6))
        {
            canvas.Grid(Left, value.At(tick), Width - Right, value.At(tick));
            canvas.Text(Left - 8, value.At(tick) + 4, Scale.Label(tick), "end", "tick");
        }

        foreach (var tick in time.Ticks())
            canvas.Text(time.At(tick), Top + PlotHeight + 18, Scale.Label(tick), "middle", "tick");
        canvas.Text((Left + Width - Right) / 2, Top + PlotHeight + 38, timeLabel, "middle", "note");
        canvas.Upwards(Left - 48, Top + (PlotHeight / 2), valueLabel);
    }

    private static void Curve(Canvas canvas, IReadOnlyList<Step> steps, double start, Scale time, Scale value, int series)
    {
        if (steps.Count == 0)
            return;
        var path = new StringBuilder($"M{F(time.At(time.From))} {F(value.At(start))}");
        var level = start;
        foreach (var step in steps)
        {
            if (step.Estimate is not { } estimate || estimate == level || !double.IsFinite(estimate))
                continue;
            path.Append($"H{F(time.At(step.Time))}V{F(value.Within(estimate))}");
            level = estimate;
        }

        canvas.Path(path.Append($"H{F(time.At(steps[^1].Time))}").ToString(), Stroke(series));
    }

    /// <summary>Between the limits; where they are not defined, as they were before.</summary>
    private static void Band(Canvas canvas, IReadOnlyList<Step> steps, double start, Scale time, Scale value, int series)
    {
        var upper = new StringBuilder($"M{F(time.At(time.From))} {F(value.At(start))}");
        var lower = new List<string>();
        var before = (Low: start, High: start);
        foreach (var step in steps)
        {
            var now = (Low: step.Low ?? before.Low, High: step.High ?? before.High);
            if (now == before)
                continue;
            upper.Append($"H{F(time.At(step.Time))}V{F(value.Within(now.High))}");
            lower.Add($"V{F(value.Within(now.Low))}H{F(time.At(step.Time))}");
            before = now;
        }

        if (lower.Count == 0)
            return;
        lower.Reverse();
        upper.Append($"H{F(time.At(steps[^1].Time))}");
        canvas.Path($"{upper}{string.Concat(lower)}V{F(value.At(start))}H{F(time.At(time.From))}Z", $"fill=\"{Colour(series)}\" fill-opacity=\"0.14\"");
    }

    /// <summary>A row for each curve; returns where the table ends.</summary>
    private static double NumbersAtRisk(Canvas canvas, IReadOnlyList<StepCurve> curves, Scale time)
    {
        var y = Top + PlotHeight + 64;
        canvas.Text(0, y, "Number at risk", kind: "note");
        for (var i = 0; i < curves.Count; i++)
        {
            y += RowHeight;
            canvas.Line(0, y - 4, 26, y - 4, Stroke(i));
            canvas.Text(32, y, curves[i].Label, longest: LongestLabel);
            if (curves[i].Steps.Count == 0)
                canvas.Hidden(Left, y - 4, Labels.Answer(curves[i].Answer == AnswerKind.Value ? AnswerKind.Suppressed : curves[i].Answer));
            foreach (var tick in time.Ticks().Where(_ => curves[i].Steps.Count > 0))
            {
                if (curves[i].Steps.FirstOrDefault(s => s.Time >= tick) is { } at)
                    canvas.Text(time.At(tick), y, $"{at.AtRisk:0}", "middle", "risk");
            }
        }

        return y + 8;
    }
}
