namespace Consilience.Analyses.KaplanMeier;

/// <summary>The exit histogram: persons by group × censored or event × interval of exit, with everyone who exits beyond the grid in one counter a group.</summary>
internal static class KaplanMeierEncode
{
    private static readonly string[] Outcomes = ["false", "true"];

    internal static void Fill(ITabulator rows, KaplanMeierPlan plan, Span<long> vector)
    {
        var intervals = plan.Times.Count;
        Axis[] axes = [.. plan.Grouping.Axes, new CodeAxis(plan.EventVariable, Outcomes), new EdgeAxis(plan.TimeVariable, plan.Times)];
        var groups = (int)plan.Grouping.Count;
        var cells = new long[groups * 2 * (intervals + 1)];
        rows.Tabulate(axes, cells);
        for (var group = 0; group < groups; group++)
        {
            var source = cells.AsSpan(group * 2 * (intervals + 1), 2 * (intervals + 1));
            var target = vector.Slice(group * plan.Stride, plan.Stride);
            source[..intervals].CopyTo(target);
            source.Slice(intervals + 1, intervals).CopyTo(target[intervals..]);
            target[^1] = source[intervals] + source[^1];
        }
    }
}
