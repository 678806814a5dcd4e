namespace Consilience.DifferentialPrivacy.Mechanisms;

/// <summary>
/// What is read from a vector of counters. Counters in a <em>stream</em> are read as running sums (numbers at risk, distribution functions), all others as they are.
/// </summary>
/// <param name="Length">Number of counters.</param>
/// <param name="Streams">Runs of counters of one common length that do not overlap; empty when nothing is summed up.</param>
public sealed record Workload(int Length, IReadOnlyList<CounterStream> Streams)
{
    public static Workload OfCells(int length) => new(length, []);

    /// <summary>Counters in each stream; 1 when there is none, because a single counter is its own running sum.</summary>
    public int StreamLength => Streams.Count == 0 ? 1 : Streams[0].Length;
}

/// <summary>The counters from <paramref name="Start"/> on, <paramref name="Length"/> of them.</summary>
public sealed record CounterStream(int Start, int Length);
