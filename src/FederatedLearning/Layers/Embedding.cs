using Consilience.FederatedLearning.Models;

namespace Consilience.FederatedLearning.Layers;

/// <summary>Replaces each embedded code by the numbers learnt for it; what is not embedded passes. Always the first layer.</summary>
internal sealed record EmbeddingSpec(Shape Input, IReadOnlyList<InputColumn> Columns) : LayerSpec(Input, new Shape(Columns.Sum(c => c is EmbeddedColumn e ? e.Size : c.Width)))
{
    internal override IReadOnlyList<TensorSpec> Tensors => [.. Columns.OfType<EmbeddedColumn>().Select(c => new TensorSpec(c.Variable, [c.Codes, c.Size], Initial.Uniform, c.Size))];

    internal override Layer Create(int rows, int offset) => new Embedding(this, rows, offset);
}

/// <summary>The work of <see cref="EmbeddingSpec"/>.</summary>
internal sealed class Embedding(EmbeddingSpec spec, int rows, int offset) : WeightedLayer(spec.Output.Size)
{
    private readonly int inputs = spec.Input.Size;
    private readonly int outputs = spec.Output.Size;
    private readonly float[] made = new float[rows * spec.Output.Size];
    private readonly List<Piece> pieces = PiecesOf(spec.Columns);
    private float[] taken = [];

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] given, int rows, in Pass pass)
    {
        taken = given;
        for (var row = 0; row < rows; row++)
        {
            foreach (var piece in pieces)
            {
                var from = piece.Table < 0 ? given.AsSpan((row * inputs) + piece.Input, piece.Size) : weights.Slice(At(row, piece), piece.Size);
                from.CopyTo(made.AsSpan((row * outputs) + piece.Output));
            }
        }

        return made;
    }

    /// <summary>Nothing stands before it.</summary>
    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows) => byOutputs;

    internal override void AddSquaredNorms(float[] byOutputs, Span<double> norms)
    {
        for (var row = 0; row < norms.Length; row++)
        {
            foreach (var piece in pieces.Where(p => p.Table >= 0))
                norms[row] += Numerics.MatrixProduct.Squares(byOutputs.AsSpan((row * outputs) + piece.Output, piece.Size));
        }
    }

    internal override void AddGradient(float[] byOutputs, int from, int to, Span<float> gradient)
    {
        for (var row = from; row < to; row++)
        {
            foreach (var piece in pieces.Where(p => p.Table >= 0))
                Numerics.MatrixProduct.AddTo(gradient.Slice(At(row, piece), piece.Size), byOutputs.AsSpan((row * outputs) + piece.Output, piece.Size));
        }
    }

    /// <summary>Where the numbers of a row's code stand among the weights.</summary>
    private int At(int row, Piece piece) => offset + piece.Table + ((int)taken[(row * inputs) + piece.Input] * piece.Size);

    private static List<Piece> PiecesOf(IReadOnlyList<InputColumn> columns)
    {
        var pieces = new List<Piece>();
        var (input, output, table) = (0, 0, 0);
        foreach (var column in columns)
        {
            var embedded = column as EmbeddedColumn;
            var size = embedded?.Size ?? column.Width;
            pieces.Add(new(input, output, embedded is null ? -1 : table, size));
            (input, output, table) = (input + column.Width, output + size, table + (embedded is null ? 0 : embedded.Codes * size));
        }

        return pieces;
    }

    /// <summary>One column: where it is read, where it is written, and where its table begins; −1 where it has none.</summary>
    private sealed record Piece(int Input, int Output, int Table, int Size);
}
