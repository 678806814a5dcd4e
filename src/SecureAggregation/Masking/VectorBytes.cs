using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Consilience.SecureAggregation.Masking;

/// <summary>Vectors as they travel and are digested: little-endian 64-bit words, nothing around them.</summary>
public static class VectorBytes
{
    public static byte[] From(ReadOnlySpan<ulong> words)
    {
        var bytes = new byte[words.Length * sizeof(ulong)];
        if (BitConverter.IsLittleEndian)
            MemoryMarshal.AsBytes(words).CopyTo(bytes);
        else
            for (var i = 0; i < words.Length; i++)
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * sizeof(ulong)), words[i]);
        return bytes;
    }

    /// <exception cref="ArgumentException">The length is not a multiple of eight.</exception>
    public static ulong[] ToWords(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % sizeof(ulong) != 0)
            throw new ArgumentException("a vector's bytes are a multiple of eight", nameof(bytes));
        var words = new ulong[bytes.Length / sizeof(ulong)];
        for (var i = 0; i < words.Length; i++)
            words[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * sizeof(ulong))..]);
        return words;
    }

    /// <summary>total += the vector in <paramref name="bytes"/> (mod 2⁶⁴). Lengths must agree.</summary>
    public static void AddTo(Span<ulong> total, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != total.Length * sizeof(ulong))
            throw new ArgumentException("the vectors' lengths differ", nameof(bytes));
        for (var i = 0; i < total.Length; i++)
            total[i] = unchecked(total[i] + BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * sizeof(ulong))..]));
    }
}
