using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Consilience.SecureAggregation.Masking;

/// <summary>
/// The mask of a seed, from its first word to its last: AES-256 in counter mode, read as little-endian words of the context's ring. Block i is the encryption of the 128-bit little-endian integer i under a
/// key derived from seed and context. No branch and no index depends on a secret.
/// </summary>
internal sealed class MaskStream : IDisposable
{
    private const int CipherBlock = 16;
    private const int AtOnce = 4096 * CipherBlock;

    private readonly Aes aes = Aes.Create();
    private readonly Ring ring;
    private readonly byte[] counters = new byte[AtOnce];
    private readonly byte[] stream = new byte[AtOnce];
    private ulong next;
    private bool ended;

    internal MaskStream(MaskSeed seed, MaskContext context)
    {
        ring = context.Ring;
        var key = new byte[32];
        context.Derive(seed.Bytes, "consilience/mask-key/v1"u8, key);
        aes.SetKey(key);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>block += the mask's next words. Every block but the last is a multiple of 16 bytes long.</summary>
    internal void AddTo(Span<byte> block)
    {
        if (ended)
            throw new InvalidOperationException("mask: a block after the last");
        ended = block.Length % CipherBlock != 0;
        for (; !block.IsEmpty; block = block[Math.Min(AtOnce, block.Length)..])
        {
            var piece = block[..Math.Min(AtOnce, block.Length)];
            var size = (piece.Length + CipherBlock - 1) / CipherBlock * CipherBlock;
            for (var i = 0; i < size; i += CipherBlock)
                BinaryPrimitives.WriteUInt64LittleEndian(counters.AsSpan(i), next++);
            aes.EncryptEcb(counters.AsSpan(0, size), stream, PaddingMode.None);
            ring.Add(piece, stream.AsSpan(0, piece.Length));
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(stream);
        aes.Dispose();
    }
}
