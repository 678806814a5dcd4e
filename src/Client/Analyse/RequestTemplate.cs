using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Consilience.Analyses.Schema;
using Consilience.Protocol.Yaml;

namespace Consilience.Client.Analyse;

/// <summary>A word with its values, each of which has a name.</summary>
internal sealed record TemplateWord(string Word, IReadOnlyList<(string Name, JsonNode Value)> Values);

/// <summary>
/// One entry of a request file that stands for many: <c>each</c> gives words their values, as a list, or as a mapping from a value's name to it, or names words of the file's <c>values</c>; the entry stands for every combination.
/// In its name, cohort and parameters <c>{word}</c> is the value and <c>{word.name}</c> its name; a text that is nothing but <c>{word}</c> becomes the value itself, a number or list too.
/// </summary>
internal sealed partial class RequestTemplate
{
    /// <summary>Most requests that one entry may stand for.</summary>
    private const int Most = 10_000;

    private readonly YamlObject entry;
    private readonly IReadOnlyList<TemplateWord> each;

    /// <summary>What has a fault already: one combination's is every one's.</summary>
    private readonly HashSet<string> refused = new(StringComparer.Ordinal);

    private RequestTemplate(YamlObject entry, IReadOnlyList<TemplateWord> each) => (this.entry, this.each) = (entry, each);

    /// <summary>Reads <c>each</c>; an entry without stands for itself.</summary>
    /// <param name="entry">Of the file's requests.</param>
    /// <param name="shared">Words of the file's <c>values</c>.</param>
    internal static RequestTemplate Of(YamlObject entry, IReadOnlyList<TemplateWord> shared)
    {
        const string Expected = "words with their values, or a list of words of the file's 'values'";
        if (entry.Json("each", Expected, required: false) is not { } written)
            return new(entry, []);
        if (written.ValueKind != JsonValueKind.Array)
            return new(entry, entry.Object("each", Expected) is { } words ? Words(words) : []);
        var named = new List<TemplateWord>();
        foreach (var word in entry.Texts("each", Expected, mayBeEmpty: false))
        {
            if (shared.FirstOrDefault(s => s.Word == word) is { } found)
                named.Add(found);
            else
                entry.Add("each", "words of the file's 'values'", $"'{word}'", Suggestion.For(word, [.. shared.Select(s => s.Word)]));
        }

        return new(entry, named);
    }

    /// <summary>Reads a mapping of words to their values.</summary>
    internal static IReadOnlyList<TemplateWord> Words(YamlObject words) => [.. words.Keys.ToList().Select(word => Read(words, word)).OfType<TemplateWord>()];

    /// <summary>Every combination, the last word fastest: each word's value and its name.</summary>
    internal IEnumerable<IReadOnlyDictionary<string, (string Name, JsonNode Value)>> Combinations()
    {
        if (each.Aggregate(1L, (product, e) => Math.Min(product * e.Values.Count, Most + 1)) > Most)
        {
            entry.Add("each", $"at most {Most} combinations", "more", "split the entry");
            return [];
        }

        IEnumerable<Dictionary<string, (string, JsonNode)>> combinations = [[]];
        foreach (var (word, values) in each)
            combinations = combinations.SelectMany(c => values.Select(v => new Dictionary<string, (string, JsonNode)>(c, StringComparer.Ordinal) { [word] = v }));
        return combinations;
    }

    /// <summary>A text with its words filled in.</summary>
    internal string Fill(string key, string text, IReadOnlyDictionary<string, (string Name, JsonNode Value)> values) => values.Count == 0 ? text : Placeholder().Replace(text, match =>
    {
        if (Find(key, match, values) is not { } found)
            return "";
        if (found is JsonValue)
            return $"{found}";
        if (refused.Add(match.Value))
            entry.Add(key, "a text or number within a text", $"a list or mapping in '{match.Value}'", "write the whole value as the word in quotes");
        return "";
    });

    /// <summary>A value of an open shape with its words filled in.</summary>
    internal JsonNode? Fill(string key, JsonNode? node, IReadOnlyDictionary<string, (string Name, JsonNode Value)> values) => node switch
    {
        JsonObject members => Fill(key, members, values),
        JsonArray items => new JsonArray([.. items.Select(i => Fill(key, i, values))]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is var text => Placeholder().Match(text) is { Success: true } match && match.Length == text.Length && values.Count > 0
            ? Find(key, match, values)?.DeepClone() : JsonValue.Create(Fill(key, text, values)),
        _ => node?.DeepClone(),
    };

    private JsonObject Fill(string key, JsonObject members, IReadOnlyDictionary<string, (string Name, JsonNode Value)> values)
    {
        var filled = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (!filled.TryAdd(Fill(key, name, values), Fill(key, value, values)) && refused.Add(name))
                entry.Add(key, "each key once", $"'{name}' filled in as another one", "rename it");
        }

        return filled;
    }

    private JsonNode? Find(string key, Match match, IReadOnlyDictionary<string, (string Name, JsonNode Value)> values)
    {
        if (values.TryGetValue(match.Groups["word"].Value, out var found))
            return match.Groups["name"].Success ? JsonValue.Create(found.Name) : found.Value;
        if (refused.Add(match.Value))
            entry.Add(key, "a word of 'each'", $"'{match.Value}'", Suggestion.For(match.Groups["word"].Value, [.. values.Keys]));
        return null;
    }

    private static TemplateWord? Read(YamlObject words, string word)
    {
        const string Expected = "a list of values, or a mapping from names to values";
        var values = words.Json(word, Expected, required: true) is { } written ? JsonNode.Parse(written.GetRawText()) : null;
        List<(string Name, JsonNode? Value)> read = values switch
        {
            JsonArray list => [.. list.Select(v => (v is JsonValue ? $"{v}" : "", v))],
            JsonObject named => [.. named.Select(v => (v.Key, v.Value))],
            _ => [],
        };
        if (Word().IsMatch(word) && read.Count > 0 && read.TrueForAll(v => v.Value is not null && v.Name.Length > 0))
            return new(word, [.. read.Select(v => (v.Name, v.Value!))]);
        words.Add(word, $"a word of letters, digits and '_' with {Expected}; lists and mappings have names", "something else", "write 'stage: [1, 2]', or 'age: {young: \"age < 24\", older: \"age >= 24\"}'");
        return null;
    }

    [GeneratedRegex(@"\{(?<word>[A-Za-z_][A-Za-z0-9_]*)(?<name>\.name)?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
