using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Consilience.FederatedLearning.Trees;

/// <summary>Boosted trees: a row's score is the base and the weights of the leaves it ends in. Immutable.</summary>
public sealed class Ensemble
{
    private const int MostTrees = 100_000;

    /// <param name="start">The base.</param>
    /// <param name="trees">Finished ones, of one model.</param>
    /// <exception cref="ArgumentException">A tree is open.</exception>
    public Ensemble(float start, IReadOnlyList<Tree> trees)
    {
        ArgumentNullException.ThrowIfNull(trees);
        if (trees.Any(t => t.OpenNodes > 0))
            throw new ArgumentException("trees: one is open (expected finished ones)", nameof(trees));
        (Base, Trees) = (start, trees);
    }

    /// <summary>The score of everybody before the first tree: log odds, or a number in the scale −1 to 1 of its schema's bounds.</summary>
    public float Base { get; }

    public IReadOnlyList<Tree> Trees { get; }

    /// <summary>Lower-case hexadecimal SHA-256 of <see cref="ToBytes"/>.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(ToBytes()));

    /// <summary>With one more.</summary>
    public Ensemble With(Tree tree) => new(Base, [.. Trees, tree]);

    /// <summary>The first of them.</summary>
    public Ensemble First(int trees) => new(Base, [.. Trees.Take(trees)]);

    /// <summary>Canonical JSON: equal ensembles have equal bytes. Weights are single-precision numbers, as short as they can be told apart.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("base", Base);
            writer.WriteStartArray("trees");
            foreach (var tree in Trees)
                tree.Write(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>What <see cref="ToBytes"/> wrote; null where it is anything else, or trees of another model.</summary>
    public static Ensemble? TryRead(ReadOnlyMemory<byte> bytes, TreeModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return Read(document.RootElement, model) is { } read && read.ToBytes().AsSpan().SequenceEqual(bytes.Span) ? read : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Null where it is not an ensemble of the model, or a tree of it is still open.</summary>
    internal static Ensemble? Read(JsonElement written, TreeModel model)
    {
        if (written.ValueKind != JsonValueKind.Object || written.EnumerateObject().Count() != 2
            || !written.TryGetProperty("base", out var start) || start.ValueKind != JsonValueKind.Number || !start.TryGetSingle(out var number) || !float.IsFinite(number)
            || !written.TryGetProperty("trees", out var list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MostTrees)
            return null;
        var trees = list.EnumerateArray().Select(t => Tree.Read(t, model)).ToList();
        return trees.TrueForAll(t => t?.OpenNodes == 0) ? new(number, trees!) : null;
    }

    public override string ToString() => Encoding.UTF8.GetString(ToBytes());

    /// <summary>The score of a row.</summary>
    internal double Score(TreeModel model, ReadOnlySpan<ushort> bins)
    {
        double score = Base;
        foreach (var tree in Trees)
            score += tree.WeightOf(tree.EndOf(model, bins));
        return score;
    }
}
