using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Consilience.Cli.Tests.Schemas;

/// <summary>
/// Validates by the part of JSON Schema 2020-12 that the published schemas use. A keyword it does not know is a failure, never passed over. The libraries that validate the
/// whole draft are under licences this project cannot take.
/// </summary>
internal sealed class PlainSchema(JsonObject root)
{
    private static readonly HashSet<string> Annotations = ["$schema", "$id", "$defs", "title", "description", "then", "else"];

    internal static PlainSchema Of(string file) => new(JsonNode.Parse(File.ReadAllText(file))!.AsObject());

    internal bool Accepts(JsonNode? value) => Accepts(root, value);

    private bool Accepts(JsonNode schema, JsonNode? value) => schema is JsonObject rules
        ? rules.All(rule => Holds(rules, rule.Key, rule.Value!, value))
        : schema.GetValue<bool>();

    private bool Holds(JsonObject rules, string keyword, JsonNode rule, JsonNode? value) => keyword switch
    {
        _ when Annotations.Contains(keyword) => true,
        "$ref" => Accepts(root["$defs"]![rule.GetValue<string>().Split('/')[^1]]!, value),
        "type" => (rule is JsonArray types ? types.Select(t => t!.GetValue<string>()) : [rule.GetValue<string>()]).Any(t => IsA(t, value)),
        "enum" => rule.AsArray().Any(e => JsonNode.DeepEquals(e, value)),
        "const" => JsonNode.DeepEquals(rule, value),
        "if" => Accepts(rule, value) ? !rules.ContainsKey("then") || Accepts(rules["then"]!, value) : !rules.ContainsKey("else") || Accepts(rules["else"]!, value),
        "not" => !Accepts(rule, value),
        "anyOf" => rule.AsArray().Any(s => Accepts(s!, value)),
        "allOf" => rule.AsArray().All(s => Accepts(s!, value)),
        "pattern" => Text(value) is not { } text || Regex.IsMatch(text, rule.GetValue<string>(), RegexOptions.None, TimeSpan.FromSeconds(1)),
        "minLength" => Text(value) is not { } text || text.Length >= rule.GetValue<int>(),
        "maxLength" => Text(value) is not { } text || text.Length <= rule.GetValue<int>(),
        "minimum" => Number(value) is not { } number || number >= rule.GetValue<decimal>(),
        "maximum" => Number(value) is not { } number || number <= rule.GetValue<decimal>(),
        "minItems" => value is not JsonArray items || items.Count >= rule.GetValue<int>(),
        "maxItems" => value is not JsonArray items || items.Count <= rule.GetValue<int>(),
        "uniqueItems" => value is not JsonArray items || items.Select(i => i?.ToJsonString()).Distinct().Count() == items.Count,
        "items" => value is not JsonArray items || items.All(i => Accepts(rule, i)),
        "required" => value is not JsonObject members || rule.AsArray().All(r => members.ContainsKey(r!.GetValue<string>())),
        "minProperties" => value is not JsonObject members || members.Count >= rule.GetValue<int>(),
        "maxProperties" => value is not JsonObject members || members.Count <= rule.GetValue<int>(),
        "propertyNames" => value is not JsonObject members || members.All(m => Accepts(rule, JsonValue.Create(m.Key))),
        "properties" => value is not JsonObject members || members.All(m => rule[m.Key] is not { } known || Accepts(known, m.Value)),
        "additionalProperties" => value is not JsonObject members || members.All(m => rules["properties"]?.AsObject().ContainsKey(m.Key) == true || Accepts(rule, m.Value)),
        _ => throw new NotSupportedException($"the schema uses '{keyword}', which this test does not know"),
    };

    private static bool IsA(string type, JsonNode? value) => (type, Kind(value)) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("number", JsonValueKind.Number) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) or ("null", JsonValueKind.Null) => true,
        ("integer", JsonValueKind.Number) => decimal.IsInteger(Number(value)!.Value),
        _ => false,
    };

    private static JsonValueKind Kind(JsonNode? value) => value?.GetValueKind() ?? JsonValueKind.Null;

    private static string? Text(JsonNode? value) => Kind(value) == JsonValueKind.String ? value!.GetValue<string>() : null;

    private static decimal? Number(JsonNode? value) => Kind(value) == JsonValueKind.Number ? decimal.Parse(value!.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture) : null;
}
