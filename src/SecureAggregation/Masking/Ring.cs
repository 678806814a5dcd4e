using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Consilience.SecureAggregation.Masking;

/// <summary>
/// The integers modulo 2ʷ in which vectors are masked and added: w = 64 for analyses, 32 for training. A vector's bytes, as they travel and are digested, are its little-endian words and nothing around
/// them. No branch and no index depends on a value.
/// </summary>
public sealed class Ring
{
    /// <summary>Modulo 2³².</summary>
    public static readonly Ring Bits32 = new(32);

    /// <summary>Modulo 2⁶⁴.</summary>
    public static readonly Ring Bits64 = new(64);

    private Ring(int wordBits) => WordBits = wordBits;

    /// <summary>w.</summary>
    public int WordBits { get; }

    /// <summary>Bytes of one word.</summary>
    public int WordSize => WordBits / 8;

    /// <exception cref="ArgumentOutOfRangeException">Neither 32 nor 64.</exception>
    public static Ring Of(int wordBits) => wordBits switch
    {
        32 => Bits32,
        64 => Bits64,
        _ => throw new ArgumentOutOfRangeException(nameof(wordBits), wordBits, "words: expected 32 or 64 bits"),
    };

    /// <summary>Bytes of a vector of so many words.</summary>
    public long SizeOf(long length) => length * WordSize;

    /// <summary>total += addend. Both are vectors of one length.</summary>
    public void Add(Span<byte> total, ReadOnlySpan<byte> addend)
    {
        Check(total, addend);
        if (WordBits == 32)
            Combine<uint>(total, addend, subtract: false);
        else
            Combine<ulong>(total, addend, subtract: false);
    }

    /// <summary>total −= subtrahend. Both are vectors of one length.</summary>
    public void Subtract(Span<byte> total, ReadOnlySpan<byte> subtrahend)
    {
        Check(total, subtrahend);
        if (WordBits == 32)
            Combine<uint>(total, subtrahend, subtract: true);
        else
            Combine<ulong>(total, subtrahend, subtract: true);
    }

    /// <summary>The values modulo 2ʷ.</summary>
    public byte[] ToBytes(ReadOnlySpan<long> values)
    {
        var bytes = new byte[SizeOf(values.Length)];
        Write(values, bytes);
        return bytes;
    }

    /// <summary>The values modulo 2ʷ, into as many words.</summary>
    public void Write(ReadOnlySpan<long> values, Span<byte> words)
    {
        if (words.Length != SizeOf(values.Length))
            throw new ArgumentException("not as many words as values", nameof(words));
        for (var i = 0; i < values.Length; i++)
        {
            if (WordBits == 32)
                BinaryPrimitives.WriteInt32LittleEndian(words[(i * sizeof(int))..], unchecked((int)values[i]));
            else
                BinaryPrimitives.WriteInt64LittleEndian(words[(i * sizeof(long))..], values[i]);
        }
    }

    /// <summary>The words as signed integers, the one of least magnitude in each class.</summary>
    public void Read(ReadOnlySpan<byte> words, Span<long> values)
    {
        if (words.Length != SizeOf(values.Length))
            throw new ArgumentException("not as many words as values", nameof(words));
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = WordBits == 32
                ? BinaryPrimitives.ReadInt32LittleEndian(words[(i * sizeof(int))..])
                : BinaryPrimitives.ReadInt64LittleEndian(words[(i * sizeof(long))..]);
        }
    }

    public override string ToString() => $"integers modulo 2^{WordBits}";

    private void Check(Span<byte> total, ReadOnlySpan<byte> other)
    {
        if (total.Length != other.Length || total.Length % WordSize != 0)
            throw new ArgumentException($"two vectors of one length, in words of {WordSize} bytes, were expected", nameof(other));
    }

    private static void Combine<T>(Span<byte> total, ReadOnlySpan<byte> other, bool subtract)
        where T : unmanaged, IBinaryInteger<T>, IUnsignedNumber<T>
    {
        var i = 0;
        if (BitConverter.IsLittleEndian)
        {
            for (; i <= total.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            {
                var (left, right) = (new Vector<byte>(total[i..]).As<byte, T>(), new Vector<byte>(other[i..]).As<byte, T>());
                (subtract ? left - right : left + right).As<T, byte>().CopyTo(total[i..]);
            }
        }

        var size = Marshal.SizeOf<T>();
        for (; i < total.Length; i += size)
        {
            var (left, right) = (T.ReadLittleEndian(total[i..(i + size)], isUnsigned: true), T.ReadLittleEndian(other[i..(i + size)], isUnsigned: true));
            unchecked(subtract ? left - right : left + right).WriteLittleEndian(total[i..]);
        }
    }
}
