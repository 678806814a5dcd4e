using System.Globalization;
using System.Text;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;

namespace Consilience.Client.Publish;

/// <summary>
/// A result as comma-separated values (RFC 4180), one row a figure: the grouping variables, then what the answer is, then the figures. A suppressed or unasked cell has its word in
/// <c>answer</c> and no figures; a value that is not defined is empty. Each table of estimates is a file of its own, its columns as the table names them.
/// </summary>
public static class TidyCsv
{
    private static readonly string[] Counts = ["answer", "count", "raw.count", "conf.low", "conf.high", "expected.low", "expected.high", "share", "share.low", "share.high"];
    private static readonly string[] Curves = ["answer", "time", "n.risk", "n.event", "n.censor", "estimate", "std.error", "conf.low", "conf.high"];

    /// <summary>The files of a result: what their names end with, and their text.</summary>
    public static IReadOnlyList<(string Suffix, string Text)> Files(AnalysisResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var precision = result.Precision == Protocol.Analyse.Precision.Exact ? "exact" : "noised";
        return result.Groups.Count > 0 ? [("", Groups(result, precision))] : [.. result.Tables.Select(t => ($"-{t.Name}", Table(t, precision)))];
    }

    private static string Groups(AnalysisResult result, string precision)
    {
        var csv = new StringBuilder();
        var variables = result.Groups[0].Key.Keys.ToList();
        var areCurves = result.Groups.Any(g => g.Curve is not null);
        Row(csv, [.. variables, .. areCurves ? Curves : Counts, "precision"]);
        foreach (var group in result.Groups)
        {
            var key = variables.Select(v => (object?)group.Key[v]).ToList();
            foreach (var figures in areCurves ? Points(group) : [Count(group)])
                Row(csv, [.. key, .. figures, precision]);
        }

        return csv.ToString();
    }

    private static string Table(ResultTable table, string precision)
    {
        var csv = new StringBuilder();
        Row(csv, [.. table.Columns, "answer", "precision"]);
        foreach (var row in table.Rows)
            Row(csv, [.. row.Cells.Select(c => c.Text ?? Number(c.Number)), Word(row.Answer), precision]);
        return csv.ToString();
    }

    /// <summary>As R reads it.</summary>
    private static object? Number(double? number) => number is { } n && double.IsInfinity(n) ? (n > 0 ? "Inf" : "-Inf") : number;

    private static object?[] Count(ResultGroup group) => 
    [
        Word(group.Answer), group.Count, group.RawCount, group.Interval?.Lower, group.Interval?.Upper, group.Expected?.Lower, group.Expected?.Upper,
        group.Share?.Estimate, group.Share?.Lower, group.Share?.Upper,
    ];

    private static IEnumerable<object?[]> Points(ResultGroup group) => group.Curve!.Count == 0
        ? [[Word(group.Answer), null, null, null, null, null, null, null, null]]
        : group.Curve.Select(p => new object?[] { Word(group.Answer), p.Time, p.AtRisk, p.Events, p.Censored, p.Survival, p.StandardError, p.Lower, p.Upper });

    private static string Word(AnswerKind answer) => answer == AnswerKind.NotAsked ? "not-asked" : answer.ToString().ToLowerInvariant();

    private static void Row(StringBuilder csv, IReadOnlyList<object?> fields) => csv.AppendJoin(',', fields.Select(Field)).Append("\r\n");

    private static string Field(object? value)
    {
        var text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
