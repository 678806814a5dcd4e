using System.Security.Cryptography;
using Consilience.Arithmetic;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.SecureAggregation;

/// <summary>A key holder a vector is sealed towards.</summary>
public sealed record KeyHolderKey(string KeyHolder, SealingPublicKey Key);

/// <summary>A key holder's opened share, from where the stream stands, and the salt of its commitment.</summary>
public sealed record SaltedShare(byte[] Salt, Stream Share);

/// <summary>An opened total. It counts only where what it was opened from is what was signed.</summary>
/// <param name="Total">With every key holder's noise.</param>
/// <param name="MaskedSum">SHA-256 of the masked sum's bytes.</param>
/// <param name="Commitments">To each share: SHA-256("consilience/share/v1" ‖ salt ‖ share).</param>
public sealed record UnsealedSum(long[] Total, byte[] MaskedSum, IReadOnlyList<byte[]> Commitments);

/// <summary>
/// Sums that open only as sums: seal at the sites, add anywhere, open share by share at the key holders, unseal at the recipient. Sites and key holders go through a vector block by block, so that memory does
/// not grow with its length. <b>Guarantee:</b> as long as one key holder keeps its seeds, a masked vector is indistinguishable from random; the opened total equals the sum of the values plus
/// the key holders' noise, exactly, when <see cref="SumCapacity"/> holds.
/// </summary>
public static class SealedSums
{
    /// <summary>Bytes of a block; the last may be shorter.</summary>
    public const int BlockSize = 1 << 20;

    /// <summary>Masks a vector; gives for each key holder, in order, the envelope of the seed that masked it.</summary>
    /// <param name="values">One site's vector.</param>
    /// <param name="scope">The context; its key holder is replaced by each of <paramref name="keyHolders"/> in turn.</param>
    /// <param name="keyHolders">At least one, none twice.</param>
    /// <param name="random">The operating system's randomness.</param>
    /// <param name="masked">Takes the masked vector's blocks, in order; a block is good until it returns.</param>
    public static IReadOnlyList<byte[]> Seal(
        ReadOnlySpan<long> values, MaskContext scope, IReadOnlyList<KeyHolderKey> keyHolders, RandomBytes random, Action<ReadOnlySpan<byte>> masked)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(keyHolders);
        ArgumentNullException.ThrowIfNull(masked);
        if (keyHolders.Count == 0 || keyHolders.DistinctBy(k => k.KeyHolder).Count() != keyHolders.Count)
            throw new ArgumentException("key holders: at least one, none twice", nameof(keyHolders));
        if (values.Length != scope.VectorLength)
            throw new ArgumentException("the vector's length is not its context's", nameof(values));

        var envelopes = new List<byte[]>(keyHolders.Count);
        var masks = new List<MaskStream>(keyHolders.Count);
        try
        {
            foreach (var keyHolder in keyHolders)
            {
                var context = scope with { KeyHolder = keyHolder.KeyHolder };
                using var seed = MaskSeed.Draw(context, random);
                masks.Add(new MaskStream(seed, context));
                envelopes.Add(seed.SealTo(keyHolder.Key, context));
            }

            var block = new byte[BlockSize];
            for (var start = 0; start < values.Length;)
            {
                var words = Math.Min(BlockSize / scope.Ring.WordSize, values.Length - start);
                var bytes = block.AsSpan(0, (int)scope.Ring.SizeOf(words));
                scope.Ring.Write(values.Slice(start, words), bytes);
                foreach (var mask in masks)
                    mask.AddTo(bytes);
                masked(bytes);
                start += words;
            }
        }
        finally
        {
            masks.ForEach(m => m.Dispose());
        }

        return envelopes;
    }

    /// <summary>A key holder's share: the sum of its masks over the accepted sites, minus its noise.</summary>
    /// <param name="ring">Of the vectors.</param>
    /// <param name="length">Of the vectors, in words.</param>
    /// <param name="seeds">The accepted sites' seeds with their contexts.</param>
    /// <param name="noise">Draws one value for each counter of a block, before the block's masks are made; null in exact precision.</param>
    /// <param name="share">Takes the share's blocks, in order; a block is good until it returns.</param>
    public static void OpenShare(Ring ring, int length, IReadOnlyList<(MaskContext Context, MaskSeed Seed)> seeds, Action<Span<long>>? noise, Action<ReadOnlySpan<byte>> share)
    {
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentNullException.ThrowIfNull(share);
        if (seeds.Any(s => s.Context.VectorLength != length || s.Context.Ring != ring))
            throw new ArgumentException("a context is of another vector", nameof(seeds));
        var block = new byte[BlockSize];
        var draws = new long[noise is null ? 0 : BlockSize / ring.WordSize];
        var drawn = new byte[noise is null ? 0 : BlockSize];
        var masks = seeds.Select(s => new MaskStream(s.Seed, s.Context)).ToList();
        try
        {
            for (var start = 0; start < length;)
            {
                var words = Math.Min(BlockSize / ring.WordSize, length - start);
                var bytes = block.AsSpan(0, (int)ring.SizeOf(words));
                bytes.Clear();
                if (noise is not null)
                {
                    noise(draws.AsSpan(0, words));
                    ring.Write(draws.AsSpan(0, words), drawn.AsSpan(0, bytes.Length));
                    ring.Subtract(bytes, drawn.AsSpan(0, bytes.Length));
                }

                foreach (var mask in masks)
                    mask.AddTo(bytes);
                share(bytes);
                start += words;
            }
        }
        finally
        {
            masks.ForEach(m => m.Dispose());
            Array.Clear(block);
            Array.Clear(draws);
            Array.Clear(drawn);
        }
    }

    /// <summary>The opened total, masked sum minus every key holder's share, in one pass over all of them, which digests what it reads: nothing can be other bytes when they are checked and when they are used.</summary>
    /// <param name="ring">Of the vectors.</param>
    /// <param name="length">Of the vectors, in words.</param>
    /// <param name="maskedSum">From where the stream stands.</param>
    /// <param name="shares">Of every key holder.</param>
    /// <exception cref="EndOfStreamException">A stream has fewer bytes than the vector.</exception>
    public static UnsealedSum Unseal(Ring ring, int length, Stream maskedSum, IReadOnlyList<SaltedShare> shares)
    {
        ArgumentNullException.ThrowIfNull(ring);
        ArgumentNullException.ThrowIfNull(maskedSum);
        ArgumentNullException.ThrowIfNull(shares);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var commitments = shares.Select(s => SealedShare.BeginCommitment(s.Salt)).ToList();
        try
        {
            var total = new long[length];
            var (block, read) = (new byte[BlockSize], new byte[BlockSize]);
            for (var start = 0; start < length;)
            {
                var words = Math.Min(BlockSize / ring.WordSize, length - start);
                var sum = block.AsSpan(0, (int)ring.SizeOf(words));
                maskedSum.ReadExactly(sum);
                digest.AppendData(sum);
                foreach (var (share, commitment) in shares.Zip(commitments))
                {
                    var part = read.AsSpan(0, sum.Length);
                    share.Share.ReadExactly(part);
                    commitment.AppendData(part);
                    ring.Subtract(sum, part);
                }

                ring.Read(sum, total.AsSpan(start, words));
                start += words;
            }

            return new(total, digest.GetHashAndReset(), [.. commitments.Select(c => c.GetHashAndReset())]);
        }
        finally
        {
            commitments.ForEach(c => c.Dispose());
        }
    }
}
