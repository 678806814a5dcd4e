namespace Consilience.Cli.Examples;

/// <summary>A sample's file divided among sites.</summary>
internal static class SampleData
{
    /// <summary>Row i goes to part (i − 1) mod n + 1, each with the heading.</summary>
    internal static void Split(string file, IReadOnlyList<string> parts)
    {
        var lines = File.ReadAllLines(file);
        for (var part = 0; part < parts.Count; part++)
            File.WriteAllLines(parts[part], [lines[0], .. lines.Skip(1).Where((_, i) => i % parts.Count == part)]);
    }
}
