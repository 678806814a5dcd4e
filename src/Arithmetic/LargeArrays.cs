namespace Consilience.Arithmetic;

/// <summary>
/// Memory of vectors with millions of numbers. Left to itself the collector takes it back only once several times as much was asked for, and keeps it for the process even then: a party that serves for months would hold what its largest
/// question ever took.
/// </summary>
public static class LargeArrays
{
    private const long Large = 4 * 1024 * 1024;

    /// <summary>Gives back to the system what nobody holds any more, once work on a vector is done. Nothing happens for small ones.</summary>
    /// <param name="size">Of the vector, in bytes.</param>
    public static void GiveBack(long size)
    {
        if (size > Large)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }
}
