using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Consilience.SecureAggregation.Masking;

/// <summary>
/// The mask of a seed: AES-256 in counter mode, read as little-endian 64-bit words. Block i is the encryption of the 128-bit little-endian integer i under a key
/// derived from seed and context. No branch and no index depends on a secret.
/// </summary>
internal static class Mask
{
    private const int BlockSize = 16;
    private const int BlocksAtOnce = 4096;

    /// <summary>vector += mask (mod 2⁶⁴).</summary>
    internal static void AddTo(Span<ulong> vector, MaskSeed seed, MaskContext context)
    {
        var key = new byte[32];
        context.Derive(seed.Bytes, "consilience/mask-key/v1"u8, key);
        using var aes = Aes.Create();
        aes.SetKey(key);
        CryptographicOperations.ZeroMemory(key);

        var counters = new ulong[2 * BlocksAtOnce];
        var stream = new ulong[2 * BlocksAtOnce];
        ulong block = 0;
        for (var start = 0; start < vector.Length; start += stream.Length)
        {
            var words = Math.Min(stream.Length, vector.Length - start);
            for (var i = 0; i < BlocksAtOnce; i++)
                counters[2 * i] = LittleEndian(block++);
            var size = (words + 1) / 2 * BlockSize;
            aes.EncryptEcb(MemoryMarshal.AsBytes(counters.AsSpan())[..size], MemoryMarshal.AsBytes(stream.AsSpan()), PaddingMode.None);
            Add(vector.Slice(start, words), stream.AsSpan(0, words));
        }

        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(stream.AsSpan()));
    }

    private static void Add(Span<ulong> vector, ReadOnlySpan<ulong> mask)
    {
        if (!BitConverter.IsLittleEndian)
        {
            for (var i = 0; i < vector.Length; i++)
                vector[i] = unchecked(vector[i] + LittleEndian(mask[i]));
            return;
        }

        Words.AddTo(vector, mask);
    }

    private static ulong LittleEndian(ulong word) =>
        BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
}

/// <summary>Element-wise arithmetic modulo 2⁶⁴.</summary>
internal static class Words
{
    internal static void AddTo(Span<ulong> total, ReadOnlySpan<ulong> addend)
    {
        var i = 0;
        var wide = Vector<ulong>.Count;
        for (; i <= addend.Length - wide; i += wide)
            (new Vector<ulong>(total[i..]) + new Vector<ulong>(addend[i..])).CopyTo(total[i..]);
        for (; i < addend.Length; i++)
            total[i] = unchecked(total[i] + addend[i]);
    }

    internal static void SubtractFrom(Span<ulong> total, ReadOnlySpan<ulong> subtrahend)
    {
        var i = 0;
        var wide = Vector<ulong>.Count;
        for (; i <= subtrahend.Length - wide; i += wide)
            (new Vector<ulong>(total[i..]) - new Vector<ulong>(subtrahend[i..])).CopyTo(total[i..]);
        for (; i < subtrahend.Length; i++)
            total[i] = unchecked(total[i] - subtrahend[i]);
    }
}
