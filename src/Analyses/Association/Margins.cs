namespace Consilience.Analyses.Association;

/// <summary>Sums of a table's rows and columns.</summary>
internal static class Margins
{
    internal static (long[] Rows, long[] Columns, long Total) Of(long[,] counts)
    {
        var (rows, columns) = (new long[counts.GetLength(0)], new long[counts.GetLength(1)]);
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                rows[i] += counts[i, j];
                columns[j] += counts[i, j];
            }
        }

        return (rows, columns, rows.Sum());
    }
}
