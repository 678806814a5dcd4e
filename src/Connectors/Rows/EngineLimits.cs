namespace Consilience.Connectors.Rows;

/// <summary>What the engine may take of the machine. Rows that do not fit its memory make a question fail; they are never written to a disk.</summary>
/// <param name="Threads">1 or more.</param>
/// <param name="MemoryInBytes">64 MiB or more.</param>
public sealed record EngineLimits(int Threads, long MemoryInBytes)
{
    internal const long LeastMemory = 64L << 20;

    /// <summary>Every processor, half of the memory there is.</summary>
    public static EngineLimits Default => new(Environment.ProcessorCount, Math.Max(LeastMemory, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2));
}
