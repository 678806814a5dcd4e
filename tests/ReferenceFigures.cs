namespace Consilience.Tests;

/// <summary>Figures that R computed, by name and number; the script that wrote them lies beside them.</summary>
internal sealed class ReferenceFigures(string file)
{
    private readonly Dictionary<string, double> figures = File.ReadLines(Path.Combine([AppContext.BaseDirectory, "vectors", .. file.Split('/')])).Skip(1)
        .Select(l => l.Split(',')).ToDictionary(f => f[0], f => f[1] == "NA" ? double.NaN : double.Parse(f[1]), StringComparer.Ordinal);

    internal double this[string figure] => figures[figure];

    /// <summary>Requires each of the values to be the figure of its number, counted from 1, to the given relative difference; undefined where R has NA.</summary>
    internal void Same(string figure, double tolerance, params IReadOnlyList<double?> values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            var expected = figures[$"{figure}.{i + 1}"];
            Assert.True(values[i] == expected || (values[i] is null && double.IsNaN(expected)) || Math.Abs((values[i] ?? double.NaN) - expected) <= tolerance * Math.Abs(expected), $"{figure}.{i + 1}: {values[i]:R} (expected {expected:R})");
        }

        Assert.False(figures.ContainsKey($"{figure}.{values.Count + 1}"), $"{figure} has more than {values.Count} figures");
    }
}
