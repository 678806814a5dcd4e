using System.Numerics;

namespace Consilience.SecureAggregation;

/// <summary>Sums modulo 2⁶⁴ are read as signed integers; this is the check that they cannot wrap, made when a run is planned.</summary>
public static class SumCapacity
{
    /// <summary>The largest value a site may encode in one counter: more persons than live on Earth, with room for 2²² sites.</summary>
    public const long LargestEncodable = 1L << 40;

    /// <param name="sites">Number of sites in the agreement.</param>
    /// <param name="keyHolders">Number of key holders that add noise.</param>
    /// <param name="noiseBound">40 standard deviations of one key holder's noise; zero in exact precision.</param>
    public static bool Suffices(int sites, int keyHolders, BigInteger noiseBound) =>
        (sites * (BigInteger)LargestEncodable) + (keyHolders * noiseBound) < BigInteger.Pow(2, 63);
}
