using System.Text.Json.Nodes;
using Consilience.Analyses.Parameters;

namespace Consilience.FederatedLearning.Models;

/// <summary>The parameters of methods that take a model: its declaration as <c>docs/models.md</c> tells it, and its weights.</summary>
internal static class ModelParameters
{
    internal static Parameter Model { get; } = Parameter.Value("model", "A declaration: inputs, layers, head and outcome.", Declaration()).Required();

    internal static Parameter Weights { get; } = Parameter.Value("weights", "Little-endian single-precision numbers in base64, or {sha256} of an attachment that holds them.", WeightForms()).Required();

    internal static JsonObject Declaration() => Parameter.Members(new()
    {
        ["inputs"] = Parameter.List(Parameter.AnyOf(Parameter.Text(), Coded(), Parameter.Members(new() { ["from"] = Parameter.Text(), ["to"] = Parameter.Text() }, "from", "to")), 1),
        ["layers"] = Parameter.List(Layer(isNested: false)),
        ["head"] = Parameter.OneOf(ModelReader.Heads),
        ["outcome"] = Parameter.Text(),
        ["event"] = Parameter.AnyOf(Code(), Parameter.List(Code(), 1)),
        ["time"] = Parameter.Text(),
        ["edges"] = Parameter.List(Parameter.NumberOf(), 1),
    }, "inputs", "head", "outcome");

    internal static JsonObject[] WeightForms() => [Parameter.Text(), Parameter.Members(new() { ["sha256"] = Digest() }, "sha256")];

    internal static JsonObject Digest() => Parameter.Text("^[0-9a-f]{64}$");

    internal static JsonObject Code() => new() { ["type"] = new JsonArray("string", "number") };

    private static JsonObject Coded() => Parameter.Members(new()
    {
        ["variable"] = Parameter.Text(), ["centre"] = Parameter.NumberOf(), ["scale"] = Parameter.NumberOf(0), ["embedding"] = Parameter.WholeOf(1, ModelReader.LargestEmbedding),
    }, "variable");

    /// <summary>The layers of a block within a block are left to the reader, which counts how deep it is.</summary>
    private static JsonObject Layer(bool isNested) => Parameter.AnyOf(
    [
        Parameter.OneOf(LayerReader.Words),
        One("dense", Units()),
        One("dropout", Parameter.NumberOf(0, 1)),
        One("group-norm", Units()),
        One("reshape", Parameter.List(Units(), 1)),
        One("residual", Parameter.List(isNested ? new() { ["type"] = new JsonArray("string", "object") } : Layer(isNested: true), 1)),
        .. new[] { "conv1d", "conv2d" }.Select(key => One(key, Window(new() { ["filters"] = Units() }, "filters"))),
        .. new[] { "pool1d", "pool2d" }.Select(key => One(key, Window(new() { ["of"] = Parameter.OneOf("largest", "mean") }))),
    ]);

    private static JsonObject Window(JsonObject more, params string[] required)
    {
        more["size"] = Side();
        more["stride"] = Side();
        more["padding"] = Parameter.OneOf("same", "none");
        return Parameter.Members(more, [.. required, "size"]);
    }

    private static JsonObject One(string key, JsonObject value) => Parameter.Members(new() { [key] = value }, key);

    private static JsonObject Units() => Parameter.WholeOf(1, LayerReader.MostUnits);

    private static JsonObject Side() => Parameter.WholeOf(1, LayerReader.LargestSide);
}
