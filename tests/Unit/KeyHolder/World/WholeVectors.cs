using Consilience.Arithmetic;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.Tests.World;

/// <summary>A masked vector whole, and for each key holder, in order, the envelope of the seed that masked it.</summary>
internal sealed record SealedVector(byte[] Masked, IReadOnlyList<byte[]> Envelopes);

/// <summary>What the product does block by block, with vectors that a test can hold.</summary>
internal static class WholeVectors
{
    internal static SealedVector Seal(ReadOnlySpan<long> values, MaskContext scope, IReadOnlyList<KeyHolderKey> keyHolders, RandomBytes? random = null)
    {
        var masked = new MemoryStream();
        var envelopes = SealedSums.Seal(values, scope, keyHolders, random ?? RandomBytes.OperatingSystem, block => masked.Write(block));
        return new SealedVector(masked.ToArray(), envelopes);
    }

    internal static byte[] OpenShare(IReadOnlyList<(MaskContext Context, MaskSeed Seed)> seeds, Ring ring, long[] noise)
    {
        var (share, drawn) = (new MemoryStream(), 0);
        SealedSums.OpenShare(ring, noise.Length, seeds, draws =>
        {
            noise.AsSpan(drawn, draws.Length).CopyTo(draws);
            drawn += draws.Length;
        }, block => share.Write(block));
        return share.ToArray();
    }

    internal static (byte[] Sealed, byte[] Commitment) SealShare(ReadOnlySpan<byte> share, ReadOnlySpan<byte> context, IReadOnlyList<SealingPublicKey> recipients)
    {
        using var sealer = new ShareSealer(share.Length, context, recipients, RandomBytes.OperatingSystem);
        var bytes = new MemoryStream();
        bytes.Write(sealer.Header);
        for (; !share.IsEmpty; share = share[Math.Min(share.Length, SealedSums.BlockSize)..])
            bytes.Write(sealer.Seal(share[..Math.Min(share.Length, SealedSums.BlockSize)]));
        return (bytes.ToArray(), sealer.Commitment());
    }
}
