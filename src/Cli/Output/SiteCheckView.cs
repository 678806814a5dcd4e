using Consilience.Connectors.Check;
using Spectre.Console;

namespace Consilience.Cli.Output;

/// <summary>How a site's data fit a study, for the person who has to mend them: one table of all variables, then what is wrong, variable by variable.</summary>
internal static class SiteCheckView
{
    internal static void Write(IAnsiConsole console, SiteCheckReport report)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var heading in new[] { "", "variable", "column", "missing", "does not fit", "values" })
            table.AddColumn(heading);
        foreach (var v in report.Variables)
            table.AddRow(v.Unfit == 0 ? "[green]ok[/]" : "[yellow]!![/]", Markup.Escape($"{v.Name} ({v.Type})"), Markup.Escape(v.Column), v.Missing, $"{v.Unfit}", Markup.Escape(Values(v)));
        console.Write(table);
        foreach (var v in report.Variables.Where(v => v.Unfit > 0))
            WriteFault(console, v, report.Threshold);
        foreach (var panel in report.Panels)
            console.MarkupLineInterpolated($"{panel.Name}: {panel.Problem ?? $"{panel.Genotyped} persons with genotypes"}");
        console.MarkupLineInterpolated($"{report.Persons} persons; counts from 1 below {report.Threshold} read <{report.Threshold}, and the smallest and largest value shown are shared by {Math.Max(1, report.Threshold)} persons at or beyond them");
        if (report.PersonsWithSeveralRows > 0 || report.RowsWithoutPerson > 0)
            console.MarkupLineInterpolated($"[yellow]{report.PersonsWithSeveralRows} persons have several rows, {report.RowsWithoutPerson} rows name nobody: make a table with one row a person[/]");
        foreach (var fault in report.LifeTables)
            console.MarkupLineInterpolated($"[yellow]{fault}[/]");
        console.MarkupLine(report.Fits ? "[green]The data fit the study.[/]" : "[yellow]The data do not fit yet: mend what is named above, or map it in the mapping file.[/]");
    }

    private static string Values(VariableCheck v) => v.Codes.Count > 0
        ? string.Join("  ", v.Codes.Select(c => $"{c.Key}: {c.Value}"))
        : v is { Least: not null, Most: not null } ? $"{v.Least} to {v.Most}" : "too few to show";

    private static void WriteFault(IAnsiConsole console, VariableCheck v, int threshold)
    {
        console.MarkupLineInterpolated($"[yellow]{v.Name}[/]: {v.Unfit} cells are neither missing nor {v.Expected}; the first is in row {v.FirstUnfitRow} of {v.FirstUnfitFile}");
        if (v.OutOfBounds > 0)
            console.MarkupLineInterpolated($"  {v.OutOfBounds} of them lie outside the study's bounds");
        foreach (var (text, count) in v.UnknownCodes)
            console.MarkupLineInterpolated($"  '{text}' stands in {count} rows and is no code of the study: map it under codes");
        if (v.Codes.Count > 0 && v.UnknownCodes.Count == 0)
            console.MarkupLineInterpolated($"  texts that fewer than {threshold} persons share are not shown; look at the row");
    }
}
