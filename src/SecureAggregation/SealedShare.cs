using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Consilience.Arithmetic;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.SecureAggregation;

/// <summary>An opened share and the salt of its commitment.</summary>
public sealed record OpenedShare(byte[] Salt, ulong[] Share)
{
    /// <summary>SHA-256("consilience/share/v1" ‖ salt ‖ share).</summary>
    public byte[] Commitment() => SealedShare.Commit(Salt, VectorBytes.From(Share));
}

/// <summary>
/// A share on its way to the recipients. Layout: number of recipients (16 bits), then for each the fingerprint of its key (32 bytes) and the envelope of the content key,
/// then salt ‖ share under AES-256-GCM with that key. <b>Guarantee:</b> only a recipient's private key opens it, only in the context it was sealed for.
/// </summary>
public static class SealedShare
{
    private const int SaltSize = 32;
    private const int KeySize = 32;
    private const int TagSize = 16;
    private const int FingerprintSize = 32;
    private const int EnvelopeSize = KeySize + Hpke.Overhead;

    private static readonly byte[] EnvelopeInfo = "consilience/share-key/v1"u8.ToArray();
    private static readonly byte[] Nonce = new byte[12];

    /// <param name="share">The share.</param>
    /// <param name="context">Bytes that name run, round, request, roll and key holder.</param>
    /// <param name="recipients">1 to 64 keys.</param>
    /// <param name="random">The operating system's randomness.</param>
    public static (byte[] Sealed, byte[] Commitment) Seal(
        ReadOnlySpan<ulong> share, ReadOnlySpan<byte> context, IReadOnlyList<SealingPublicKey> recipients, RandomBytes random)
    {
        ArgumentNullException.ThrowIfNull(recipients);
        if (recipients.Count is < 1 or > 64)
            throw new ArgumentException("recipients: expected 1 to 64", nameof(recipients));
        using var key = SecretBytes.FromRandom(KeySize, random);
        using var salt = SecretBytes.FromRandom(SaltSize, random);
        var vector = VectorBytes.From(share);
        byte[] plaintext = [.. salt.Span, .. vector];

        var header = HeaderSize(recipients.Count);
        var output = new byte[header + plaintext.Length + TagSize];
        BinaryPrimitives.WriteUInt16BigEndian(output, (ushort)recipients.Count);
        for (var i = 0; i < recipients.Count; i++)
        {
            var entry = output.AsSpan(HeaderSize(i), FingerprintSize + EnvelopeSize);
            recipients[i].Fingerprint().CopyTo(entry);
            Hpke.Seal(recipients[i], EnvelopeInfo, context, key.Span).CopyTo(entry[FingerprintSize..]);
        }

        // The key is fresh and used for this one message, so the nonce may be constant.
        using (var aead = new AesGcm(key.Span, TagSize))
        {
            aead.Encrypt(Nonce, plaintext, output.AsSpan(header, plaintext.Length), output.AsSpan(output.Length - TagSize), context);
        }

        var commitment = Commit(salt.Span, vector);
        CryptographicOperations.ZeroMemory(plaintext);
        CryptographicOperations.ZeroMemory(vector);
        return (output, commitment);
    }

    /// <summary>How many bytes a sealed share of a vector takes; anything else is refused before it is read.</summary>
    public static long SizeOf(int vectorLength, int recipients) => HeaderSize(recipients) + SaltSize + ((long)vectorLength * sizeof(ulong)) + TagSize;

    public static bool TryOpen(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> context, SealingPrivateKey recipient, [NotNullWhen(true)] out OpenedShare? opened)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        opened = null;
        if (bytes.Length < 2)
            return false;
        int recipients = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        var header = HeaderSize(recipients);
        if (bytes.Length < header + SaltSize + TagSize || (bytes.Length - header - SaltSize - TagSize) % sizeof(ulong) != 0)
            return false;
        var fingerprint = recipient.PublicKey.Fingerprint();
        for (var i = 0; i < recipients; i++)
        {
            var entry = bytes.Slice(HeaderSize(i), FingerprintSize + EnvelopeSize);
            if (entry[..FingerprintSize].SequenceEqual(fingerprint)
                && Hpke.TryOpen(recipient, EnvelopeInfo, context, entry[FingerprintSize..], out var key))
                return TryDecrypt(bytes[header..], context, key, out opened);
        }

        return false;
    }

    internal static byte[] Commit(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> vector)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("consilience/share/v1"u8);
        hash.AppendData(salt);
        hash.AppendData(vector);
        return hash.GetHashAndReset();
    }

    private static int HeaderSize(int recipients) => sizeof(ushort) + (recipients * (FingerprintSize + EnvelopeSize));

    private static bool TryDecrypt(ReadOnlySpan<byte> body, ReadOnlySpan<byte> context, byte[] key, [NotNullWhen(true)] out OpenedShare? opened)
    {
        opened = null;
        var plaintext = new byte[body.Length - TagSize];
        try
        {
            using var aead = new AesGcm(key, TagSize);
            aead.Decrypt(Nonce, body[..^TagSize], body[^TagSize..], plaintext, context);
            opened = new OpenedShare(plaintext[..SaltSize], VectorBytes.ToWords(plaintext.AsSpan(SaltSize)));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }
}
