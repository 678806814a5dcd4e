using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Trees;

namespace Consilience.Client.Train.Trees;

/// <summary>
/// Boosted trees in ONNX (TreeEnsembleRegressor of ai.onnx.ml 1): input and output as <see cref="OnnxFile"/> has them, NaN for a missing value. The runtime adds leaves in single precision, so that it agrees to about seven digits.
/// </summary>
internal static class TreeOnnx
{
    internal static ProtoMessage Of(TreeModel model, Ensemble ensemble, string name)
    {
        var graph = new OnnxGraph();
        var table = new NodeTable(model);
        foreach (var tree in ensemble.Trees)
            table.Add(tree);
        graph.Node("TreeEnsembleRegressor", ["values"], "score", a =>
        {
            table.Write(a);
            a.Integer("n_targets", 1);
            a.Floats("base_values", [ensemble.Base]);
        }, OnnxGraph.MachineLearning);
        if (model.Head == HeadKind.Logistic)
        {
            graph.Node("Sigmoid", ["score"], "prediction");
        }
        else
        {
            graph.Node("Mul", ["score", graph.Constant("half", [1], [(float)model.Outcome.Half])], "scaled");
            graph.Node("Add", ["scaled", graph.Constant("centre", [1], [(float)model.Outcome.Centre])], "prediction");
        }

        return graph.ToModel(name, model.Inputs.Count, model.Outputs);
    }

    /// <summary>The operator's parallel lists, an entry a node.</summary>
    private sealed class NodeTable(TreeModel model)
    {
        private readonly List<long> trees = [], nodes = [], inputs = [], trues = [], falses = [], missing = [], leafTrees = [], leafNodes = [];
        private readonly List<float> values = [], weights = [];
        private readonly List<string> modes = [];
        private int count;

        internal void Add(Tree tree)
        {
            for (var i = 0; i < tree.Nodes.Count; i++)
            {
                var node = tree.Nodes[i];
                trees.Add(count);
                nodes.Add(i);
                if (node.IsSplit)
                    AddSplit(node, i, tree.RightOf(i));
                else
                    AddLeaf(i, tree.WeightOf(i));
            }

            count++;
        }

        internal void Write(OnnxGraph.Attributes attributes)
        {
            attributes.Integers("nodes_treeids", trees);
            attributes.Integers("nodes_nodeids", nodes);
            attributes.Integers("nodes_featureids", inputs);
            attributes.Floats("nodes_values", values);
            attributes.Texts("nodes_modes", modes);
            attributes.Integers("nodes_truenodeids", trues);
            attributes.Integers("nodes_falsenodeids", falses);
            attributes.Integers("nodes_missing_value_tracks_true", missing);
            attributes.Integers("target_treeids", leafTrees);
            attributes.Integers("target_nodeids", leafNodes);
            attributes.Integers("target_ids", [.. leafTrees.Select(_ => 0L)]);
            attributes.Floats("target_weights", weights);
        }

        /// <summary>Low bins are true. Of one code against the others, the code is: a missing value equals none.</summary>
        private void AddSplit(TreeNode node, int left, int right)
        {
            var input = model.Inputs[node.Input];
            inputs.Add(node.Input);
            values.Add((float)(input.Edges?[node.Split] ?? node.Split));
            modes.Add(input.IsOrdered ? "BRANCH_LEQ" : "BRANCH_EQ");
            trues.Add(input.IsOrdered ? left + 1 : right);
            falses.Add(input.IsOrdered ? right : left + 1);
            missing.Add(node.IsMissingLeft == input.IsOrdered ? 1 : 0);
        }

        private void AddLeaf(int at, float weight)
        {
            inputs.Add(0);
            values.Add(0);
            modes.Add("LEAF");
            trues.Add(0);
            falses.Add(0);
            missing.Add(0);
            leafTrees.Add(count);
            leafNodes.Add(at);
            weights.Add(weight);
        }
    }
}
