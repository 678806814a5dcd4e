using Consilience.Analyses;

namespace Consilience.FederatedLearning.Tests;

/// <summary>Rows of a site that are held in memory; values by variable, in the coding of <see cref="IRows"/>.</summary>
internal sealed class RowsInMemory(IReadOnlyList<string> variables, IReadOnlyList<double[]> rows) : IRows
{
    internal int Count => rows.Count;

    internal IReadOnlyList<string> Variables => variables;

    internal IReadOnlyList<double[]> Rows => rows;

    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException("training reads rows");

    public void Read(IReadOnlyList<string> asked, Func<RowReader> begin) => ReadWithMissing(asked, [], begin);

    /// <summary>NaN is a missing value.</summary>
    public void ReadWithMissing(IReadOnlyList<string> known, IReadOnlyList<string> others, Func<RowReader> begin)
    {
        var take = begin();
        int[] columns = [.. known.Concat(others).Select(a => variables.ToList().IndexOf(a))];
        foreach (var row in rows.Where(r => !columns.Take(known.Count).Any(c => double.IsNaN(r[c]))))
            take([.. columns.Select(c => row[c])]);
    }

    internal static RowsInMemory Together(IReadOnlyList<RowsInMemory> parts) => new(parts[0].Variables, [.. parts.SelectMany(p => p.Rows)]);

    internal RowsInMemory Backwards() => new(variables, [.. rows.Reverse()]);

    internal RowsInMemory Where(Func<double[], bool> isTaken) => new(variables, [.. rows.Where(isTaken)]);

    internal RowsInMemory With(params double[] row) => new(variables, [.. rows, row]);

    /// <summary>The rows of one of <paramref name="sites"/>, dealt in turn.</summary>
    internal RowsInMemory Part(int site, int sites) => new(variables, [.. rows.Where((_, i) => i % sites == site)]);
}
