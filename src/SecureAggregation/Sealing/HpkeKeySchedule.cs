using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

[assembly: InternalsVisibleTo("Consilience.SecureAggregation.Tests")]

namespace Consilience.SecureAggregation.Sealing;

/// <summary>
/// The key schedule of HPKE in base mode with HKDF-SHA256 (RFC 9180, sections 4 and 5.1). The suite is a parameter so that the RFC's own vectors can be put to it;
/// the product uses one suite (<see cref="Hpke"/>).
/// </summary>
internal sealed class HpkeKeySchedule
{
    private const int NonceSize = 12;

    private readonly byte[] suite;

    internal HpkeKeySchedule(ushort kem, ushort kdf, ushort aead)
    {
        suite = [.. "HPKE"u8, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(suite.AsSpan(4), kem);
        BinaryPrimitives.WriteUInt16BigEndian(suite.AsSpan(6), kdf);
        BinaryPrimitives.WriteUInt16BigEndian(suite.AsSpan(8), aead);
    }

    /// <summary>Key and nonce of the first and only message under a shared secret.</summary>
    internal (byte[] Key, byte[] Nonce) Derive(ReadOnlySpan<byte> sharedSecret, ReadOnlySpan<byte> info, int keySize)
    {
        byte[] context = [0, .. Extract([], "psk_id_hash", []), .. Extract([], "info_hash", info)];
        var secret = Extract(sharedSecret, "secret", []);
        try
        {
            return (Expand(secret, "key", context, keySize), Expand(secret, "base_nonce", context, NonceSize));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private byte[] Extract(ReadOnlySpan<byte> salt, string label, ReadOnlySpan<byte> material)
    {
        byte[] labelled = [.. "HPKE-v1"u8, .. suite, .. Encoding.ASCII.GetBytes(label), .. material];
        var key = new byte[32];
        HKDF.Extract(HashAlgorithmName.SHA256, labelled, salt, key);
        CryptographicOperations.ZeroMemory(labelled);
        return key;
    }

    private byte[] Expand(ReadOnlySpan<byte> key, string label, ReadOnlySpan<byte> info, int length)
    {
        byte[] labelled = [(byte)(length >> 8), (byte)length, .. "HPKE-v1"u8, .. suite, .. Encoding.ASCII.GetBytes(label), .. info];
        var output = new byte[length];
        HKDF.Expand(HashAlgorithmName.SHA256, key, output, labelled);
        return output;
    }
}
