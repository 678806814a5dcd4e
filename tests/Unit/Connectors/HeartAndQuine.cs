using Consilience.Analyses.Schema;

namespace Consilience.Connectors.Tests;

/// <summary>The UCI Heart Disease data with disease as a variable, and Quine's absences from school, under schemas of studies.</summary>
internal static class HeartAndQuine
{
    internal static string[] Sites { get; } = ["cleveland", "hungarian", "switzerland", "va"];

    internal static StudySchema Heart { get; } = new(
    [
        Wilms.Category("site", Sites), Wilms.Category("sex", "0", "1"), Wilms.Category("cp", "1", "2", "3", "4"), Wilms.Category("exang", "0", "1"),
        Number("age", 0, 120), Number("thalach", 0, 300), new Variable("disease", VariableType.Boolean, "disease", null, [], null, null),
    ]);

    internal static StudySchema Quine { get; } = new(
        [Wilms.Category("Eth", "A", "N"), Wilms.Category("Sex", "F", "M"), Wilms.Category("Age", "F0", "F1", "F2", "F3"), Wilms.Category("Lrn", "AL", "SL"), Number("Days", 0, 100)]);

    internal static string QuineFile { get; } = Path.Combine(AppContext.BaseDirectory, "vectors", "models", "quine.csv");

    /// <summary>Patients spread over their own four hospitals, and one hospital without any.</summary>
    internal static SplitSites AtHospitals(TemporaryFolder folder)
    {
        string[][] rows = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors", "describe", "heart.csv")).Select(l => l.Split(','))];
        var file = folder.Write("heart.csv", string.Concat(rows.Select((r, i) => $"{string.Join(',', r)},{(i == 0 ? "disease" : r[^1] != "0" ? "true" : "false")}\n")));
        return new SplitSites(folder, file, Heart, row => Array.IndexOf(Sites, rows[row + 1][1]), Sites.Length + 1);
    }

    private static Variable Number(string name, decimal least, decimal most) => new(name, VariableType.Integer, name, null, [], least, most);
}
