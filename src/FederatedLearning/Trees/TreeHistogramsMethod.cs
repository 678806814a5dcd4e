using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Sums;
using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Trees;

/// <summary>
/// One level of a gradient-boosted tree. Parameters: <c>model</c> (<c>kind: trees</c>, inputs with public bins, head, outcome), <c>ensemble</c> (the finished trees), <c>tree</c> (the one that grows, its open nodes empty lists; a root without, nothing
/// that grows where it is empty), <c>features</c> (inputs asked about; all without), <c>bits</c> (derivatives are whole multiples of 2⁻ᵇⁱᵗˢ).
/// </summary>
public sealed class TreeHistogramsMethod : Method
{
    public override string Name => "tree-histograms";

    public override string Summary => "One level of a gradient-boosted tree: sums of the loss's derivatives by open node, input and public bin.";

    public override string Example => """
        model:
          kind: trees
          inputs: [{variable: age, edges: [12, 24, 48, 72]}, stage, histol]
          head: logistic
          outcome: rel
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Value("model", "A declaration: kind: trees, inputs with public bins, head and outcome.", TreeParameters.Declaration()).Required(),
        Parameter.Value("ensemble", "The finished trees, or {sha256, size} of an attachment that holds them; none without.", TreeParameters.EnsembleForms()),
        Parameter.Value("tree", "The tree that grows, its open nodes empty lists; a root without, no tree where it is empty.", TreeParameters.Tree()),
        Parameter.CodedAxes("features", "Inputs asked about; all without."),
        Parameter.Whole("bits", "What is added up are whole multiples of 2 to minus this; 30 without, at most 20 at noised precision.", TreeSums.FewestBits, TreeSums.MostBits),
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var model = reader.Element("model", "a model", required: true) is { } written ? TreeModel.Read(reader.At(written, "model"), written) : null;
        var bits = reader.Whole("bits", TreeSums.FewestBits, TreeSums.MostBits) ?? TreeSums.MostBits;
        var ensemble = AskedEnsemble.Read(reader, "ensemble", model, required: false);
        var (tree, isTree) = ReadTree(reader, model);
        var features = ReadFeatures(reader, model);
        if (model is null || ensemble is null || !isTree)
            return null;
        var layout = new LevelLayout(model, features, tree?.OpenNodes ?? 0);
        if (layout.Length <= SiteSums.LargestVector)
            return new TreeHistogramsPlan(new TreeSums(model, ensemble, tree, layout, bits));
        reader.Add("tree", $"at most {SiteSums.LargestVector} counters", $"{layout.Length}", "grow it less deep, or ask with fewer inputs or bins");
        return null;
    }

    private static (Tree? Tree, bool IsTree) ReadTree(ParameterReader reader, TreeModel? model)
    {
        const string Expected = "a list of nodes of a tree of the model, one of them open, or an empty list";
        if (reader.Element("tree", Expected, required: false) is not { } written)
            return (Tree.Root, true);
        if (written.ValueKind == JsonValueKind.Array && written.GetArrayLength() == 0)
            return (null, true);
        var tree = model is null ? null : Tree.Read(written, model);
        if (model is null || tree is { OpenNodes: > 0 })
            return (tree, true);
        reader.Add("tree", Expected, "something else", "take the tree that the level before led to");
        return (null, false);
    }

    private static int[] ReadFeatures(ParameterReader reader, TreeModel? model)
    {
        var written = reader.List("features", "a list of the model's inputs", required: false);
        if (written.Count == 0 || model is null)
            return [.. Enumerable.Range(0, model?.Inputs.Count ?? 0)];
        var places = new SortedSet<int>();
        for (var i = 0; i < written.Count; i++)
        {
            var place = written[i].ValueKind == JsonValueKind.String ? model.InputVariables.ToList().IndexOf(written[i].GetString()!) : -1;
            if (place < 0 || !places.Add(place))
                reader.Add($"features[{i}]", $"one of {string.Join(", ", model.InputVariables.Take(20))}, each once", place < 0 ? "something else" : $"'{written[i]}' again", "name inputs of the model");
        }

        return [.. places];
    }
}

/// <summary>Checked parameters of <see cref="TreeHistogramsMethod"/>.</summary>
internal sealed class TreeHistogramsPlan(TreeSums sums) : MethodPlan(sums)
{
    private const int MostNoisedBits = 20;

    internal TreeSums Level => sums;

    public override string? ObjectionToNoise => sums.Bits > MostNoisedBits ? $"in units of 2^-{sums.Bits} sums could leave their range, which would tell of the data; ask with 'bits' of at most {MostNoisedBits}" : null;

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => new TreeHistogramsFinish(sums, noise, rules).From(total);
}
