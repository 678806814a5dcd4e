using Consilience.Analyses;

namespace Consilience.Training.Benchmarks;

/// <summary>Rows without structure, repeated by a multiplicative generator; handed over one by one, as from a file.</summary>
internal sealed class GeneratedRows(int count, int inputs) : IRows
{
    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException("training reads rows");

    public void Read(IReadOnlyList<string> variables, Func<RowReader> begin) => Generate(0, begin());

    /// <summary>The outcome comes first; nothing is missing.</summary>
    public void ReadWithMissing(IReadOnlyList<string> known, IReadOnlyList<string> others, Func<RowReader> begin) => Generate(1, begin());

    /// <param name="first">Place of the first input.</param>
    /// <param name="take">Takes the rows.</param>
    private void Generate(int first, RowReader take)
    {
        var (row, state) = (new double[inputs + 1], 1UL);
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < inputs; j++)
            {
                state = unchecked((state * 6364136223846793005) + 1442695040888963407);
                row[first + j] = ((state >> 11) / (double)(1UL << 52)) - 1;
            }

            row[first == 0 ? inputs : 0] = row[first] + row[first + 1] > 0 ? 1 : 0;
            take(row);
        }
    }
}
