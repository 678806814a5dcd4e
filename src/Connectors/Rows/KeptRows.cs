using System.Runtime.InteropServices;
using Consilience.Analyses;
using Consilience.Analyses.Cohorts;
using Consilience.Protocol.Identity;

namespace Consilience.Connectors.Rows;

/// <summary>
/// The rows that were read last, in memory: rounds of a fit read the same ones again, and reading them costs most of a round. Of one question and one snapshot; of more than <see cref="Most"/> values nothing is kept. Not
/// safe for use by several threads.
/// </summary>
internal sealed class KeptRows
{
    /// <summary>Values: 64 MiB.</summary>
    private const int Most = 8 << 20;

    private string? key;
    private Digest? snapshot;
    private string? reading;
    private int columns;
    private List<double> values = [];
    private long rows;

    /// <summary>Names what is read: variables in their order, of those of a cohort of whom the first, as many as said, are known.</summary>
    internal static string Key(CohortExpression cohort, IReadOnlyList<string> variables, int known) => string.Join('\n', [cohort.Canonical, $"{known}", .. variables]);

    /// <summary>Hands the rows over; false where they are not those that are kept.</summary>
    internal bool TryRead(string wanted, Digest current, Func<RowReader> begin)
    {
        if (key != wanted || snapshot != current)
            return false;
        var take = begin();
        var all = CollectionsMarshal.AsSpan(values);
        for (var row = 0; row < rows; row++)
            take(all.Slice(row * columns, columns));
        return true;
    }

    /// <summary>Begins to keep what is read, in place of what was.</summary>
    internal void Begin(string read, int width) => (key, reading, columns, values, rows) = (null, read, width, [], 0);

    internal void Add(ReadOnlySpan<double> row)
    {
        rows++;
        if (rows * columns <= Most)
            values.AddRange(row);
    }

    /// <summary>Forgets what was begun and not settled: a fault broke it off, or the data changed.</summary>
    internal void Abandon() => reading = null;

    /// <summary>What was read since <see cref="Begin"/> is all, and of one state of the data.</summary>
    internal void Settle(Digest of)
    {
        if (reading is not null && rows * columns <= Most)
            (key, snapshot) = (reading, of);
        reading = null;
    }
}
