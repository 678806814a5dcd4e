using System.Text.Json;
using System.Text.RegularExpressions;
using Consilience.FederatedLearning;

namespace Consilience.Architecture.Tests;

/// <summary>Every method has a page, every page is about a method, and says what a reader must know of it.</summary>
public sealed partial class MethodPages
{
    private static readonly string[] Rows = ["leaves a site", "vector length", "sensitivity", "rounds"];

    [GeneratedRegex("^method: (?<name>[a-z-]+)$", RegexOptions.Multiline)]
    private static partial Regex Example();

    [Fact]
    public void Pages_and_methods_are_the_same()
    {
        var pages = Repository.Files("docs/methods", "*.md").Select(f => Path.GetFileNameWithoutExtension(f)!);
        Assert.Equal(KnownMethods.All.Select(m => m.Name).Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_page_begins_with_the_methods_own_words_and_says_what_leaves_a_site() =>
        Assert.All(KnownMethods.All, method =>
        {
            var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "methods", $"{method.Name}.md"));
            Assert.StartsWith($"# {method.Name}\n\n{method.Summary}\n", page, StringComparison.Ordinal);
            Assert.Equal(method.Name, Example().Match(page).Groups["name"].Value);
            Assert.Contains($"\nparameters:\n{string.Concat(method.Example.Split('\n').Select(l => $"  {l}\n"))}```\n", page, StringComparison.Ordinal);
            Assert.All(Rows, row => Assert.Contains($"\n| {row} | ", page, StringComparison.Ordinal));
            Assert.Contains("What the answer still tells", page, StringComparison.Ordinal);
            Assert.Contains("noised", page, StringComparison.Ordinal);
        });

    [Theory]
    [InlineData("study.schema.json")]
    [InlineData("policy.schema.json")]
    public void Schemas_of_documents_know_the_same_methods(string file)
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "docs", "schemas", file)));
        var listed = schema.RootElement.GetProperty("properties").GetProperty("methods").GetProperty("items").GetProperty("enum").EnumerateArray().Select(m => m.GetString());
        Assert.Equal(KnownMethods.All.Select(m => m.Name), listed);
    }
}
