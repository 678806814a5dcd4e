using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Layers;

namespace Consilience.FederatedLearning.Models;

/// <summary>
/// A model as declared in the closed vocabulary of <c>docs/models.md</c>, checked against a study's schema: what it reads, its layers with shapes that fit, and its head. Immutable; never holds code.
/// </summary>
public sealed class ModelDeclaration : DeclaredModel
{
    internal ModelDeclaration(Outcome outcome, IReadOnlyList<InputColumn> inputs, IReadOnlyList<LayerSpec> layers, string canonical)
        : base(outcome, [.. inputs.Select(i => i.Variable)], canonical)
    {
        (Inputs, Layers) = (inputs, layers);
        var named = layers.SelectMany((layer, index) => layer.Tensors.Select(t => t with { Name = $"{NameOf(layers, index)}.{t.Name}" }));
        Specs = [.. named];
        var offset = 0;
        var tensors = new List<Tensor>();
        foreach (var spec in Specs)
        {
            tensors.Add(new(spec.Name, spec.Shape, offset));
            offset = checked(offset + tensors[^1].Length);
        }

        (Tensors, ParameterCount) = (tensors, offset);
    }

    /// <summary>Number of weights.</summary>
    public int ParameterCount { get; }

    public IReadOnlyList<Tensor> Tensors { get; }

    internal IReadOnlyList<InputColumn> Inputs { get; }

    /// <summary>In order; the last one is the head's.</summary>
    internal IReadOnlyList<LayerSpec> Layers { get; }

    internal IReadOnlyList<TensorSpec> Specs { get; }

    private static string NameOf(IReadOnlyList<LayerSpec> layers, int index)
    {
        var embeds = layers[0] is EmbeddingSpec ? 1 : 0;
        return index == layers.Count - 1 ? "head" : index < embeds ? "embedding" : $"layers.{index - embeds}";
    }

    /// <summary>Checks a declaration as written. Adds every fault found to <paramref name="faults"/>, and then returns null.</summary>
    public static ModelDeclaration? Read(JsonElement written, StudySchema schema, ICollection<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(faults);
        var before = faults.Count;
        var model = Read(new ParameterReader(written, schema, faults, "model"), written);
        return faults.Count == before ? model : null;
    }

    /// <summary>Null, or a declaration that is not used, where there are faults.</summary>
    internal static ModelDeclaration? Read(ParameterReader reader, JsonElement written)
    {
        var model = new ModelReader(reader).Read(written);
        reader.Finish();
        return model;
    }
}
