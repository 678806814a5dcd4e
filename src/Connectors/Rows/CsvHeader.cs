using Consilience.Protocol.Analyse;

namespace Consilience.Connectors.Rows;

/// <summary>The column names of a CSV file's first line. Names must be there and differ: guessing would map the wrong column.</summary>
internal static class CsvHeader
{
    internal static IReadOnlyList<string> Split(string line, char delimiter)
    {
        var names = new List<string>();
        var name = new System.Text.StringBuilder();
        var quoted = false;
        line = line.TrimStart('\uFEFF');
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
        if (quoted || names.Any(n => n.Length == 0) || names.Distinct(StringComparer.Ordinal).Count() != names.Count)
            throw new SiteDataException(RefusalCode.DataUnreadable, "CSV header: expected one line of column names, none empty and none twice; check the delimiter and mend the first line");
        return names;

        void Take()
        {
            names.Add(name.ToString().Trim());
            name.Clear();
        }
    }
}
