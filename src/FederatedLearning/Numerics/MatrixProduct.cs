using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Consilience.FederatedLearning.Numerics;

/// <summary>A matrix whose element (i, j) is at i·<see cref="Rows"/> + j·<see cref="Columns"/>.</summary>
internal readonly ref struct Strided(ReadOnlySpan<float> elements, int rows, int columns)
{
    internal ReadOnlySpan<float> Elements { get; } = elements;

    internal int Rows { get; } = rows;

    internal int Columns { get; } = columns;
}

/// <summary>
/// Products of matrices in single precision. Each element is added up term by term in one order, each term by a fused multiplication and addition, whatever else is computed beside it: vectors of any width give the same bits, and
/// so does a row alone or among others.
/// </summary>
internal static class MatrixProduct
{
    /// <summary>Rows that are computed together, with columns of two vectors: sums stay in registers.</summary>
    private const int BlockRows = 4;

    /// <summary>c += a·b, with a m × k, b k × n and c m × n; b and c row-major.</summary>
    internal static void Add(Strided a, ReadOnlySpan<float> b, Span<float> c, int m, int k, int n)
    {
        unchecked
        {
            if (m <= 0 || k <= 0 || n <= 0)
                return;
            // The kernels go by references: this is where lengths are checked.
            _ = a.Elements[((m - 1) * a.Rows) + ((k - 1) * a.Columns)];
            _ = b[(k * n) - 1];
            _ = c[(m * n) - 1];
            ref var left = ref MemoryMarshal.GetReference(a.Elements);
            ref var right = ref MemoryMarshal.GetReference(b);
            ref var sum = ref MemoryMarshal.GetReference(c);
            var i = 0;
            for (; i <= m - BlockRows; i += BlockRows)
                AddBlock(ref Unsafe.Add(ref left, i * a.Rows), a.Rows, a.Columns, ref right, ref Unsafe.Add(ref sum, i * n), k, n);
            for (; i < m; i++)
                AddRow(ref Unsafe.Add(ref left, i * a.Rows), a.Columns, ref right, ref Unsafe.Add(ref sum, i * n), 0, k, n);
        }
    }

    /// <summary>Writes the transpose of <paramref name="from"/>, rows × columns.</summary>
    internal static void Transpose(ReadOnlySpan<float> from, int rows, int columns, Span<float> to)
    {
        unchecked
        {
            for (var i = 0; i < rows; i++)
            {
                var row = from.Slice(i * columns, columns);
                for (var j = 0; j < row.Length; j++)
                    to[(j * rows) + i] = row[j];
            }
        }
    }

    /// <summary>sum += addend.</summary>
    internal static void AddTo(Span<float> sum, ReadOnlySpan<float> addend)
    {
        unchecked
        {
            var i = 0;
            for (; i <= sum.Length - Vector<float>.Count; i += Vector<float>.Count)
                (new Vector<float>(sum[i..]) + new Vector<float>(addend[i..])).CopyTo(sum[i..]);
            for (; i < sum.Length; i++)
                sum[i] += addend[i];
        }
    }

    /// <summary>values *= factor.</summary>
    internal static void Scale(Span<float> values, float factor)
    {
        unchecked
        {
            var (factors, i) = (new Vector<float>(factor), 0);
            for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
                (new Vector<float>(values[i..]) * factors).CopyTo(values[i..]);
            for (; i < values.Length; i++)
                values[i] *= factor;
        }
    }

    /// <summary>Sum of squares, added up in eight lanes of single precision, lanes in double.</summary>
    internal static double Squares(ReadOnlySpan<float> values)
    {
        unchecked
        {
            var (lanes, i) = (Vector256<float>.Zero, 0);
            for (; i <= values.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            {
                var eight = Vector256.Create(values.Slice(i, Vector256<float>.Count));
                lanes = Vector256.FusedMultiplyAdd(eight, eight, lanes);
            }

            double sum = 0;
            for (var lane = 0; lane < Vector256<float>.Count; lane++)
                sum += lanes[lane];
            for (; i < values.Length; i++)
                sum += (double)values[i] * values[i];
            return sum;
        }
    }

    private static void AddBlock(ref float a, int rowStep, int step, ref float b, ref float c, int k, int n)
    {
        unchecked
        {
            var j = 0;
            for (; j <= n - (2 * Vector<float>.Count); j += 2 * Vector<float>.Count)
                AddTile(ref a, rowStep, step, ref Unsafe.Add(ref b, j), ref Unsafe.Add(ref c, j), k, n);
            for (var row = 0; row < BlockRows && j < n; row++)
                AddRow(ref Unsafe.Add(ref a, row * rowStep), step, ref b, ref Unsafe.Add(ref c, row * n), j, k, n);
        }
    }

    /// <summary>Four rows of two vectors.</summary>
    private static void AddTile(ref float a, int rowStep, int step, ref float b, ref float c, int k, int n)
    {
        unchecked
        {
            ref var c1 = ref Unsafe.Add(ref c, n);
            ref var c2 = ref Unsafe.Add(ref c1, n);
            ref var c3 = ref Unsafe.Add(ref c2, n);
            ref var a1 = ref Unsafe.Add(ref a, rowStep);
            ref var a2 = ref Unsafe.Add(ref a1, rowStep);
            ref var a3 = ref Unsafe.Add(ref a2, rowStep);
            var width = Vector<float>.Count;
            var (s00, s01) = (Vector.LoadUnsafe(ref c), Vector.LoadUnsafe(ref c, (nuint)width));
            var (s10, s11) = (Vector.LoadUnsafe(ref c1), Vector.LoadUnsafe(ref c1, (nuint)width));
            var (s20, s21) = (Vector.LoadUnsafe(ref c2), Vector.LoadUnsafe(ref c2, (nuint)width));
            var (s30, s31) = (Vector.LoadUnsafe(ref c3), Vector.LoadUnsafe(ref c3, (nuint)width));
            nint at = 0;
            for (var p = 0; p < k; p++)
            {
                var (b0, b1) = (Vector.LoadUnsafe(ref b), Vector.LoadUnsafe(ref b, (nuint)width));
                var x = new Vector<float>(Unsafe.Add(ref a, at));
                (s00, s01) = (Vector.FusedMultiplyAdd(x, b0, s00), Vector.FusedMultiplyAdd(x, b1, s01));
                x = new Vector<float>(Unsafe.Add(ref a1, at));
                (s10, s11) = (Vector.FusedMultiplyAdd(x, b0, s10), Vector.FusedMultiplyAdd(x, b1, s11));
                x = new Vector<float>(Unsafe.Add(ref a2, at));
                (s20, s21) = (Vector.FusedMultiplyAdd(x, b0, s20), Vector.FusedMultiplyAdd(x, b1, s21));
                x = new Vector<float>(Unsafe.Add(ref a3, at));
                (s30, s31) = (Vector.FusedMultiplyAdd(x, b0, s30), Vector.FusedMultiplyAdd(x, b1, s31));
                at += step;
                b = ref Unsafe.Add(ref b, n);
            }

            s00.StoreUnsafe(ref c);
            s01.StoreUnsafe(ref c, (nuint)width);
            s10.StoreUnsafe(ref c1);
            s11.StoreUnsafe(ref c1, (nuint)width);
            s20.StoreUnsafe(ref c2);
            s21.StoreUnsafe(ref c2, (nuint)width);
            s30.StoreUnsafe(ref c3);
            s31.StoreUnsafe(ref c3, (nuint)width);
        }
    }

    /// <summary>One row, from column <paramref name="j"/> on.</summary>
    private static void AddRow(ref float a, int step, ref float b, ref float c, int j, int k, int n)
    {
        unchecked
        {
            for (; j <= n - Vector<float>.Count; j += Vector<float>.Count)
            {
                var sum = Vector.LoadUnsafe(ref c, (nuint)j);
                for (var p = 0; p < k; p++)
                    sum = Vector.FusedMultiplyAdd(new Vector<float>(Unsafe.Add(ref a, p * step)), Vector.LoadUnsafe(ref b, (nuint)((p * n) + j)), sum);
                sum.StoreUnsafe(ref c, (nuint)j);
            }

            for (; j < n; j++)
            {
                var sum = Unsafe.Add(ref c, j);
                for (var p = 0; p < k; p++)
                    sum = MathF.FusedMultiplyAdd(Unsafe.Add(ref a, p * step), Unsafe.Add(ref b, (p * n) + j), sum);
                Unsafe.Add(ref c, j) = sum;
            }
        }
    }
}
