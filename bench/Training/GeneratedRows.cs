using Consilience.Analyses;

namespace Consilience.Training.Benchmarks;

/// <summary>Rows without structure, repeated by a multiplicative generator; handed over one by one, as from a file.</summary>
internal sealed class GeneratedRows(int count, int inputs) : IRows
{
    public void Tabulate(IReadOnlyList<Axis> axes, Span<long> cells) => throw new NotSupportedException("training reads rows");

    public void Read(IReadOnlyList<string> variables, Func<RowReader> begin)
    {
        var (take, row, state) = (begin(), new double[inputs + 1], 1UL);
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < inputs; j++)
            {
                state = unchecked((state * 6364136223846793005) + 1442695040888963407);
                row[j] = ((state >> 11) / (double)(1UL << 52)) - 1;
            }

            row[inputs] = row[0] + row[1] > 0 ? 1 : 0;
            take(row);
        }
    }
}
