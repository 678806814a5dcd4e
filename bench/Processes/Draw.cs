namespace Consilience.Processes.Benchmarks;

/// <summary>Numbers that look random and are the same everywhere: SplitMix64 (Steele, Lea and Flood 2014).</summary>
internal sealed class Draw(int seed)
{
    private ulong state = (ulong)(seed + 1) << 32;

    internal ulong Bits()
    {
        unchecked
        {
            var z = state += 0x9E37_79B9_7F4A_7C15;
            z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
            z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
            return z ^ (z >> 31);
        }
    }

    internal int Below(int bound) => (int)(Bits() % (ulong)bound);
}
