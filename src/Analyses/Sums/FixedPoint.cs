using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Sums;

/// <summary>
/// Real sums as whole numbers: each row's share is rounded to a multiple of 2⁻³⁰ by itself, so that sums do not depend on order or on how rows are split over sites. A share of 2¹⁰ or more counts as
/// that, and the row as beyond the range; whoever reads the sums is told how many rows were.
/// </summary>
internal sealed class FixedPoint(long[] cells)
{
    internal const double Unit = 1L << 30;

    /// <summary>Of one site: 2²⁴ rows with shares of magnitude 1.</summary>
    internal const long Largest = 1L << 54;

    private const double Finer = 1 << 24;

    private const double MostOfRow = 1 << 10;

    private const double MostOfWideRow = 1 << 20;

    /// <summary>A share of <see cref="AddWide"/> that stands for a whole site may be this large.</summary>
    internal const double MostOfSite = 1L << 40;

    private const double Wider = 1 << 20;

    private bool isBeyond;

    /// <summary>A score and the lower triangle of its information, row by row, as opened.</summary>
    internal static (Vector<double> Score, Matrix<double> Information) ScoreAndInformation(ReadOnlySpan<long> opened, int columns)
    {
        var score = Vector<double>.Build.Dense(columns);
        for (var c = 0; c < columns; c++)
            score[c] = opened[c] / Unit;
        return (score, Triangle(opened[columns..], columns));
    }

    /// <summary>The symmetric matrix of a lower triangle, row by row, as opened.</summary>
    internal static Matrix<double> Triangle(ReadOnlySpan<long> opened, int columns)
    {
        var (matrix, cell) = (Matrix<double>.Build.Dense(columns, columns), 0);
        for (var c = 0; c < columns; c++)
        {
            for (var d = 0; d <= c; d++)
                matrix[c, d] = matrix[d, c] = opened[cell++] / Unit;
        }

        return matrix;
    }

    /// <summary>Adds one row's share to a cell.</summary>
    internal void Add(int cell, double share)
    {
        if (!(Math.Abs(share) < MostOfRow))
        {
            isBeyond = true;
            share = double.IsNaN(share) ? 0 : Math.CopySign(MostOfRow, share);
        }

        cells[cell] = checked(cells[cell] + (long)Math.Round(share * Unit));
    }

    /// <summary>
    /// Adds a share of magnitude at most 1 to two cells, whole multiples of 2⁻³⁰ and what is left of it in 2⁻⁵⁴: as exactly as doubles have it. For sums whose figures are differences of large numbers.
    /// </summary>
    internal void AddFine(int cell, double share)
    {
        var whole = Math.Floor(share * Unit);
        cells[cell] = checked(cells[cell] + (long)whole);
        cells[cell + 1] = checked(cells[cell + 1] + (long)Math.Round(((share * Unit) - whole) * Finer));
    }

    /// <summary>Adds a share that may be as large as <paramref name="most"/> to two cells: whole multiples of 2⁻¹⁰, and what is left of it in 2⁻³⁴.</summary>
    internal void AddWide(int cell, double share, double most = MostOfWideRow)
    {
        if (!(Math.Abs(share) < most))
        {
            isBeyond = true;
            share = double.IsNaN(share) ? 0 : Math.CopySign(most, share);
        }

        AddFine(cell, share / Wider);
    }

    /// <summary>What <see cref="AddWide"/> added up, as opened.</summary>
    internal static double Wide(ReadOnlySpan<long> opened, int cell) => Fine(opened, cell) * Wider;

    /// <summary>What <see cref="AddFine"/> added up, as opened.</summary>
    internal static double Fine(ReadOnlySpan<long> opened, int cell) => (opened[cell] / Unit) + (opened[cell + 1] / (Unit * Finer));

    /// <summary>Whether a share since the last call was beyond the range.</summary>
    internal bool EndRow()
    {
        var was = isBeyond;
        isBeyond = false;
        return was;
    }
}
