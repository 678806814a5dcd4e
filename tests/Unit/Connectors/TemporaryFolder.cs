namespace Consilience.Connectors.Tests;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("consilience-").FullName;

    internal string Path(string name) => System.IO.Path.Combine(root, name);

    internal string Write(string name, string text)
    {
        File.WriteAllText(Path(name), text);
        return Path(name);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);
}
