using System.Text.Json;
using Consilience.Analyses;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Layers;

namespace Consilience.FederatedLearning.Models;

/// <summary>Reads <c>layers</c>, shape by shape, and adds the head's own.</summary>
internal sealed class LayerReader(ParameterReader reader)
{
    private const int MostUnits = 1 << 16;

    internal List<LayerSpec>? Read(IReadOnlyList<InputColumn> inputs, Outcome outcome)
    {
        var layers = new List<LayerSpec>();
        var shape = new Shape(inputs.Sum(i => i.Width));
        var index = 0;
        foreach (var entry in reader.List("layers", "a list of layers", required: false))
        {
            if (ReadLayer(entry, $"layers[{index++}]", shape) is not { } layer)
                return null;
            layers.Add(layer);
            shape = layer.Output;
        }

        layers.Add(new DenseSpec(shape, outcome.Outputs, outcome.Kind != HeadKind.Cox));
        return layers;
    }

    private LayerSpec? ReadLayer(JsonElement entry, string place, Shape input)
    {
        if (entry.ValueKind == JsonValueKind.Object && reader.At(entry, place) is { } written)
        {
            var units = written.Whole("dense", 1, MostUnits, isRequired: true);
            written.Finish();
            return units is null ? null : new DenseSpec(input, units.Value);
        }

        reader.Add(place, "a layer", entry.ValueKind == JsonValueKind.String ? $"'{entry}'" : "something else", "write {dense: 64}");
        return null;
    }
}
