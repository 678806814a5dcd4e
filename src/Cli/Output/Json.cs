using System.Text.Json;
using System.Text.Json.Serialization;
using Consilience.Client.Publish;

namespace Consilience.Cli.Output;

/// <summary>The one machine-readable document a command prints with <c>--json</c>.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static string Of(ResultDocument document) => JsonSerializer.Serialize(document, ResultJson.Default.ResultDocument);

    internal static string Of(object value) => JsonSerializer.Serialize(value, Options);
}
