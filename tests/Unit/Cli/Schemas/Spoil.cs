using System.Text.Json.Nodes;

namespace Consilience.Cli.Tests.Schemas;

/// <summary>Every document that differs from another in one place.</summary>
internal static class Spoil
{
    internal static IEnumerable<(string What, JsonNode Changed)> Every(JsonNode document)
    {
        foreach (var path in Paths(document, []))
        {
            if (At(document, path) is JsonObject members)
            {
                foreach (var key in members.Select(m => m.Key))
                    yield return Change(document, path, $"without {key}", n => n.AsObject().Remove(key));
                if (!IsOpen(path))
                    yield return Change(document, path, "with another key", n => n.AsObject()["surplus"] = 1);
            }

            if (path.Length == 0)
                continue;
            var (parent, last) = (path[..^1], path[^1]);
            foreach (var (name, value) in new (string, Func<JsonNode>)[] { ("a list", () => new JsonArray(new JsonArray())), ("a mapping", () => new JsonObject { ["surplus"] = 1 }), ("nonsense", () => JsonValue.Create("%%")!) })
            {
                if (!(IsOpen(path) && (name == "a mapping" || !IsOpen(parent))))
                    yield return Change(document, parent, $"{last} as {name}", n => Set(n, last, value()));
            }
        }
    }

    /// <summary>What stands under 'parameters', 'model' and 'local' is the method's own affair, and texts of codes are free.</summary>
    private static bool IsOpen(object[] path) => path.Contains("parameters") || path.Contains("model") || path.Contains("local") || path.Contains("codes") || (path.Length > 0 && path[^1] is "variables");

    private static IEnumerable<object[]> Paths(JsonNode? node, object[] path)
    {
        yield return path;
        var children = node switch
        {
            JsonObject members => members.SelectMany(m => Paths(m.Value, [.. path, m.Key])),
            JsonArray items => items.SelectMany((item, i) => Paths(item, [.. path, i])),
            _ => [],
        };
        foreach (var child in children)
            yield return child;
    }

    private static JsonNode? At(JsonNode? node, object[] path) => path.Aggregate(node, (n, step) => step is int i ? n!.AsArray()[i] : n!.AsObject()[(string)step]);

    private static (string, JsonNode) Change(JsonNode document, object[] path, string what, Action<JsonNode> change)
    {
        var copy = document.DeepClone();
        change(At(copy, path)!);
        return ($"/{string.Join('/', path)} {what}", copy);
    }

    private static void Set(JsonNode parent, object step, JsonNode value)
    {
        if (step is int i)
            parent.AsArray()[i] = value;
        else
            parent.AsObject()[(string)step] = value;
    }
}
