using System.Diagnostics.CodeAnalysis;
using Consilience.Analyses.Schema;
using Consilience.Protocol.Identity;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Consilience.Protocol.Yaml;

/// <summary>
/// A YAML text read into nodes that know their places. Only plain YAML is taken: no anchors, aliases, tags or several documents (they let two readers see different
/// documents, and bombs), at most 1 MiB and 64 levels deep.
/// </summary>
public sealed class YamlDocument
{
    private const int LargestSize = 1024 * 1024;
    private const int Deepest = 64;

    private YamlDocument(string? file, YamlMappingNode? root, List<Fault> faults)
    {
        Faults = faults;
        Root = new YamlObject(root ?? [], "document", file, faults);
    }

    /// <summary>Every fault found so far; filled further while the document is read.</summary>
    public ICollection<Fault> Faults { get; }

    public YamlObject Root { get; }

    /// <param name="text">The document.</param>
    /// <param name="file">Its name in messages.</param>
    public static YamlDocument Parse(string text, string? file = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var faults = new List<Fault>();
        if (text.Length > LargestSize)
            faults.Add(new Fault("size", $"at most {LargestSize} characters", $"{text.Length}", "split the document"));
        else if (IsPlain(text, file, faults) && Load(text, file, faults) is { } root)
            return new YamlDocument(file, root, faults);
        return new YamlDocument(file, null, faults);
    }

    internal static SourcePosition At(YamlNode node, string? file) => new(file, (int)node.Start.Line, (int)node.Start.Column);

    private static bool IsPlain(string text, string? file, List<Fault> faults)
    {
        var depth = 0;
        var documents = 0;
        var last = new SourcePosition(file, 1, 1);
        try
        {
            var parser = new Parser(new StringReader(text));
            while (parser.MoveNext())
            {
                var current = parser.Current!;
                var at = new SourcePosition(file, (int)current.Start.Line, (int)current.Start.Column);
                last = at;
                depth += current.NestingIncrease;
                if (current is DocumentStart && ++documents > 1)
                    faults.Add(new Fault("YAML", "one document", "a second one", "remove everything from the second '---' on", at));
                if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false } || current is NodeEvent { Tag.IsEmpty: false, Tag.IsNonSpecific: false })
                    faults.Add(new Fault("YAML", "plain values", "an anchor, alias or tag", "write the value out", at));
                if (current is Scalar scalar && !scalar.Value.All(c => PlainText.IsPlain(c) || c is '\n' or '\t'))
                    faults.Add(new Fault("YAML", "printable characters", "a control character or a change of writing direction", "remove it", at));
                if (depth > Deepest)
                {
                    faults.Add(new Fault("YAML", $"at most {Deepest} levels", "a deeper one", "flatten the document", at));
                    return false;
                }
            }
        }
        catch (YamlException e)
        {
            faults.Add(Syntax(e, file));
        }
        catch (Exception e) when (IsSlip(e))
        {
            faults.Add(BreaksOff(last));
        }

        return faults.Count == 0;
    }

    private static YamlMappingNode? Load(string text, string? file, List<Fault> faults)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root)
                return HasPlainKeys(root, file, faults) ? root : null;
            faults.Add(new Fault("document", "a mapping of keys to values", "something else, or nothing", "begin with a line such as 'study: my-study'", new(file, 1, 1)));
        }
        catch (YamlException e)
        {
            faults.Add(Syntax(e, file));
        }
        catch (Exception e) when (IsSlip(e))
        {
            faults.Add(BreaksOff(new SourcePosition(file, 1, 1)));
        }

        return null;
    }

    private static bool HasPlainKeys(YamlMappingNode root, string? file, List<Fault> faults)
    {
        foreach (var key in root.AllNodes.OfType<YamlMappingNode>().SelectMany(m => m.Children.Keys).Where(k => k is not YamlScalarNode))
            faults.Add(new Fault("YAML", "keys of one word", "a list or mapping as a key", "write the key out", At(key, file)));
        return faults.Count == 0;
    }

    /// <summary>The library's own slips on text that is no YAML, such as a bracket that is never closed.</summary>
    private static bool IsSlip(Exception fault) => fault is InvalidOperationException or ArgumentException;

    private static Fault BreaksOff(SourcePosition at) =>
        new("YAML", "a well-formed document", "one that breaks off, perhaps in an open bracket or quote", "mend it from this line on", at);

    private static Fault Syntax(YamlException e, string? file) =>
        new("YAML", "a well-formed document", e.InnerException?.Message ?? e.Message, "mend this line", new(file, (int)e.Start.Line, (int)e.Start.Column));
}

/// <summary>A mapping being read: every key is asked for once, and what nobody asked for is a fault.</summary>
public sealed class YamlObject
{
    private readonly YamlMappingNode node;
    private readonly ICollection<Fault> faults;
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    internal YamlObject(YamlMappingNode node, string path, string? file, ICollection<Fault> faults)
    {
        this.node = node;
        this.faults = faults;
        Path = path;
        File = file;
    }

    /// <summary>Where this is, for example <c>schema.variables.stage</c>.</summary>
    public string Path { get; }

    public string? File { get; }

    public SourcePosition At => YamlDocument.At(node, File);

    public IEnumerable<string> Keys => node.Children.Keys.OfType<YamlScalarNode>().Select(k => k.Value ?? "");

    /// <summary>The text of a required scalar of at most <paramref name="longest"/> characters; null after recording a fault.</summary>
    public string? Text(string key, string expected, int longest = 10_000)
    {
        if (Scalar(key, expected, required: true) is not { } text)
            return null;
        if (text.Length <= longest)
            return text;
        Add(key, $"{expected}, at most {longest} characters", $"{text.Length}", "shorten it");
        return null;
    }

    /// <summary>The text of a scalar that may be left out.</summary>
    public string? OptionalText(string key, string expected) => Scalar(key, expected, required: false);

    /// <summary>A scalar read by <paramref name="parse"/>; null after recording a fault, or when it is left out and not required.</summary>
    public T? Value<T>(string key, string expected, Func<string, T?> parse, bool required = true)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(parse);
        if (Scalar(key, expected, required) is not { } text)
            return null;
        if (parse(text) is { } value)
            return value;
        Add(key, expected, $"'{PlainText.Quote(text)}'", "correct the value");
        return null;
    }

    public int? Number(string key, int least, int most, bool required = true)
    {
        var expected = $"a whole number from {least} to {most}";
        if (Scalar(key, expected, required) is not { } text)
            return null;
        if (int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, null, out var number) && number >= least && number <= most)
            return number;
        Add(key, expected, $"'{PlainText.Quote(text)}'", "correct the number");
        return null;
    }

    public bool? Boolean(string key, bool required = true)
    {
        if (Scalar(key, "true or false", required) is not { } text)
            return null;
        if (text is "true" or "false")
            return text == "true";
        Add(key, "true or false", $"'{PlainText.Quote(text)}'", "write true or false");
        return null;
    }

    /// <summary>A list of scalars; empty after recording a fault, or when it is left out and not required. Repeated entries are a fault, and none at all unless that is allowed.</summary>
    public IReadOnlyList<string> Texts(string key, string expected, bool required = true, bool mayBeEmpty = true)
    {
        var child = Child(key, expected, required);
        if (child is null)
            return [];
        if (child is not YamlSequenceNode sequence || sequence.Children.Any(c => c is not YamlScalarNode))
        {
            Add(key, expected, "something else", "write a list such as [a, b]");
            return [];
        }

        var texts = sequence.Children.Cast<YamlScalarNode>().Select(s => s.Value ?? "").ToList();
        if (texts.Count == 0 && !mayBeEmpty)
            Add(key, $"{expected}, at least one", "none", "name them");
        if (texts.Distinct(StringComparer.Ordinal).Count() != texts.Count)
            Add(key, "each entry once", "an entry twice", "remove the second one");
        return texts;
    }

    public YamlObject? Object(string key, string expected, bool required = true)
    {
        var child = Child(key, expected, required);
        if (child is null)
            return null;
        if (child is YamlMappingNode mapping)
            return new YamlObject(mapping, $"{Path}.{key}", File, faults);
        Add(key, expected, "something else", "write 'key: value' lines, indented below it");
        return null;
    }

    /// <summary>A list of one or more mappings; empty after recording a fault.</summary>
    public IReadOnlyList<YamlObject> Objects(string key, string expected, bool required = true)
    {
        var child = Child(key, expected, required);
        if (child is null)
            return [];
        if (child is YamlSequenceNode { Children.Count: 0 })
            Add(key, $"{expected}, at least one", "none", "name them");
        else if (child is YamlSequenceNode sequence && sequence.Children.All(c => c is YamlMappingNode))
            return [.. sequence.Children.Select((c, i) => new YamlObject((YamlMappingNode)c, $"{Path}.{key}[{i}]", File, faults))];
        else
            Add(key, expected, "something else", "write a list of 'key: value' blocks, each starting with '-'");
        return [];
    }

    /// <summary>A value of an open shape as JSON.</summary>
    public System.Text.Json.JsonElement? Json(string key, string expected, bool required) =>
        Child(key, expected, required) is { } child ? YamlJson.Convert(child) : null;

    private YamlNode? Child(string key, string expected, bool required)
    {
        asked.Add(key);
        var child = node.Children.FirstOrDefault(c => c.Key is YamlScalarNode k && k.Value == key).Value;
        if (child is null && required)
            faults.Add(new Fault($"{Path}.{key}", expected, "nothing", $"add '{key}:'", At));
        return child;
    }

    public bool Has(string key) => Keys.Contains(key, StringComparer.Ordinal);

    /// <summary>Records a fault at a key of this mapping.</summary>
    public void Add(string key, string expected, string got, string fix)
    {
        var place = node.Children.FirstOrDefault(c => c.Key is YamlScalarNode k && k.Value == key);
        faults.Add(new Fault($"{Path}.{key}", expected, got, fix, place.Value is null ? At : YamlDocument.At(place.Value, File)));
    }

    /// <summary>Records a fault for every key that nobody asked for. Call it when the mapping has been read.</summary>
    public void Finish()
    {
        foreach (var key in node.Children.Keys)
        {
            var name = (key as YamlScalarNode)?.Value;
            if (name is null || !asked.Contains(name))
                faults.Add(new Fault($"{Path}.{PlainText.Quote(name ?? "?")}", "a known key", "an unknown one", Suggestion.For(name ?? "", asked), YamlDocument.At(key, File)));
        }
    }

    [SuppressMessage("Style", "IDE0046", Justification = "One fault a branch reads better.")]
    private string? Scalar(string key, string expected, bool required)
    {
        var child = Child(key, expected, required);
        if (child is null)
            return null;
        if (child is YamlScalarNode { Value: { } text } && !string.IsNullOrWhiteSpace(text))
            return text;
        Add(key, expected, child is YamlScalarNode ? "nothing" : "a list or mapping", "write one value");
        return null;
    }

}
