using System.Globalization;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;

namespace Consilience.Cli.Output;

/// <summary>A scan as people read it: the variants that stand out, since nobody reads a hundred thousand.</summary>
internal static class ScanView
{
    internal const string Table = "variants";

    private const int Most = 20;

    /// <summary>The variants with the smallest p values, the smallest first; place and alleles in one column.</summary>
    internal static ResultTable Foremost(ResultTable table)
    {
        var columns = table.Columns.ToList();
        var p = columns.IndexOf("p.value");
        var rows = table.Rows.OrderBy(r => r.Cells[p].Number ?? 2).Take(Most).ToList();
        var places = columns.Contains("chromosome") ? new[] { "place" } : [];
        string[] figures = ["n", "allele.frequency", "estimate", "std.error", "p.value"];
        return table with
        {
            Columns = ["variant", .. places, .. figures],
            Rows = [.. rows.Select(r => r with { Cells = [r.Cells[0], .. places.Select(_ => (ResultCell)Place(columns, r)), .. figures.Select(f => Figure(f, r, r.Cells[columns.IndexOf(f)]))] })],
        };
    }

    private static string Place(List<string> columns, ResultRow row)
    {
        string Text(string column) => row.Cells[columns.IndexOf(column)] is { Text: { } text } ? text : $"{row.Cells[columns.IndexOf(column)].Number:0}";
        return $"{Text("chromosome")}:{Text("position")} {Text("effect.allele")}/{Text("other.allele")}";
    }

    /// <summary>What counts in a scan are powers of ten that other tables do not show.</summary>
    private static ResultCell Figure(string column, ResultRow row, ResultCell cell) =>
        column == "p.value" && row.Answer == AnswerKind.Value && cell.Number is { } p ? p.ToString("0.0e-00", CultureInfo.InvariantCulture) : cell;
}
