using System.Numerics;

namespace Consilience.FederatedLearning.Numerics;

/// <summary>A matrix whose element (i, j) is at i·<see cref="Rows"/> + j·<see cref="Columns"/>.</summary>
internal readonly ref struct Strided(ReadOnlySpan<float> elements, int rows, int columns)
{
    internal ReadOnlySpan<float> Elements { get; } = elements;

    internal int Rows { get; } = rows;

    internal int Columns { get; } = columns;
}

/// <summary>
/// Products of matrices in single precision. Each element is added up term by term in one order, each term by a fused multiplication and addition: vectors of any width give the same bits.
/// </summary>
internal static class MatrixProduct
{
    /// <summary>c += a·b, with a m × k, b k × n and c m × n; b and c row-major.</summary>
    internal static void Add(Strided a, ReadOnlySpan<float> b, Span<float> c, int m, int k, int n)
    {
        unchecked
        {
            for (var i = 0; i < m; i++)
            {
                var row = c.Slice(i * n, n);
                for (var p = 0; p < k; p++)
                    AddScaled(row, b.Slice(p * n, n), a.Elements[(i * a.Rows) + (p * a.Columns)]);
            }
        }
    }

    /// <summary>Writes the transpose of <paramref name="from"/>, rows × columns.</summary>
    internal static void Transpose(ReadOnlySpan<float> from, int rows, int columns, Span<float> to)
    {
        unchecked
        {
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++)
                    to[(j * rows) + i] = from[(i * columns) + j];
            }
        }
    }

    internal static void AddTo(Span<float> sum, ReadOnlySpan<float> addend)
    {
        for (var i = 0; i < sum.Length; i++)
            sum[i] += addend[i];
    }

    /// <summary>Sum of squares, in double precision.</summary>
    internal static double Squares(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (var value in values)
            sum += (double)value * value;
        return sum;
    }

    private static void AddScaled(Span<float> sum, ReadOnlySpan<float> addend, float factor)
    {
        unchecked
        {
            var (factors, i) = (new Vector<float>(factor), 0);
            for (; i <= sum.Length - Vector<float>.Count; i += Vector<float>.Count)
                Vector.FusedMultiplyAdd(factors, new Vector<float>(addend[i..]), new Vector<float>(sum[i..])).CopyTo(sum[i..]);
            for (; i < sum.Length; i++)
                sum[i] = MathF.FusedMultiplyAdd(factor, addend[i], sum[i]);
        }
    }
}
