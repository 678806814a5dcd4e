using Consilience.Arithmetic;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.SecureAggregation;

/// <summary>A key holder a vector is sealed towards.</summary>
public sealed record KeyHolderKey(string KeyHolder, SealingPublicKey Key);

/// <summary>A masked vector, and for each key holder, in order, the envelope of the seed that masked it.</summary>
public sealed record SealedVector(ulong[] Masked, IReadOnlyList<byte[]> Envelopes);

/// <summary>
/// Sums that open only as sums: seal at the sites, add anywhere, open share by share at the key holders, unseal at the recipient.
/// <b>Guarantee:</b> as long as one key holder keeps its seeds, a masked vector is indistinguishable from random; the opened total equals the sum of the values plus
/// the key holders' noise, exactly, when <see cref="SumCapacity"/> holds.
/// </summary>
public static class SealedSums
{
    /// <param name="values">One site's vector.</param>
    /// <param name="scope">The context; its key holder is replaced by each of <paramref name="keyHolders"/> in turn.</param>
    /// <param name="keyHolders">At least one, none twice.</param>
    /// <param name="random">The operating system's randomness.</param>
    public static SealedVector Seal(ReadOnlySpan<long> values, MaskContext scope, IReadOnlyList<KeyHolderKey> keyHolders, RandomBytes random)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(keyHolders);
        if (keyHolders.Count == 0 || keyHolders.DistinctBy(k => k.KeyHolder).Count() != keyHolders.Count)
            throw new ArgumentException("key holders: at least one, none twice", nameof(keyHolders));
        if (values.Length != scope.VectorLength)
            throw new ArgumentException("the vector's length is not its context's", nameof(values));

        var masked = new ulong[values.Length];
        for (var i = 0; i < masked.Length; i++)
            masked[i] = unchecked((ulong)values[i]);
        var envelopes = new List<byte[]>(keyHolders.Count);
        foreach (var keyHolder in keyHolders)
        {
            var context = scope with { KeyHolder = keyHolder.KeyHolder };
            using var seed = MaskSeed.Draw(context, random);
            Mask.AddTo(masked, seed, context);
            envelopes.Add(seed.SealTo(keyHolder.Key, context));
        }

        return new SealedVector(masked, envelopes);
    }

    /// <summary>A key holder's share: the sum of its masks over the accepted sites, minus its noise.</summary>
    /// <param name="seeds">The accepted sites' seeds with their contexts.</param>
    /// <param name="noise">One draw for each counter, made before this call; all zero in exact precision.</param>
    public static ulong[] OpenShare(IReadOnlyList<(MaskContext Context, MaskSeed Seed)> seeds, ReadOnlySpan<long> noise)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        var share = new ulong[noise.Length];
        for (var i = 0; i < share.Length; i++)
            share[i] = unchecked(0UL - (ulong)noise[i]);
        foreach (var (context, seed) in seeds)
        {
            if (context.VectorLength != share.Length)
                throw new ArgumentException("a context's vector length is not the noise's", nameof(seeds));
            Mask.AddTo(share, seed, context);
        }

        return share;
    }

    /// <summary>The opened total: masked sum minus every key holder's share.</summary>
    public static long[] Unseal(ReadOnlySpan<ulong> maskedSum, IEnumerable<ulong[]> shares)
    {
        ArgumentNullException.ThrowIfNull(shares);
        var total = maskedSum.ToArray();
        foreach (var share in shares)
        {
            if (share.Length != total.Length)
                throw new ArgumentException("a share's length is not the masked sum's", nameof(shares));
            Words.SubtractFrom(total, share);
        }

        var opened = new long[total.Length];
        for (var i = 0; i < opened.Length; i++)
            opened[i] = unchecked((long)total[i]);
        return opened;
    }
}
