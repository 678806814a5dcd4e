namespace Consilience.Analyses.Sums;

/// <summary>The cells of one group of an <see cref="ExitTable"/> as counts of persons; negative counters, which only noise makes, count as none.</summary>
internal readonly ref struct Exits(ReadOnlySpan<long> cells)
{
    private readonly ReadOnlySpan<long> cells = cells;

    internal int Intervals => cells.Length / 2;

    internal long Persons
    {
        get
        {
            long persons = 0;
            foreach (var cell in cells)
                persons += Math.Max(0, cell);
            return persons;
        }
    }

    internal long Events
    {
        get
        {
            long events = 0;
            for (var j = 0; j < Intervals; j++)
                events += At(j).Events;
            return events;
        }
    }

    internal (long Events, long Censored) At(int interval) => (Math.Max(0, cells[Intervals + interval]), Math.Max(0, cells[interval]));
}
