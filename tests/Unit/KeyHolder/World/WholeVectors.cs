using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Consilience.Arithmetic;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.Tests.World;

/// <summary>A masked vector whole, and for each key holder, in order, the envelope of the seed that masked it.</summary>
internal sealed record SealedVector(byte[] Masked, IReadOnlyList<byte[]> Envelopes);

/// <summary>A share whole, and the salt of its commitment.</summary>
internal sealed record OpenedShare(byte[] Salt, byte[] Share)
{
    internal byte[] Commitment() => SHA256.HashData([.. "consilience/share/v1"u8, .. Salt, .. Share]);
}

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

    internal static bool TryOpenShare(byte[] bytes, ReadOnlySpan<byte> context, SealingPrivateKey recipient, [NotNullWhen(true)] out OpenedShare? opened)
    {
        var share = new MemoryStream();
        opened = SealedShare.Open(new MemoryStream(bytes), context, recipient, block => share.Write(block)) is { } salt ? new(salt, share.ToArray()) : null;
        return opened is not null;
    }

    internal static long[] Unseal(Ring ring, byte[] maskedSum, IEnumerable<byte[]> shares) =>
        SealedSums.Unseal(ring, maskedSum.Length / ring.WordSize, new MemoryStream(maskedSum), [.. shares.Select(s => new SaltedShare([], new MemoryStream(s)))]).Total;
}
