using System.Globalization;
using Consilience.Analyses;
using Consilience.Analyses.Schema;

namespace Consilience.Client.Tests.Train;

/// <summary>A hospital's file of the sample of heart disease, and rows of it in the coding of sites.</summary>
internal sealed class Hospital(IReadOnlyList<Dictionary<string, string>> rows, StudySchema schema) : IRows
{
    internal Hospital(string file, StudySchema schema)
        : this(Parse(File.ReadAllLines(file)), schema)
    {
    }

    internal IReadOnlyList<Dictionary<string, string>> Rows => rows;

    internal Hospital Part(string split, string part) => new([.. rows.Where(r => r[split] == part)], schema);

    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException();

    public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
    {
        var take = begin();
        foreach (var row in rows)
            take([.. variables.Select(v => Value(v, row))]);
    }

    /// <summary>Nobody of a split has missing values.</summary>
    public void ReadWithMissing(IReadOnlyList<string> known, IReadOnlyList<string> others, Func<RowReader> begin) => Read([.. known, .. others], begin);

    private double Value(string variable, Dictionary<string, string> row) => variable == "disease"
        ? (row["num"] == "0" ? 0 : 1)
        : schema.Find(variable)!.Codes is { Count: > 0 } codes ? codes.ToList().FindIndex(c => c.Code == row[variable]) : double.Parse(row[variable], CultureInfo.InvariantCulture);

    private static List<Dictionary<string, string>> Parse(string[] lines) =>
        [.. lines.Skip(1).Select(l => lines[0].Split(',').Zip(l.Split(',')).ToDictionary(p => p.First, p => p.Second))];
}
