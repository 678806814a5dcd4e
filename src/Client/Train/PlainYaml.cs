using System.Text;
using System.Text.Json;

namespace Consilience.Client.Train;

/// <summary>Writes JSON as YAML in lines: mappings and lists of them indented, short lists in brackets, texts in quotes, which no reader can take for something else.</summary>
internal static class PlainYaml
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static string Of(JsonElement mapping)
    {
        var yaml = new StringBuilder();
        Members(yaml, mapping, "");
        return yaml.ToString();
    }

    private static void Members(StringBuilder yaml, JsonElement mapping, string indent)
    {
        foreach (var member in mapping.EnumerateObject())
        {
            var isBlock = member.Value.ValueKind == JsonValueKind.Object && member.Value.EnumerateObject().Any();
            yaml.Append(indent).Append(IsPlain(member.Name) ? member.Name : Text(member.Name)).Append(isBlock ? ":\n" : ": ");
            if (isBlock)
                Members(yaml, member.Value, indent + "  ");
            else
                yaml.Append(Inline(member.Value)).Append('\n');
        }
    }

    private static string Inline(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Inline))}]",
        JsonValueKind.Object => $"{{{string.Join(", ", value.EnumerateObject().Select(m => $"{(IsPlain(m.Name) ? m.Name : Text(m.Name))}: {Inline(m.Value)}"))}}}",
        JsonValueKind.String => Text(value.GetString()!),
        _ => value.GetRawText(),
    };

    private static bool IsPlain(string name) => name.Length > 0 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') && name is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n");

    private static string Text(string text) => JsonSerializer.Serialize(text, Readable);
}
