using Consilience.Analyses.Schema;
using Consilience.Protocol.Yaml;

namespace Consilience.Protocol.Tests.Yaml;

/// <summary>YAML as far as two readers cannot see different documents in it.</summary>
public sealed class DocumentsArePlain
{
    private static List<Fault> FaultsOf(string text) => [.. YamlDocument.Parse(text, "a.yaml").Faults];

    [Theory]
    [InlineData("a: &x 1\nb: *x", "an anchor, alias or tag")]
    [InlineData("a: !!str 1", "an anchor, alias or tag")]
    [InlineData("a: !mine 1", "an anchor, alias or tag")]
    [InlineData("a: &x [1]", "an anchor, alias or tag")]
    [InlineData("a: 1\n---\nb: 2", "a second one")]
    [InlineData("", "something else, or nothing")]
    [InlineData("# nothing", "something else, or nothing")]
    [InlineData("[1, 2]", "something else, or nothing")]
    [InlineData("word", "something else, or nothing")]
    [InlineData("? [a, b]\n: 1", "a list or mapping as a key")]
    [InlineData("a: {? {b: 1} : 2}", "a list or mapping as a key")]
    [InlineData("a: \"x\\e[2Jy\"", "a control character or a change of writing direction")]
    [InlineData("a: \"x\\u202Ey\"", "a control character or a change of writing direction")]
    [InlineData("\"a\\0\": 1", "a control character or a change of writing direction")]
    [InlineData("a: \"x\\ry\"", "a control character or a change of writing direction")]
    public void What_is_not_plain_is_refused_with_its_place(string text, string got)
    {
        var fault = FaultsOf(text)[0];
        Assert.Equal(got, fault.Got);
        Assert.NotNull(fault.At);
        Assert.Equal("a.yaml", fault.At.File);
    }

    [Theory]
    [InlineData("a: 1\na: 2", 2)]
    [InlineData("a: [1", 2)]
    [InlineData("a: 'b", 1)]
    [InlineData("a: 1\n\tb: 2", 1)]
    [InlineData("a: 1\n b: 2", 2)]
    [InlineData("a: {b: 1, b: 2}", 1)]
    [InlineData("a: b: c", 1)]
    [InlineData("a: \"\\xZZ\"", 1)]
    public void Faults_of_syntax_name_their_line(string text, int line)
    {
        var fault = Assert.Single(FaultsOf(text));
        Assert.Equal(line, fault.At!.Line);
        Assert.DoesNotContain("Exception", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bomb_of_aliases_is_refused_before_it_is_built()
    {
        var levels = Enumerable.Range(1, 30).Select(i => $"l{i}: &l{i} [{string.Join(", ", Enumerable.Repeat($"*l{i - 1}", 10))}]");
        Assert.NotEmpty(FaultsOf($"l0: &l0 [x]\n{string.Join('\n', levels)}"));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(70, false)]
    [InlineData(100_000, false)]
    public void Depth_has_a_limit(int depth, bool isRead)
    {
        var text = $"a: {new string('[', depth)}{new string(']', depth)}";
        Assert.Equal(isRead, FaultsOf(text).Count == 0);
    }

    [Fact]
    public void The_deepest_document_becomes_JSON()
    {
        for (var depth = 50; depth < 70; depth++)
        {
            var document = YamlDocument.Parse($"a: {new string('[', depth)}{new string(']', depth)}");
            if (document.Faults.Count == 0)
                Assert.Equal(System.Text.Json.JsonValueKind.Array, document.Root.Json("a", "anything", required: true)!.Value.ValueKind);
        }
    }

    [Fact]
    public void Size_has_a_limit() =>
        Assert.Equal("size", Assert.Single(FaultsOf($"a: {new string('x', 1024 * 1024)}")).Subject);

    [Fact]
    public void Every_key_nobody_asked_for_is_a_fault_with_a_suggestion()
    {
        var document = YamlDocument.Parse("minimumSite: 1\nother: 2");
        document.Root.Number("minimumSites", 1, 5);
        document.Root.Finish();
        Assert.Equal(["document.minimumSites", "document.minimumSite", "document.other"], document.Faults.Select(f => f.Subject));
        Assert.Equal("did you mean 'minimumSites'?", document.Faults.ElementAt(1).Fix);
        Assert.Equal(new SourcePosition(null, 2, 1), document.Faults.ElementAt(2).At);
    }

    [Theory]
    [InlineData("by: [a]\nn: 1\nx: 1.50\nt: true\nnothing:\nq: '1'\nlate: 2020-01-01\ne: 1e5", """{"by":["a"],"n":1,"x":1.50,"t":true,"nothing":null,"q":"1","late":"2020-01-01","e":"1e5"}""")]
    [InlineData("yes: no\nwave: ~\nbig: 99999999999999999999999999999999", """{"yes":"no","wave":null,"big":"99999999999999999999999999999999"}""")]
    public void Open_values_become_JSON_in_one_way(string text, string json)
    {
        var indented = string.Join('\n', text.Split('\n').Select(l => $"  {l}"));
        Assert.Equal(json, YamlDocument.Parse($"p:\n{indented}").Root.Json("p", "anything", required: true)!.Value.GetRawText());
    }
}
