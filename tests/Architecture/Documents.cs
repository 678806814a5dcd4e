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

    [GeneratedRegex(@"docs/guarantees/(?<page>[\w-]+)\.md")]
    private static partial Regex GuaranteePage();

    [Fact]
    public void Every_guarantee_is_named_by_code_and_what_code_names_is_there()
    {
        var named = Repository.Files("src", "*.cs").SelectMany(f => GuaranteePage().Matches(File.ReadAllText(f)).Select(m => m.Groups["page"].Value)).ToHashSet(StringComparer.Ordinal);
        var pages = Repository.Files("docs/guarantees", "*.md").Select(f => Path.GetFileNameWithoutExtension(f)!).Where(p => p != "README");
        Assert.Equal(pages.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"`(?<test>[A-Z][a-z]\w+)`")]
    private static partial Regex QuotedClass();

    /// <summary>A page that says where an attack is carried out names a class of the tests, or of the product.</summary>
    [Fact]
    public void Every_class_the_guarantees_name_exists()
    {
        var classes = Repository.Files("src", "*.cs").Concat(Repository.Files("tests", "*.cs")).Select(f => Path.GetFileNameWithoutExtension(f)!).ToHashSet(StringComparer.Ordinal);
        var missing =
            from page in Repository.Files("docs/guarantees", "*.md")
            from Match quoted in QuotedClass().Matches(File.ReadAllText(page))
            let name = quoted.Groups["test"].Value
            where !classes.Contains(name)
            select $"{Repository.Relative(page)}: {name}";
        Assert.Empty(missing);
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
