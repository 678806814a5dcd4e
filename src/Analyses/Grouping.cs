using System.Text.Json;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses;

/// <summary>
/// The declared cells of a grouping, in row-major order, last variable fastest. Public and independent of data: every cell is answered, empty ones too.
/// </summary>
internal sealed class Grouping
{
    private const long Uncountable = 1L << 40;
    private static readonly string[] Booleans = ["false", "true"];

    private Grouping(IReadOnlyList<Axis> axes) => Axes = axes;

    internal IReadOnlyList<Axis> Axes { get; }

    /// <summary>Number of cells; what is more than <see cref="Uncountable"/> counts as that, so that no product of a few such numbers leaves 64 bits.</summary>
    internal long Count => Axes.Aggregate(1L, (product, axis) => Math.Min(product * axis.Length, Uncountable));

    /// <summary>
    /// Reads <c>by</c>: variables of type category or boolean, or a mapping of a numeric <c>variable</c> and its public, increasing <c>edges</c>.
    /// </summary>
    internal static Grouping Read(ParameterReader parameters)
    {
        const string Expected = "a list of variables, or of {variable, edges}";
        var axes = new List<Axis>();
        var index = 0;
        foreach (var entry in parameters.List("by", Expected, required: false))
        {
            var place = $"by[{index++}]";
            if (ReadAxis(parameters, entry, place) is not { } axis)
                continue;
            if (axes.Any(a => a.Variable == axis.Variable))
                parameters.Add(place, "each variable once", $"'{axis.Variable}' again", "remove it");
            else
                axes.Add(axis);
        }

        return new Grouping(axes);
    }

    /// <summary>The key of each cell: variable → code, or the interval's text.</summary>
    internal IEnumerable<IReadOnlyDictionary<string, string>> Keys()
    {
        for (long cell = 0; cell < Count; cell++)
        {
            var key = new Dictionary<string, string>(StringComparer.Ordinal);
            var stride = Count;
            foreach (var axis in Axes)
            {
                stride /= axis.Length;
                key.Add(axis.Variable, Label(axis, (int)(cell / stride % axis.Length)));
            }

            yield return key;
        }
    }

    internal void WriteCanonical(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("by");
        foreach (var axis in Axes)
        {
            if (axis is EdgeAxis edges)
            {
                writer.WriteStartObject();
                writer.WriteString("variable", axis.Variable);
                writer.WriteStartArray("edges");
                foreach (var edge in edges.Edges)
                    writer.WriteNumberValue(edge);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            else
            {
                writer.WriteStringValue(axis.Variable);
            }
        }

        writer.WriteEndArray();
    }

    private static Axis? ReadAxis(ParameterReader parameters, JsonElement entry, string place)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            return parameters.Variable(place, entry, "a variable of type category or boolean", VariableType.Category, VariableType.Boolean) is { } coded
                ? new CodeAxis(coded.Name, coded.Type == VariableType.Boolean ? Booleans : [.. coded.Codes.Select(c => c.Code)])
                : null;
        }

        var inner = parameters.At(entry, place);
        var variable = inner.Variable("variable", VariableType.Integer, VariableType.Real);
        var edges = Grid.ReadEdges(inner, "edges");
        inner.Finish();
        return variable is null || edges is null ? null : new EdgeAxis(variable.Name, edges);
    }

    private static string Label(Axis axis, int bin) => axis switch
    {
        CodeAxis codes => codes.Codes[bin],
        EdgeAxis edges when bin == 0 => $"<= {edges.Edges[0]}",
        EdgeAxis edges when bin == edges.Edges.Count => $"> {edges.Edges[^1]}",
        EdgeAxis edges => $"({edges.Edges[bin - 1]}, {edges.Edges[bin]}]",
        _ => throw new System.Diagnostics.UnreachableException("an axis has codes or edges"),
    };
}
