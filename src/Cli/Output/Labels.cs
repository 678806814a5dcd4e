using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.Client.Publish;

namespace Consilience.Cli.Output;

/// <summary>Words for people: what a group is, how precise a figure is.</summary>
internal static class Labels
{
    internal static string Precision(AnalysisResult result)
    {
        var precision = result.Precision == Protocol.Analyse.Precision.Exact ? "exact" : result.Epsilon is { } epsilon ? $"noised, ε = {epsilon}" : $"noised, ρ = {result.Rho}";
        return result.Disclosure.Count == 0 ? precision : $"{precision}, {string.Join(" and ", result.Disclosure)}";
    }

    /// <summary>A count as it is shown: a figure, or why there is none.</summary>
    internal static string Count(ResultGroup group) => group.Answer switch
    {
        AnswerKind.Value or AnswerKind.Zero => group.RawCount < 0 ? "0*" : $"{group.Count}",
        var other => Answer(other),
    };

    internal static bool HasShares(AnalysisResult result) => result.Groups.Count > 1 && result.Groups.Any(g => g.Share is not null);

    internal static string Share(Share? share) => share is null ? "" : $"{100 * share.Estimate:0.0} % ({100 * share.Lower:0.0}–{100 * share.Upper:0.0})";

    internal static string Answer(AnswerKind answer) => answer switch
    {
        AnswerKind.Suppressed => "suppressed",
        AnswerKind.NotAsked => "not asked",
        AnswerKind.Zero => "0",
        _ => "",
    };

    internal static string Group(ResultGroup group, StudySchema schema) =>
        group.Key.Count == 0 ? "all" : string.Join(" · ", group.Key.Select(k => Value(k.Key, k.Value, schema)));

    internal static string Value(string variable, string code, StudySchema schema) => schema.Find(variable)?.LabelOf(code) ?? code;

    /// <summary>A term of a model, its codes in words: <c>stage 2:age</c> is <c>stage: II × age</c>.</summary>
    internal static string Term(string term, StudySchema schema) => string.Join(" × ", term.Split(':').Select(factor =>
        factor.Split(' ', 2) is [var name, var code] && schema.Find(name) is { } variable ? $"{name}: {variable.LabelOf(code)}" : factor));

    internal static string Variable(string name, StudySchema schema) => schema.Find(name)?.Label ?? name;

    /// <summary>The time axis of a curve, in the schema's words and unit.</summary>
    internal static string TimeAxis(AnalysisResult result, StudySchema schema)
    {
        var time = result.Parameters.TryGetProperty("time", out var name) ? schema.Find(name.GetString() ?? "") : null;
        return time is null ? "time" : time.Unit is { Length: > 0 } unit ? $"{time.Label} ({unit})" : time.Label;
    }

    /// <summary>A row of estimates in words: codes by their labels, the first figure of a hidden row says why it is hidden.</summary>
    internal static IReadOnlyList<string> Cells(ResultTable table, ResultRow row, StudySchema schema)
    {
        var cells = table.Columns.Zip(row.Cells, (column, cell) => cell.Text is { } text ? Value(column, text, schema) : Figure(column, cell.Number)).ToList();
        if (row.Answer != AnswerKind.Value && row.Cells.ToList().FindIndex(c => c.Text is null) is >= 0 and var first)
            cells[first] = Answer(row.Answer);
        return cells;
    }

    /// <summary>
    /// What of a table a terminal shows: limits in one column with their estimate in place of its error and statistic, and no variance beside its root; files keep every column.
    /// </summary>
    internal static (IReadOnlyList<string> Headings, IReadOnlyList<IReadOnlyList<string>> Rows) InBrief(ResultTable table, StudySchema schema)
    {
        var columns = table.Columns.ToList();
        var (estimate, low, high) = EstimateOf(table);
        var ratios = estimate != "estimate";
        string[] hidden = [.. columns.Contains(low) ? new[] { "std.error", "statistic" } : [], "variance", low, high, .. ratios ? new[] { "estimate", "conf.low", "conf.high" } : []];
        var shown = Enumerable.Range(0, columns.Count).Where(i => !hidden.Contains(columns[i]) || (columns[i] == "statistic" && table.Rows.Any(r => r.Cells[i].Number is not null && r.Cells[columns.IndexOf(estimate)].Number is null))).ToList();
        string Cell(IReadOnlyList<string> cells, int i) =>
            columns[i] == estimate && columns.IndexOf(low) is >= 0 and var from && cells[from].Length > 0 ? $"{cells[i]} ({cells[from]}–{cells[columns.IndexOf(high)]})" : cells[i];
        return ([.. shown.Select(i => columns[i] == estimate && columns.Contains(low) ? $"{estimate} (95\u00a0%)" : Variable(columns[i], schema))],
            [.. table.Rows.Select(r => Cells(table, r, schema)).Select(cells => (IReadOnlyList<string>)[.. shown.Select(i => Cell(cells, i))])]);
    }

    /// <summary>Columns of the estimate that people look at, and of its limits: a ratio where there is one.</summary>
    internal static (string Estimate, string Low, string High) EstimateOf(ResultTable table) =>
        table.Columns.FirstOrDefault(c => c is "hazard.ratio" or "ratio") switch
        {
            "hazard.ratio" => ("hazard.ratio", "hazard.low", "hazard.high"),
            "ratio" => ("ratio", "ratio.low", "ratio.high"),
            _ => ("estimate", "conf.low", "conf.high"),
        };

    /// <summary>Tables for people: causes by the words of the event's codes; how a fit came about and its baseline hazard are in the files, and so are all variants of a scan.</summary>
    internal static IEnumerable<ResultTable> Tables(AnalysisResult result, StudySchema schema)
    {
        var causes = result.Parameters.TryGetProperty("event", out var name) ? schema.Find($"{name}") : null;
        return result.Tables.Where(t => t.Name is not ("iteration" or "baseline")).Select(t => t.Name == ScanView.Table ? ScanView.Foremost(t) : causes is null || t.Columns.ToList().IndexOf("cause") is not (>= 0 and var place) ? t : t with
        {
            Rows = [.. t.Rows.Select(r => r with { Cells = [.. r.Cells.Select((c, i) => i == place && c.Text is { } code ? causes.LabelOf(code) : c)] })],
        });
    }

    internal static string Figure(string column, double? number) => number switch
    {
        null => "",
        { } n when double.IsInfinity(n) => n > 0 ? "∞" : "−∞",
        { } n when column.StartsWith("p.value", StringComparison.Ordinal) => n < 0.0001 ? "<0.0001" : n.ToString("0.0000"),
        { } n when n == Math.Floor(n) && Math.Abs(n) < 1e9 => n.ToString("0"),
        { } n => Math.Abs(n) >= 10 ? n.ToString("0.0") : n.ToString("0.000"),
    };

    internal static string Survival(double? value) => value is { } v ? v.ToString("0.0000") : "–";

    internal static string Limits(double? lower, double? upper) => lower is null && upper is null ? "–" : $"{Survival(lower)}–{Survival(upper)}";

    internal static string Time(double? value) => value is { } v ? v.ToString("0.##") : "not reached";

    /// <summary>Grid times to show of a long curve: at most <paramref name="most"/>, round ones where the grid has them through more than half of its time.</summary>
    internal static IReadOnlyList<T> Landmarks<T>(IReadOnlyList<T> curve, Func<T, decimal> timeOf, int most)
    {
        if (curve.Count <= most)
            return curve;
        decimal[] round = [30, 90, 180, 365, 730, 1095, 1460, 1825, 2555, 3650, 5475];
        var landmarks = curve.Where(p => round.Contains(timeOf(p))).ToList();
        return landmarks.Count >= 3 && 2 * timeOf(landmarks[^1]) >= timeOf(curve[^1]) ? landmarks : [.. Enumerable.Range(0, most).Select(i => curve[i * (curve.Count - 1) / (most - 1)])];
    }
}
