namespace Consilience.Protocol.Tests.World;

/// <summary>Where the published files are.</summary>
internal static class Repository
{
    private static readonly Lazy<string> Root = new(() =>
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Consilience.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("the repository's root, above the test's folder");
    });

    internal static string Path(string relative) => System.IO.Path.Combine(Root.Value, relative);
}
