using System.Text.RegularExpressions;

namespace Consilience.Architecture.Tests;

/// <summary>What the documents point at exists, and nothing committed carries a machine's paths.</summary>
public sealed partial class Documents
{
    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<path>(src|tests|docs|eng|samples|bench|vectors)/[\w./-]+)`")]
    private static partial Regex QuotedPath();

    private static IEnumerable<string> Pages() =>
        Directory.EnumerateFiles(Repository.Root, "*.md")
            .Concat(Repository.Files("docs", "*.md"))
            .Concat(Repository.Files("samples", "*.md"));

    [Fact]
    public void Every_link_in_the_documents_leads_somewhere()
    {
        var broken =
            from page in Pages()
            from Match link in Link().Matches(File.ReadAllText(page))
            let target = link.Groups["target"].Value
            where !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
            where !Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, target))
            select $"{Repository.Relative(page)}: {target}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_path_the_documents_name_exists()
    {
        var missing =
            from page in Pages()
            from Match path in QuotedPath().Matches(File.ReadAllText(page))
            let target = path.Groups["path"].Value.TrimEnd('/')
            where !Path.Exists(Path.Combine(Repository.Root, target))
            select $"{Repository.Relative(page)}: {target}";
        Assert.Empty(missing);
    }
}
