using System.Text;
using Consilience.Protocol.Analyse;

namespace Consilience.Connectors.Rows;

/// <summary>The column names of CSV files, which must be there, differ even without regard to case, and be the same in every file: guessing would map the wrong column.</summary>
internal static class CsvHeader
{
    private const int LongestLine = 1 << 20;

    internal static IReadOnlyList<string> Read(IReadOnlyList<string> files, char delimiter)
    {
        var first = ReadOne(files[0], delimiter);
        foreach (var file in files.Skip(1))
        {
            if (!ReadOne(file, delimiter).SequenceEqual(first, StringComparer.Ordinal))
                throw Faulty(file, $"other columns, or another order, than in {Path.GetFileName(files[0])} (expected the same first line in every file)", "write the files alike");
        }

        return first;
    }

    private static List<string> ReadOne(string file, char delimiter)
    {
        try
        {
            using var reader = new StreamReader(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);
            return Split(file, FirstLine(file, reader), delimiter);
        }
        catch (DecoderFallbackException)
        {
            throw Faulty(file, "not written in UTF-8 (expected UTF-8)", "convert the file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Faulty(file, "not there, or not readable by this program", "check the path and the file's rights");
        }
    }

    private static string FirstLine(string file, StreamReader reader)
    {
        var line = new StringBuilder();
        for (int c; (c = reader.Read()) is not (-1 or '\n' or '\r');)
        {
            if (line.Length == LongestLine)
                throw Faulty(file, $"a first line that does not end (expected column names, at most {LongestLine} characters)", "check that it is a CSV file");
            line.Append((char)c);
        }

        if (reader.CurrentEncoding is not UTF8Encoding)
            throw Faulty(file, "not written in UTF-8 (expected UTF-8)", "convert the file");
        return line.ToString();
    }

    private static List<string> Split(string file, string line, char delimiter)
    {
        var names = new List<string>();
        var name = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
                name.Append(line[i++]);
            else if (c == '"')
                quoted = !quoted;
            else if (c == delimiter && !quoted)
                Take();
            else
                name.Append(c);
        }

        Take();
        if (quoted || names.Any(n => n.Length == 0 || n.Any(char.IsControl)) || names.Distinct(StringComparer.OrdinalIgnoreCase).Count() != names.Count)
            throw Faulty(file, "a header that does not say which column is which (expected one line of column names, none empty and none twice, capitals or not)", "check the delimiter and mend the first line");
        return names;

        void Take()
        {
            names.Add(name.ToString().Trim());
            name.Clear();
        }
    }

    private static SiteDataException Faulty(string file, string what, string fix) => new(RefusalCode.DataUnreadable, $"file {Path.GetFileName(file)}: {what}; {fix}");
}
