using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Consilience.Protocol.Identity;

/// <summary>Reads JSON that others wrote. <b>Guarantee:</b> what is not exactly the type is null, never an exception and never an object with a null where a list promises none.</summary>
internal static class StrictJson
{
    private const int Deepest = 64;

    internal static T? Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return Utf8.IsValid(json) && IsPlain(json) ? JsonSerializer.Deserialize(json, type) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// No null in a list: the serialiser respects the nullability of members, not of elements. No text with half a character: members of an open shape are read only later,
    /// by code that takes their texts as they are. That one shows as an exception.
    /// </summary>
    /// <exception cref="InvalidOperationException">A text escapes half a character.</exception>
    private static bool IsPlain(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Deepest });
        Span<bool> isList = stackalloc bool[Deepest + 2];
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                isList[reader.CurrentDepth + 1] = reader.TokenType == JsonTokenType.StartArray;
            else if (reader.TokenType == JsonTokenType.Null && isList[reader.CurrentDepth])
                return false;
            else if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                reader.GetString();
        }

        return true;
    }
}

/// <summary>Bytes as base 64 in its one canonical form: padded, no white space, no bits that are ignored.</summary>
internal sealed class CanonicalBase64Converter : JsonConverter<byte[]>
{
    public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var bytes = reader.GetBytesFromBase64();
        return Convert.ToBase64String(bytes) == reader.GetString() ? bytes : throw new JsonException("base 64 that is not canonical");
    }

    public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => writer.WriteBase64StringValue(value);
}
