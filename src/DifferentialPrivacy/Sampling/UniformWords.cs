using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Sampling;

/// <summary>
/// Uniform integers from a stream of random bytes. An integer below n of bit length b takes ⌈b/32⌉ little-endian 32-bit words, the last one shifted right
/// to leave b bits, and is drawn again while it is n or more. Both paths below take the same words, so they agree draw for draw.
/// Bytes are fetched a buffer at a time; disposal wipes what was fetched.
/// </summary>
internal sealed class UniformWords : IDisposable
{
    private const int BufferLength = 8192;

    private readonly RandomBytes random;

    // Pinned, so that the collector leaves no copy of the randomness behind.
    private readonly byte[] buffer = GC.AllocateArray<byte>(BufferLength, pinned: true);
    private int position = BufferLength;

    internal UniformWords(RandomBytes random)
    {
        ArgumentNullException.ThrowIfNull(random);
        this.random = random;
    }

    internal uint Next()
    {
        if (position == BufferLength)
        {
            random.Fill(buffer);
            position = 0;
        }

        var word = BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(position));
        position += sizeof(uint);
        return word;
    }

    /// <summary>Two words, the low one first.</summary>
    internal ulong NextPair()
    {
        if (position > BufferLength - sizeof(ulong))
            return Next() | ((ulong)Next() << 32);
        var pair = BinaryPrimitives.ReadUInt64LittleEndian(buffer.AsSpan(position));
        position += sizeof(ulong);
        return pair;
    }

    /// <param name="n">At least 1.</param>
    internal ulong Below(ulong n)
    {
        var excess = BitOperations.LeadingZeroCount(n);
        while (true)
        {
            ulong draw = excess >= 32 ? Next() >> (excess - 32) : Next() | ((ulong)(Next() >> excess) << 32);
            if (draw < n)
                return draw;
        }
    }

    /// <param name="n">At least 1.</param>
    internal BigInteger Below(BigInteger n)
    {
        var bits = (int)n.GetBitLength();
        var words = new byte[(bits + 31) / 32 * sizeof(uint)];
        while (true)
        {
            for (var offset = 0; offset < words.Length; offset += sizeof(uint))
            {
                var excess = offset + sizeof(uint) == words.Length ? (32 - (bits % 32)) % 32 : 0;
                BinaryPrimitives.WriteUInt32LittleEndian(words.AsSpan(offset), Next() >> excess);
            }

            var draw = new BigInteger(words, isUnsigned: true);
            if (draw < n)
                return draw;
        }
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(buffer);
}
