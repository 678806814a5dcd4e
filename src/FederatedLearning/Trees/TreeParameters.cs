using System.Text.Json.Nodes;
using Consilience.Analyses.Parameters;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Trees;

/// <summary>The shapes of parameters that boosted trees are written in.</summary>
internal static class TreeParameters
{
    internal static JsonObject Declaration() => Parameter.Members(new()
    {
        [TreeReader.Kind] = Parameter.OneOf(TreeReader.Trees),
        ["inputs"] = Parameter.List(Parameter.AnyOf(Parameter.Text(), Coded(), Binned("edges", Parameter.List(Parameter.NumberOf(), 1)), Binned("grid", Parameter.Grid.ToSchema())), 1),
        ["head"] = Parameter.OneOf(TreeReader.Heads),
        ["outcome"] = Parameter.Text(),
        ["event"] = Parameter.AnyOf(ModelParameters.Code(), Parameter.List(ModelParameters.Code(), 1)),
    }, TreeReader.Kind, "inputs", "head", "outcome");

    /// <summary>Written, or named by digest and size.</summary>
    internal static JsonObject[] EnsembleForms() =>
    [
        Parameter.Members(new() { ["base"] = Parameter.NumberOf(), ["trees"] = Parameter.List(Tree()) }, "base", "trees"),
        Parameter.Members(new() { ["sha256"] = ModelParameters.Digest(), ["size"] = Parameter.WholeOf(1, int.MaxValue) }, "sha256", "size"),
    ];

    /// <summary>Nodes, each before those on its left, and those before those on its right: [input, bin, whether missing values go left] of a split, a leaf's weight, an empty list where a node is open.</summary>
    internal static JsonObject Tree() => Parameter.List(Parameter.AnyOf(Parameter.NumberOf(), Parameter.List(Parameter.WholeOf(0, TreeReader.MostInputs))));

    private static JsonObject Coded() => Parameter.Members(new() { ["variable"] = Parameter.Text(), ["order"] = Parameter.OneOf("none", "schema") }, "variable");

    private static JsonObject Binned(string key, JsonObject bins) => Parameter.Members(new() { ["variable"] = Parameter.Text(), [key] = bins }, "variable", key);
}
