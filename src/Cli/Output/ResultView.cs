using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.Cli.Report;
using Consilience.Client.Publish;
using Spectre.Console;

namespace Consilience.Cli.Output;

/// <summary>Results in the terminal: a table, and a picture where there is a curve.</summary>
internal static class ResultView
{
    internal static void Write(IAnsiConsole console, AnalysisResult result, StudySchema schema)
    {
        console.WriteLine();
        console.Write(new Rule($"[bold]{Markup.Escape(result.Name)}[/]  [dim]{Markup.Escape(Labels.Precision(result))}[/]") { Justification = Justify.Left });
        if (result.Tables.Count > 0)
            WriteTables(console, result, schema);
        else if (result.Groups.Any(g => g.Curve is not null))
            WriteCurves(console, result, schema);
        else
            WriteCounts(console, result, schema);
        WriteSites(console, result);
        console.MarkupLine($"[dim]{Markup.Escape(result.Privacy)}[/]");
    }

    /// <summary>A single row with more than these is easier to read downwards.</summary>
    private const int MostColumnsOfOneRow = 6;

    private const int MostLandmarks = 12;

    private static void WriteTables(IAnsiConsole console, AnalysisResult result, StudySchema schema)
    {
        foreach (var shown in Labels.Tables(result, schema))
        {
            if (StepCurve.Of(shown, schema) is { Count: > 0 } curves)
            {
                console.MarkupLineInterpolated($"[dim]{shown.Name}[/]");
                console.Write(Landmarks(curves));
                continue;
            }

            var (headings, rows) = Labels.InBrief(shown, schema);
            console.MarkupLineInterpolated($"[dim]{shown.Name}[/]");
            console.Write(rows.Count == 1 && headings.Count > MostColumnsOfOneRow ? Downwards(headings, rows[0]) : Across(headings, rows));
        }
    }

    /// <summary>Curves of a table at a few times; its file has them all.</summary>
    private static Table Landmarks(IReadOnlyList<StepCurve> curves)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("group").NoWrap());
        foreach (var heading in new[] { "time", "at risk", "estimate", "limits" })
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap());
        foreach (var curve in curves)
        {
            if (curve.Steps.Count == 0)
                table.AddRow(Markup.Escape(curve.Label), Labels.Answer(curve.Answer), "", "", "");
            foreach (var step in Labels.Landmarks(curve.Steps, s => (decimal)s.Time, MostLandmarks))
                table.AddRow(Markup.Escape(curve.Label), $"{step.Time:0.##}", $"{step.AtRisk:0}", Labels.Survival(step.Estimate), Labels.Limits(step.Low, step.High));
        }

        return table;
    }

    private static Table Across(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table().Border(TableBorder.Rounded);
        for (var i = 0; i < headings.Count; i++)
        {
            var isText = rows.Any(r => r[i].Any(char.IsLetter));
            var column = new TableColumn(Markup.Escape(headings[i].Replace(' ', '\n'))).NoWrap();
            table.AddColumn(isText ? column : column.RightAligned());
        }

        foreach (var row in rows)
            table.AddRow([.. row.Select(Markup.Escape)]);
        return table;
    }

    private static Table Downwards(IReadOnlyList<string> headings, IReadOnlyList<string> row)
    {
        var table = new Table().Border(TableBorder.Rounded).HideHeaders().AddColumn("").AddColumn("");
        foreach (var (heading, value) in headings.Zip(row))
            table.AddRow(Markup.Escape(heading), Markup.Escape(value));
        return table;
    }

    private static void WriteCounts(IAnsiConsole console, AnalysisResult result, StudySchema schema)
    {
        var variables = result.Groups[0].Key.Keys.ToList();
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var variable in variables)
            table.AddColumn(Markup.Escape(Labels.Variable(variable, schema)));
        table.AddColumn(new TableColumn("persons").RightAligned());
        var noised = result.Groups.Any(g => g.Interval is not null);
        if (noised)
            table.AddColumn(new TableColumn("19 times in 20").RightAligned());
        var shares = Labels.HasShares(result);
        if (shares)
            table.AddColumn(new TableColumn(noised && console.Profile.Width < 100 ? "share" : "share, 95 %").RightAligned());
        foreach (var group in result.Groups)
        {
            var cells = variables.Select(v => Markup.Escape(Labels.Value(v, group.Key[v], schema))).ToList();
            cells.Add(Labels.Count(group));
            if (noised)
                cells.Add(group.Interval is { } interval ? $"{interval.Lower:0}–{interval.Upper:0}" : "");
            if (shares)
                cells.Add(noised && console.Profile.Width < 100 ? $"{100 * group.Share?.Estimate:0.0} %" : Labels.Share(group.Share));
            table.AddRow([.. cells]);
        }

        console.Write(table);
        if (result.Groups.Any(g => g.RawCount < 0))
            console.MarkupLine("[dim]* noise made this counter negative; results.json keeps it as opened[/]");
    }

    private static void WriteCurves(IAnsiConsole console, AnalysisResult result, StudySchema schema)
    {
        foreach (var hidden in result.Groups.Where(g => g.Curve!.Count == 0))
            console.MarkupLineInterpolated($"[dim]{Labels.Group(hidden, schema)}: {Labels.Answer(hidden.Answer)}[/]");
        result = result with { Groups = [.. result.Groups.Where(g => g.Curve!.Count > 0)] };
        if (result.Groups.Count == 0)
            return;
        string[] colours = ["blue", "darkorange", "green", "purple", "red", "teal", "olive", "grey"];
        var width = Math.Clamp(console.Profile.Width - 2, 60, 100);
        var lines = CurvePlot.Draw([.. result.Groups.Select(g => g.Curve!)], width, 16, Labels.TimeAxis(result, schema));
        foreach (var line in lines)
            console.MarkupLine(Coloured(line, colours, result.Groups.Count));
        for (var i = 0; i < result.Groups.Count; i++)
            console.MarkupLine($"      [{colours[i % colours.Length]}]{CurvePlot.Glyph(i)} {Markup.Escape(Labels.Group(result.Groups[i], schema))}[/]   median {Labels.Time(result.Groups[i].Median!.Value)}");
        var table = new Table().Border(TableBorder.Simple).AddColumn(new TableColumn("group").NoWrap());
        foreach (var heading in new[] { "time", "at risk", "events", "survival", "std. err.", "95 % limits" })
            table.AddColumn(new TableColumn(heading).RightAligned().NoWrap().PadLeft(0));
        foreach (var group in result.Groups)
            AddRows(table, group, Labels.Group(group, schema));
        console.Write(table);
    }

    private static void AddRows(Table table, ResultGroup group, string label)
    {
        foreach (var point in Labels.Landmarks(group.Curve!, p => p.Time, MostLandmarks))
        {
            var events = group.Curve!.Where(p => p.Time <= point.Time).Sum(p => p.Events);
            table.AddRow(
                Markup.Escape(label), $"{point.Time:0.##}", $"{point.AtRisk}", $"{events}", Labels.Survival(point.Survival), Labels.Survival(point.StandardError),
                Labels.Limits(point.Lower, point.Upper));
        }
    }

    private static void WriteSites(IAnsiConsole console, AnalysisResult result)
    {
        console.MarkupLine($"[dim]sites in the sum: {Markup.Escape(string.Join(", ", result.Sites.Answered))}[/]");
        foreach (var refusal in result.Sites.Refused)
            console.MarkupLine($"[yellow]{Markup.Escape($"refused by {refusal.Site}: {refusal.Message}")}[/]");
        if (result.Sites.Absent.Count > 0)
            console.MarkupLine($"[yellow]absent: {Markup.Escape(string.Join(", ", result.Sites.Absent))}[/]");
    }

    private static string Coloured(string line, string[] colours, int groups)
    {
        var escaped = Markup.Escape(line);
        for (var i = 0; i < groups; i++)
            escaped = escaped.Replace($"{CurvePlot.Glyph(i)}", $"[{colours[i % colours.Length]}]{CurvePlot.Glyph(i)}[/]", StringComparison.Ordinal);
        return escaped;
    }
}
