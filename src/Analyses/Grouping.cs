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

    internal Grouping(IReadOnlyList<Axis> axes) => Axes = axes;

    internal IReadOnlyList<Axis> Axes { get; }

    internal IReadOnlyList<string> Variables => [.. Axes.Select(a => a.Variable)];

    /// <summary>Number of cells; what is more than <see cref="Uncountable"/> counts as that, so that no product of a few such numbers leaves 64 bits.</summary>
    internal long Count => Axes.Aggregate(1L, (product, axis) => Math.Min(product * axis.Length, Uncountable));

    /// <summary>
    /// Reads <c>by</c>, or another list: variables of type category or boolean, or a mapping of a numeric <c>variable</c> and its public, increasing <c>edges</c>.
    /// </summary>
    internal static Grouping Read(ParameterReader parameters, string list = "by")
    {
        const string Expected = "a list of variables, or of {variable, edges}";
        var axes = new List<Axis>();
        var index = 0;
        foreach (var entry in parameters.List(list, Expected, required: false))
        {
            var place = $"{list}[{index++}]";
            if (ReadAxis(parameters, entry, place) is not { } axis)
                continue;
            if (axes.Any(a => a.Variable == axis.Variable))
                parameters.Add(place, "each variable once", $"'{axis.Variable}' again", "remove it");
            else
                axes.Add(axis);
        }

        return new Grouping(axes);
    }

    /// <summary>Reads a list of variables with codes, for sums over rows, which compare no numbers with edges.</summary>
    internal static Grouping ReadCoded(ParameterReader parameters, string list)
    {
        var grouping = Read(parameters, list);
        if (grouping.Axes.OfType<EdgeAxis>().FirstOrDefault() is { } edges)
            parameters.Add(list, "variables with codes", $"'{edges.Variable}' with edges", "name a variable of type category or boolean");
        return grouping;
    }

    /// <summary>This grouping, each cell of it split by <paramref name="inner"/>, whose last variable is then the fastest. A variable of both is a fault at <paramref name="place"/>.</summary>
    internal Grouping Then(Grouping inner, ParameterReader parameters, string place)
    {
        if (inner.Axes.FirstOrDefault(a => Axes.Any(b => b.Variable == a.Variable)) is { } twice)
            parameters.Add(place, "each variable once", $"'{twice.Variable}' again", "remove it");
        return new Grouping([.. Axes, .. inner.Axes]);
    }

    /// <summary>The single axis that <paramref name="key"/> names, a variable or {variable, edges}; null with a fault added where it does not fit.</summary>
    internal static Grouping? ReadOne(ParameterReader parameters, string key) =>
        parameters.Element(key, "a variable, or {variable, edges}", required: true) is { } entry && ReadAxis(parameters, entry, key) is { } axis ? new Grouping([axis]) : null;

    /// <summary>The key of each cell: variable → code, or the interval's text.</summary>
    internal IEnumerable<IReadOnlyDictionary<string, string>> Keys()
    {
        for (long cell = 0; cell < Count; cell++)
        {
            var bins = BinsOf(cell);
            yield return Axes.Select((axis, i) => (axis, i)).ToDictionary(a => a.axis.Variable, a => Label(a.axis, bins[a.i]), StringComparer.Ordinal);
        }
    }

    /// <summary>What names each cell in the rows of a table: its code or interval on every axis.</summary>
    internal IEnumerable<ResultCell[]> Names()
    {
        for (long cell = 0; cell < Count; cell++)
        {
            var bins = BinsOf(cell);
            yield return [.. Axes.Select((axis, i) => (ResultCell)Label(axis, bins[i]))];
        }
    }

    /// <summary>The bin of a cell on each axis.</summary>
    internal int[] BinsOf(long cell)
    {
        var bins = new int[Axes.Count];
        for (var i = Axes.Count - 1; i >= 0; i--)
            (cell, bins[i]) = (cell / Axes[i].Length, (int)(cell % Axes[i].Length));
        return bins;
    }

    /// <summary>The axis of a variable of type category or boolean.</summary>
    internal static CodeAxis Coded(Variable variable) =>
        new(variable.Name, variable.Type == VariableType.Boolean ? Booleans : [.. variable.Codes.Select(c => c.Code)]);

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
                ? Coded(coded)
                : null;
        }

        var inner = parameters.At(entry, place);
        var variable = inner.Variable("variable", VariableType.Integer, VariableType.Real);
        var edges = Grid.ReadEdges(inner, "edges");
        inner.Finish();
        return variable is null || edges is null ? null : new EdgeAxis(variable.Name, edges);
    }

    internal static string Label(Axis axis, int bin) => axis switch
    {
        CodeAxis codes => codes.Codes[bin],
        EdgeAxis edges when bin == 0 => $"<= {edges.Edges[0]}",
        EdgeAxis edges when bin == edges.Edges.Count => $"> {edges.Edges[^1]}",
        EdgeAxis edges => $"({edges.Edges[bin - 1]}, {edges.Edges[bin]}]",
        _ => throw new System.Diagnostics.UnreachableException("an axis has codes or edges"),
    };
}
