using System.Numerics;
using Consilience.SecureAggregation.Masking;

namespace Consilience.SecureAggregation;

/// <summary>Sums modulo 2ʷ are read as signed integers; this is the check that they cannot wrap, made when a run is planned.</summary>
public static class SumCapacity
{
    /// <param name="ring">Of the run's vectors.</param>
    /// <param name="sites">Number of sites in the agreement.</param>
    /// <param name="keyHolders">Number of key holders that add noise.</param>
    /// <param name="largest">The largest magnitude of a counter of one site.</param>
    /// <param name="noiseBound">40 standard deviations of one key holder's noise; zero in exact precision.</param>
    public static bool Suffices(Ring ring, int sites, int keyHolders, long largest, BigInteger noiseBound)
    {
        ArgumentNullException.ThrowIfNull(ring);
        return (sites * (BigInteger)largest) + (keyHolders * noiseBound) < BigInteger.Pow(2, ring.WordBits - 1);
    }
}
