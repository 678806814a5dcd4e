using System.Security.Cryptography;
using Consilience.Arithmetic;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.SecureAggregation;

/// <summary>Seals one share, segment by segment, in the layout of <see cref="SealedShare"/>: the header first, then every segment in order.</summary>
public sealed class ShareSealer : IDisposable
{
    private readonly byte[] context;
    private readonly long size;
    private readonly AesGcm aead;
    private readonly IncrementalHash commitment;
    private long sealedSoFar;
    private uint segment;

    /// <param name="size">Bytes of the share, above 0.</param>
    /// <param name="context">Bytes that name run, round, request, roll and key holder.</param>
    /// <param name="recipients">1 to 64 keys.</param>
    /// <param name="random">The operating system's randomness.</param>
    public ShareSealer(long size, ReadOnlySpan<byte> context, IReadOnlyList<SealingPublicKey> recipients, RandomBytes random)
    {
        ArgumentNullException.ThrowIfNull(recipients);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        if (recipients.Count is < 1 or > 64)
            throw new ArgumentException("recipients: expected 1 to 64", nameof(recipients));
        this.size = size;
        this.context = context.ToArray();
        using var secrets = SecretBytes.FromRandom(SealedShare.KeySize + SealedShare.SaltSize, random);
        Header = SealedShare.Header(recipients, context, secrets.Span);
        aead = new AesGcm(secrets.Span[..SealedShare.KeySize], SealedShare.TagSize);
        commitment = SealedShare.BeginCommitment(secrets.Span[SealedShare.KeySize..]);
    }

    /// <summary>What comes before the segments.</summary>
    public byte[] Header { get; }

    /// <summary>The next block of the share as a sealed segment. Every block but the last has <see cref="SealedSums.BlockSize"/> bytes.</summary>
    public byte[] Seal(ReadOnlySpan<byte> block)
    {
        var expected = (int)Math.Min(SealedShare.SegmentSize, size - sealedSoFar);
        if (block.Length != expected || expected == 0)
            throw new ArgumentException($"a block of {expected} bytes was expected", nameof(block));
        sealedSoFar += block.Length;
        commitment.AppendData(block);
        var output = new byte[block.Length + SealedShare.TagSize];
        aead.Encrypt(SealedShare.Nonce(segment++, sealedSoFar == size), block, output.AsSpan(0, block.Length), output.AsSpan(block.Length), context);
        return output;
    }

    /// <summary>The commitment to the whole share, once its last block is sealed.</summary>
    public byte[] Commitment() => sealedSoFar == size ? commitment.GetHashAndReset() : throw new InvalidOperationException("the share is not sealed to its end");

    public void Dispose()
    {
        aead.Dispose();
        commitment.Dispose();
    }
}
