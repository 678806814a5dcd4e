using System.Text.Json;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses;

/// <summary>A method's parameters being read: every key is asked for once, what nobody asked for is a fault, and faults say what was expected.</summary>
internal sealed class ParameterReader
{
    private readonly JsonElement element;
    private readonly StudySchema schema;
    private readonly ICollection<Fault> faults;
    private readonly string path;
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);

    internal ParameterReader(JsonElement element, StudySchema schema, ICollection<Fault> faults, string path)
    {
        (this.schema, this.faults, this.path) = (schema, faults, path);
        this.element = element;
        if (element.ValueKind != JsonValueKind.Object)
        {
            Add("", "a mapping of names to values", Describe(element), "write 'name: value' lines");
            this.element = JsonSerializer.SerializeToElement(new Dictionary<string, string>());
        }
    }

    internal StudySchema Schema => schema;

    internal JsonElement? Element(string key, string expected, bool required)
    {
        asked.Add(key);
        if (element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null)
            return value;
        if (required)
            Add(key, expected, "nothing", $"add '{key}'");
        return null;
    }

    /// <summary>A variable of the study whose type is one of <paramref name="types"/>.</summary>
    internal Variable? Variable(string key, params VariableType[] types)
    {
        var expected = $"a variable of type {string.Join(" or ", types.Select(t => t.ToString().ToLowerInvariant()))}";
        return Element(key, expected, required: true) is { } value ? Variable(key, value, expected, types) : null;
    }

    internal Variable? Variable(string key, JsonElement value, string expected, params VariableType[] types)
    {
        var fitting = schema.Variables.Where(v => types.Contains(v.Type)).Select(v => v.Name).ToList();
        if (value.ValueKind != JsonValueKind.String || schema.Find(value.GetString()!) is not { } variable)
            Add(key, expected, Describe(value), value.ValueKind == JsonValueKind.String ? Suggestion.For(value.GetString()!, fitting) : "name a variable");
        else if (!types.Contains(variable.Type))
            Add(key, expected, $"'{variable.Name}' of type {variable.Type.ToString().ToLowerInvariant()}", Suggestion.For(variable.Name, fitting));
        else
            return variable;
        return null;
    }

    internal IReadOnlyList<JsonElement> List(string key, string expected, bool required)
    {
        if (Element(key, expected, required) is not { } value)
            return [];
        if (value.ValueKind == JsonValueKind.Array)
            return [.. value.EnumerateArray()];
        Add(key, expected, Describe(value), "write a list such as [a, b]");
        return [];
    }

    internal ParameterReader? Object(string key, string expected, bool required) =>
        Element(key, expected, required) is { } value ? new ParameterReader(value, schema, faults, $"{path}.{key}") : null;

    internal ParameterReader At(JsonElement value, string place) => new(value, schema, faults, $"{path}.{place}");

    internal decimal? Number(string key, string expected, bool required)
    {
        if (Element(key, expected, required) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && Math.Abs(number) <= 1_000_000_000_000_000m)
            return number;
        Add(key, expected, Describe(value), "write a number");
        return null;
    }

    /// <summary>One of the codes of <paramref name="axis"/>; null where nothing or nothing fitting is written.</summary>
    internal string? Code(string key, CodeAxis axis, bool required)
    {
        var expected = $"one of {string.Join(", ", axis.Codes)}";
        if (Element(key, expected, required) is not { } value)
            return null;
        if (axis.Codes.Contains(value.ToString()))
            return value.ToString();
        Add(key, expected, Describe(value), Suggestion.For(value.ToString(), axis.Codes));
        return null;
    }

    internal string? Choice(string key, params string[] choices)
    {
        if (Element(key, string.Join(", ", choices), required: false) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.String && choices.Contains(value.GetString()))
            return value.GetString();
        Add(key, $"one of {string.Join(", ", choices)}", Describe(value), Suggestion.For(value.ToString(), choices));
        return null;
    }

    internal void Add(string key, string expected, string got, string fix) =>
        faults.Add(new Fault(key.Length == 0 ? path : $"{path}.{key}", expected, got, fix));

    internal void Finish()
    {
        foreach (var property in element.EnumerateObject().Where(p => !asked.Contains(p.Name)))
            Add(property.Name.Length <= 40 ? property.Name : "…", "a known parameter", "an unknown one", Suggestion.For(property.Name, asked));
    }

    private static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String or JsonValueKind.Number => $"'{(value.ToString().Length <= 40 ? value.ToString() : value.ToString()[..40] + "…")}'",
        JsonValueKind.True or JsonValueKind.False => $"'{value.ToString().ToLowerInvariant()}'",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "a mapping",
        _ => "nothing",
    };
}
