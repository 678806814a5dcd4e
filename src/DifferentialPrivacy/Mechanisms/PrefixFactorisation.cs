using System.Numerics;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>
/// Running sums with less noise. The matrix A of running sums over T counters is written as A = L·R, R lower triangular and of whole numbers; a site sends R·h of its
/// counters h, noise is added to that, and the recipient multiplies by L. R holds the coefficients of (1−x)^(−1/2), c₀ = 1, c_k = c_{k−1}·(1 − 1/2k), times
/// 2¹⁰ and rounded: the square root of A, whose rows and columns are as short as they can be at once (Fichtenberger, Henzinger and Upadhyay 2023).
/// Rounding costs no privacy, because sensitivity is computed from the rounded numbers, and no accuracy, because L is A·R⁻¹ of the rounded R. Argument and attacks: <c>docs/guarantees/running-sums.md</c>.
/// </summary>
public sealed class PrefixFactorisation
{
    /// <summary>Beyond this many counters in a stream multiplying costs a site more than the noise it saves is worth.</summary>
    public const int LongestStream = 512;

    /// <summary>What a counter outside every stream is multiplied by, and R's diagonal.</summary>
    public const int Unit = 1024;

    private readonly Workload workload;
    private readonly long[] right;
    private readonly double[] left;

    public PrefixFactorisation(Workload workload)
    {
        ArgumentNullException.ThrowIfNull(workload);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workload.StreamLength, LongestStream, nameof(workload));
        this.workload = workload;
        right = RightColumn(workload.StreamLength);
        left = LeftColumn(right);
    }

    /// <summary>Σ r_k²: the squared length of R's longest column, which is its first.</summary>
    public BigInteger ColumnSquares => right.Aggregate(BigInteger.Zero, (sum, r) => sum + ((BigInteger)r * r));

    /// <summary>Σ r_k: the most that one counter is multiplied by in any counter that is sent, summed over a stream.</summary>
    public BigInteger ColumnSum => right.Aggregate(BigInteger.Zero, (sum, r) => sum + r);

    /// <summary>Root mean square, over a stream, of the error of its running sums, for noise of variance 1 on what is sent.</summary>
    public double RunningSumError => Math.Sqrt(Enumerable.Range(0, left.Length).Sum(m => left.Take(m + 1).Sum(l => l * l)) / left.Length);

    /// <summary>Replaces counters by what is sent, R·h in each stream and 2¹⁰·h elsewhere. Exact, and checked against overflow.</summary>
    public void Multiply(Span<long> counters)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(counters.Length, workload.Length, nameof(counters));
        var inStream = new bool[counters.Length];
        foreach (var stream in workload.Streams)
        {
            inStream.AsSpan(stream.Start, stream.Length).Fill(true);
            Multiply(counters.Slice(stream.Start, stream.Length), right);
        }

        for (var i = 0; i < counters.Length; i++)
        {
            if (!inStream[i])
                counters[i] = checked(counters[i] * Unit);
        }
    }

    /// <summary>
    /// Counters from what was opened: running sums L·y, made to rise as running sums of persons do, and their differences to the nearest whole number.
    /// </summary>
    public long[] Recover(ReadOnlySpan<long> opened)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(opened.Length, workload.Length, nameof(opened));
        var counters = new long[opened.Length];
        for (var i = 0; i < counters.Length; i++)
            counters[i] = (long)Math.Round((double)opened[i] / Unit);
        foreach (var stream in workload.Streams)
        {
            var sums = RunningSums(opened.Slice(stream.Start, stream.Length));
            for (var m = 0; m < stream.Length; m++)
                counters[stream.Start + m] = (long)Math.Round(sums[m]) - (m == 0 ? 0 : (long)Math.Round(sums[m - 1]));
        }

        return counters;
    }

    /// <summary>The nearest non-negative sums that never fall, by pooling neighbours that do (Barlow and others 1972).</summary>
    private double[] RunningSums(ReadOnlySpan<long> opened)
    {
        var pools = new Stack<(double Mean, int Length)>();
        for (var m = 0; m < opened.Length; m++)
        {
            (double Mean, int Length) pool = (0, 1);
            for (var k = 0; k <= m; k++)
                pool.Mean += left[m - k] * opened[k];
            while (pools.TryPeek(out var before) && before.Mean > pool.Mean)
            {
                pools.Pop();
                pool = (((before.Mean * before.Length) + (pool.Mean * pool.Length)) / (before.Length + pool.Length), before.Length + pool.Length);
            }

            pools.Push(pool);
        }

        return [.. pools.Reverse().SelectMany(p => Enumerable.Repeat(Math.Max(0, p.Mean), p.Length))];
    }

    /// <summary>The variance of Σ gᵢ·counterᵢ for noise of variance 1 on what is sent: the squared length of g·R⁻¹.</summary>
    /// <param name="start">The counter that the first element of <paramref name="gradient"/> belongs to; no stream is cut.</param>
    public double VarianceOf(int start, ReadOnlySpan<double> gradient)
    {
        double variance = 0;
        var inStream = new bool[gradient.Length];
        foreach (var stream in workload.Streams)
        {
            if (stream.Start < start || stream.Start >= start + gradient.Length)
                continue;
            inStream.AsSpan(stream.Start - start, stream.Length).Fill(true);
            variance += Squares(gradient.Slice(stream.Start - start, stream.Length));
        }

        for (var i = 0; i < gradient.Length; i++)
            variance += inStream[i] ? 0 : gradient[i] * gradient[i] / ((double)Unit * Unit);
        return variance;
    }

    /// <summary>Of a stream: counters are differences of running sums, and running sums are L·y.</summary>
    private double Squares(ReadOnlySpan<double> gradient)
    {
        double squares = 0;
        for (var k = 0; k < gradient.Length; k++)
        {
            double coefficient = 0;
            for (var m = k; m < gradient.Length; m++)
                coefficient += gradient[m] * (left[m - k] - (m > k ? left[m - k - 1] : 0));
            squares += coefficient * coefficient;
        }

        return squares;
    }

    private static void Multiply(Span<long> stream, ReadOnlySpan<long> column)
    {
        // From the end, so that what is still needed is not yet replaced.
        for (var i = stream.Length - 1; i >= 0; i--)
        {
            long sum = 0;
            for (var k = 0; k <= i; k++)
                sum = checked(sum + (column[i - k] * stream[k]));
            stream[i] = sum;
        }
    }

    private static long[] RightColumn(int length)
    {
        var column = new long[length];
        Rational coefficient = 1;
        for (var k = 0; k < length; k++)
        {
            column[k] = (long)((coefficient * Unit) + new Rational(1, 2)).Floor();
            coefficient *= new Rational((2 * k) + 1, (2 * k) + 2);
        }

        return column;
    }

    /// <summary>L = A·R⁻¹ is Toeplitz too; its first column solves R·l = (1, …, 1).</summary>
    private static double[] LeftColumn(long[] right)
    {
        var left = new double[right.Length];
        for (var m = 0; m < right.Length; m++)
        {
            double rest = 1;
            for (var k = 0; k < m; k++)
                rest -= right[m - k] * left[k];
            left[m] = rest / right[0];
        }

        return left;
    }
}
