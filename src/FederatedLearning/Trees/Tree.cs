using System.Text;
using System.Text.Json;

namespace Consilience.FederatedLearning.Trees;

/// <summary>A node of a tree: a split, a leaf, or open, which is neither yet.</summary>
/// <param name="Input">Of a split; −1 of others.</param>
/// <param name="Split">As <see cref="TreeInput.IsLeft"/> reads it.</param>
/// <param name="IsMissingLeft">Where missing values go.</param>
/// <param name="Weight">Of a leaf; null of an open node, and of a split.</param>
internal readonly record struct TreeNode(int Input, int Split, bool IsMissingLeft, float? Weight)
{
    internal static TreeNode Open { get; } = new(-1, 0, false, null);

    internal bool IsSplit => Input >= 0;

    internal bool IsOpen => Input < 0 && Weight is null;

    internal static TreeNode Leaf(float weight) => new(-1, 0, false, weight);
}

/// <summary>
/// A tree, or one that is growing: its nodes, each before those on its left, and those before those on its right. Immutable. Written as a list: <c>[input, bin, missing]</c> of a split (1 where missing values go left), a leaf's weight, an
/// empty list where a node is open.
/// </summary>
public sealed class Tree
{
    internal const int MostDepth = 10;

    /// <summary>Of the deepest tree.</summary>
    private const int MostNodes = (2 << MostDepth) - 1;

    private readonly TreeNode[] nodes;

    /// <summary>Where each split's right side begins.</summary>
    private readonly int[] rights;

    /// <summary>Number of each open node, from 0; −1 of others.</summary>
    private readonly int[] numbers;

    private Tree(TreeNode[] nodes, int[] rights)
    {
        (this.nodes, this.rights) = (nodes, rights);
        numbers = new int[nodes.Length];
        for (var i = 0; i < nodes.Length; i++)
            numbers[i] = nodes[i].IsOpen ? OpenNodes++ : -1;
    }

    /// <summary>A root that is to be split.</summary>
    public static Tree Root { get; } = Of([TreeNode.Open])!;

    /// <summary>In the order of the nodes.</summary>
    public int OpenNodes { get; }

    public int Leaves => nodes.Count(n => !n.IsSplit && !n.IsOpen);

    internal IReadOnlyList<TreeNode> Nodes => nodes;

    /// <summary>Null where nodes are missing or too many.</summary>
    internal static Tree? Of(IReadOnlyList<TreeNode> nodes)
    {
        if (nodes.Count is 0 or > MostNodes)
            return null;
        var rights = new int[nodes.Count];
        // Splits whose right side is still to come, the deepest last.
        var waiting = new Stack<int>();
        for (var i = 0; i < nodes.Count; i++)
        {
            if (nodes[i].IsSplit)
                waiting.Push(i);
            else if (i == nodes.Count - 1)
                return waiting.Count == 0 ? new([.. nodes], rights) : null;
            else if (waiting.Count == 0)
                return null;
            else
                rights[waiting.Pop()] = i + 1;
        }

        return null;
    }

    /// <summary>Null where it is not a tree of the model.</summary>
    internal static Tree? Read(JsonElement written, TreeModel model)
    {
        if (written.ValueKind != JsonValueKind.Array || written.GetArrayLength() > MostNodes)
            return null;
        var nodes = new List<TreeNode>();
        foreach (var entry in written.EnumerateArray())
        {
            if (ReadNode(entry, model) is not { } node)
                return null;
            nodes.Add(node);
        }

        return Of(nodes);
    }

    private static TreeNode? ReadNode(JsonElement entry, TreeModel model) => entry.ValueKind switch
    {
        JsonValueKind.Array when entry.GetArrayLength() == 0 => TreeNode.Open,
        JsonValueKind.Number => entry.TryGetSingle(out var weight) && float.IsFinite(weight) ? TreeNode.Leaf(weight) : null,
        JsonValueKind.Array when entry.GetArrayLength() == 3 && Whole(entry[0], model.Inputs.Count) is { } input && Whole(entry[1], model.Inputs[input].Splits) is { } split && Whole(entry[2], 2) is { } missing =>
            new(input, split, missing == 1, null),
        _ => null,
    };

    private static int? Whole(JsonElement entry, int below) => entry.ValueKind == JsonValueKind.Number && entry.TryGetInt32(out var number) && number >= 0 && number < below ? number : null;

    /// <summary>Canonical JSON.</summary>
    public override string ToString()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            Write(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    internal void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var node in nodes)
        {
            if (node.Weight is { } weight)
                writer.WriteNumberValue(weight);
            else
                writer.WriteRawValue(node.IsOpen ? "[]" : $"[{node.Input},{node.Split},{(node.IsMissingLeft ? 1 : 0)}]");
        }

        writer.WriteEndArray();
    }

    /// <summary>The node that a row ends in: a leaf, or an open one.</summary>
    internal int EndOf(TreeModel model, ReadOnlySpan<ushort> bins)
    {
        var at = 0;
        while (nodes[at] is { IsSplit: true } node)
        {
            var (input, bin) = (model.Inputs[node.Input], bins[node.Input]);
            at = (bin == input.Missing ? node.IsMissingLeft : input.IsLeft(bin, node.Split)) ? at + 1 : rights[at];
        }

        return at;
    }

    /// <summary>The number of an open node; −1 of others.</summary>
    internal int NumberOf(int node) => numbers[node];

    internal int RightOf(int split) => rights[split];

    internal float WeightOf(int node) => nodes[node].Weight!.Value;

    /// <summary>The tree in which each open node, in order, is what it is given: a leaf, or a split with two ends.</summary>
    internal Tree With(IReadOnlyList<IReadOnlyList<TreeNode>> grown) => Of([.. nodes.SelectMany((node, i) => node.IsOpen ? grown[numbers[i]] : [node])])!;
}
