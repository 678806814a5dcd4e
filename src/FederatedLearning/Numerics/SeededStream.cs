namespace Consilience.FederatedLearning.Numerics;

/// <summary>
/// Numbers that everybody can repeat from a public seed: initial weights, the order of rows, dropout, stochastic rounding. Nothing secret and no privacy noise comes from here. SplitMix64: Steele, Lea and Flood 2014,
/// <i>Fast splittable pseudorandom number generators</i>.
/// </summary>
internal struct SeededStream
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong state;

    internal SeededStream(ulong seed) => state = seed;

    /// <summary>The stream of one purpose, and of one step or row of it; streams of different purposes have nothing to do with each other.</summary>
    internal static SeededStream For(long seed, StreamPurpose purpose, long index = 0) =>
        new(Mix(unchecked(Mix(unchecked(Mix((ulong)seed) + ((ulong)purpose * Golden))) + ((ulong)index * Golden))));

    /// <summary>The stream that follows from this one and a word.</summary>
    internal readonly SeededStream With(ulong word) => new(Mix(unchecked(state + Golden + word)));

    internal ulong Next() => Mix(state = unchecked(state + Golden));

    /// <summary>In [0, 1), a multiple of 2⁻²⁴.</summary>
    internal float Uniform() => (Next() >> 40) * (1f / (1 << 24));

    /// <summary>In 0, …, <paramref name="below"/> − 1; uneven by less than 2⁻³² of it.</summary>
    internal int Below(int below) => (int)Math.BigMul(Next(), (ulong)below, out _);

    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}

/// <summary>What a stream of public random numbers is for.</summary>
internal enum StreamPurpose
{
    Unspecified = 0,
    InitialWeights,
    OrderOfRows,
    Dropout,
    Rounding,
    Features,
}
