using System.Text.Json.Nodes;

namespace Consilience.Analyses.Parameters;

/// <summary>The JSON Schema (2020-12) of what stands under <c>parameters</c> in a request for a method; published as <c>docs/schemas/methods/NAME.schema.json</c>.</summary>
public static class MethodSchema
{
    /// <param name="method">One that states its parameters.</param>
    public static JsonObject Of(Method method)
    {
        ArgumentNullException.ThrowIfNull(method);
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"https://consilience.example/schemas/methods/{method.Name}.schema.json",
            ["title"] = method.Name,
            ["description"] = method.Summary,
        };
        foreach (var (key, value) in Members(method.Parameters))
            schema[key] = value!.DeepClone();
        return schema;
    }

    /// <summary>A mapping with these parameters and no others.</summary>
    internal static JsonObject Members(IEnumerable<Parameter> parameters) => new()
    {
        ["type"] = "object",
        ["additionalProperties"] = false,
        ["required"] = new JsonArray([.. parameters.Where(p => p.IsRequired).Select(p => JsonValue.Create(p.Name))]),
        ["properties"] = new JsonObject(parameters.Select(p => KeyValuePair.Create<string, JsonNode?>(p.Name, p.ToSchema()))),
    };
}
