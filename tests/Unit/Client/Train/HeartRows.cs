using System.Globalization;
using Consilience.Analyses;
using Consilience.Protocol.Agreements;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Tests.Train;

/// <summary>Rows of the sample of heart disease in the coding of sites: a hospital's file, or a part of it.</summary>
internal sealed class HeartRows(IReadOnlyList<Dictionary<string, string>> rows) : IRows
{
    private static readonly string Sample = Path.Combine(AppContext.BaseDirectory, "samples", "heart");

    internal static AgreedStudy Study { get; } = StudyReader.Read(File.ReadAllText(Path.Combine(Sample, "study.yaml")), null);

    internal static IReadOnlyList<HeartRows> Hospitals { get; } = [.. Study.Sites.Select(s => new HeartRows(Parse($"{s}", File.ReadAllLines(Path.Combine(Sample, $"{s}.csv")))))];

    internal IReadOnlyList<Dictionary<string, string>> Rows => rows;

    /// <summary>A plan of the sample.</summary>
    internal static string Plan(string name) => File.ReadAllText(Path.Combine(Sample, name));

    internal static HeartRows Together(IEnumerable<HeartRows> parts) => new([.. parts.SelectMany(p => p.Rows)]);

    internal HeartRows Part(string split, string part) => new([.. rows.Where(r => r[split] == part)]);

    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException();

    public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
    {
        var take = begin();
        foreach (var row in rows)
            take([.. variables.Select(v => Value(v, row))]);
    }

    /// <summary>Nobody of a split has missing values.</summary>
    public void ReadWithMissing(IReadOnlyList<string> known, IReadOnlyList<string> others, Func<RowReader> begin) => Read([.. known, .. others], begin);

    private static double Value(string variable, Dictionary<string, string> row) => variable == "disease"
        ? (row["num"] == "0" ? 0 : 1)
        : Study.Schema.Find(variable)!.Codes is { Count: > 0 } codes ? codes.ToList().FindIndex(c => c.Code == row[variable]) : double.Parse(row[variable], CultureInfo.InvariantCulture);

    private static List<Dictionary<string, string>> Parse(string site, string[] lines) =>
        [.. lines.Skip(1).Select(l => lines[0].Split(',').Zip(l.Split(',')).Append((Study.Schema.Site!.Name, site)).ToDictionary(p => p.Item1, p => p.Item2))];
}
