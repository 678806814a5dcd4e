using System.Text.Json;
using System.Text.Json.Serialization;

namespace Consilience.Protocol.Analyse;

/// <summary>
/// An enumeration by its names in kebab-case, letter for letter: no numbers, no lists of names, no other case, and never <c>unspecified</c>. (The serialiser's own converter
/// reads <c>Noised, Exact</c> as a value that no name stands for.)
/// </summary>
public abstract class KebabCaseConverter<T> : JsonConverter<T>
    where T : struct, Enum
{
    private static readonly Dictionary<T, string> Names = Enum.GetValues<T>().Where(v => !v.Equals(default(T))).ToDictionary(v => v, v => JsonNamingPolicy.KebabCaseLower.ConvertName(v.ToString()));
    private static readonly Dictionary<string, T> Values = Names.ToDictionary(p => p.Value, p => p.Key, StringComparer.Ordinal);

    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Values.TryGetValue(reader.GetString()!, out var value) ? value : throw new JsonException($"{typeof(T).Name}: not one of its names");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Names.TryGetValue(value, out var name) ? name : throw new JsonException($"{typeof(T).Name}: {value} has no name"));
}
