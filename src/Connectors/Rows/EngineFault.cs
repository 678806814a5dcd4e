using System.Text.RegularExpressions;
using Consilience.Protocol.Analyse;
using DuckDB.NET.Data;

namespace Consilience.Connectors.Rows;

/// <summary>What the engine says of a file, in words that quote no cell: only line and column numbers, and names of mapped files, are taken from its message.</summary>
internal static partial class EngineFault
{
    internal static SiteDataException From(DuckDBException fault, IReadOnlyList<string> files)
    {
        var message = fault.Message;
        if (message.StartsWith("Out of Memory Error:", StringComparison.Ordinal))
            return Unreadable("data: the question needs more memory than the engine may take; raise its limit, or group more coarsely");
        var place = files.FirstOrDefault(f => message.Contains($"\n  file = {f}\n", StringComparison.Ordinal)) ?? (files.Count == 1 ? files[0] : null);
        var file = place is null ? "data" : $"file {Path.GetFileName(place)}";
        return Line().Match(message) is { Success: true } line ? Unreadable($"{file}, line {line.Groups["line"].Value}: {Problem(message)}") : Unreadable($"{file}: {WithoutLine(message, fault)}");
    }

    [GeneratedRegex(@"^Invalid Input Error: CSV Error on Line: (?<line>\d{1,18})\n", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();

    [GeneratedRegex(@"\nExpected Number of Columns: (?<expected>\d{1,9}) Found: (?<found>\d{1,9})\n", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Columns();

    private static string Problem(string message)
    {
        if (Columns().Matches(message) is [.., var columns])
            return $"cells that are not one for each column (expected {columns.Groups["expected"].Value}, got {columns.Groups["found"].Value}); mend the line, or put cells that hold the delimiter in quotes";
        if (message.Contains("\nValue with unterminated quote found.", StringComparison.Ordinal))
            return "a quoted cell that does not end as it should (expected a quote before the delimiter, inner quotes doubled); mend the quotes";
        if (message.Contains("\nMaximum line size of ", StringComparison.Ordinal))
            return "longer than can be read (expected at most 2000000 bytes); look for a quote that is never closed";
        return message.Contains("not utf-8 encoded", StringComparison.Ordinal)
            ? "not written in UTF-8 (expected UTF-8); convert the file"
            : "cannot be read (expected a CSV record); mend the line";
    }

    /// <summary>The message's first word is the engine's own.</summary>
    private static string WithoutLine(string message, DuckDBException fault) => message.Split(" Error:", 2)[0] switch
    {
        "Invalid Input" => "not readable in the format the mapping file says (expected records of one form, with one kind of line ending); mend the file, or 'format' and 'delimiter' in the mapping",
        "IO" => "not readable (expected a file in the format the mapping file says); check that it is there, whole and permitted",
        "Permission" => "outside what the mapping file names (expected a mapped file); name it there",
        _ => $"refused by the engine (kind {fault.ErrorType}); run 'consilience site check' on this machine",
    };

    private static SiteDataException Unreadable(string message) => new(RefusalCode.DataUnreadable, message);
}
