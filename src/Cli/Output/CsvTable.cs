using System.Text;

namespace Consilience.Cli.Output;

/// <summary>A small file of comma-separated values (RFC 4180, UTF-8), as texts.</summary>
internal sealed record CsvTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <exception cref="InvalidDataException">Columns have no or the same names, or a row has another number of fields.</exception>
    internal static CsvTable Read(string path)
    {
        var records = Records(File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true))).ToList();
        if (records.Count == 0 || records[0].Distinct(StringComparer.Ordinal).Count() != records[0].Count || records[0].Contains(""))
            throw new InvalidDataException($"{Path.GetFileName(path)}: its first line does not name its columns (expected each name once)");
        var odd = records.FindIndex(r => r.Count != records[0].Count);
        return odd < 0
            ? new(records[0], [.. records.Skip(1)])
            : throw new InvalidDataException($"{Path.GetFileName(path)}: record {odd + 1} has {records[odd].Count} fields (expected {records[0].Count}); quote fields that hold commas");
    }

    internal static string Line(IEnumerable<string> fields) =>
        string.Join(',', fields.Select(f => f.AsSpan().ContainsAny(",\"\r\n") ? $"\"{f.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : f));

    private static IEnumerable<List<string>> Records(string text)
    {
        var (record, field, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c != '"')
                    field.Append(c);
                else if (i + 1 < text.Length && text[i + 1] == '"')
                    field.Append(text[++i]);
                else
                    quoted = false;
            }
            else if (c == '"' && field.Length == 0)
            {
                quoted = true;
            }
            else if (c is ',' or '\n')
            {
                record.Add(field.ToString());
                field.Clear();
                if (c == '\n')
                {
                    yield return record;
                    record = [];
                }
            }
            else if (c is not ('\r' or '\ufeff'))
            {
                field.Append(c);
            }
        }

        if (record.Count > 0 || field.Length > 0)
            yield return [.. record, field.ToString()];
    }
}
