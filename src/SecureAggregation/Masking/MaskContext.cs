using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Consilience.SecureAggregation.Masking;

/// <summary>
/// What a mask belongs to. It enters the derivation of the seed and of the mask, and is the associated data of the seed's envelope: a seed made for one context is
/// noise in any other.
/// </summary>
/// <param name="Run">16 bytes.</param>
/// <param name="Request">The 32-byte request digest.</param>
/// <param name="Ring">The ring of the vector's words: a mask of one ring is noise in the other.</param>
public sealed record MaskContext(ReadOnlyMemory<byte> Run, int Round, string Site, string KeyHolder, ReadOnlyMemory<byte> Request, int VectorLength, Ring Ring)
{
    /// <summary>Every field behind its 32-bit length, so that no two contexts share an encoding.</summary>
    public byte[] Encode()
    {
        using var stream = new MemoryStream();
        Append(stream, "consilience/mask/v1"u8);
        Append(stream, Run.Span);
        Append(stream, Round);
        Append(stream, "site"u8);
        Append(stream, Encoding.UTF8.GetBytes(Site));
        Append(stream, "key-holder"u8);
        Append(stream, Encoding.UTF8.GetBytes(KeyHolder));
        Append(stream, Request.Span);
        Append(stream, VectorLength);
        Append(stream, Ring.WordBits);
        return stream.ToArray();
    }

    private static void Append(MemoryStream stream, ReadOnlySpan<byte> field)
    {
        Append(stream, field.Length);
        stream.Write(field);
    }

    private static void Append(MemoryStream stream, int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        stream.Write(bytes);
    }

    internal void Derive(ReadOnlySpan<byte> material, ReadOnlySpan<byte> purpose, Span<byte> output) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, material, output, [], [.. purpose, .. Encode()]);
}
