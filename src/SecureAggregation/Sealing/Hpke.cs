using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Consilience.SecureAggregation.Sealing;

/// <summary>
/// Hybrid public key encryption, single message, base mode: X-Wing (0x647a), HKDF-SHA256, AES-256-GCM. <b>Guarantee:</b> an envelope opens only under the private key,
/// the <c>info</c> and the associated data it was sealed for; whatever else arrives is refused without saying which part was wrong.
/// Reference: RFC 9180; draft-connolly-cfrg-xwing-kem.
/// </summary>
public static class Hpke
{
    /// <summary>Bytes an envelope is longer than its plaintext.</summary>
    public const int Overhead = Sodium.CiphertextSize + TagSize;

    private const int TagSize = 16;
    private const int KeySize = 32;

    private static readonly HpkeKeySchedule Schedule = new(kem: 0x647a, kdf: 0x0001, aead: 0x0002);

    /// <exception cref="CryptographicException">The public key is not a valid one.</exception>
    public static byte[] Seal(SealingPublicKey recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> plaintext)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        var envelope = new byte[Overhead + plaintext.Length];
        Span<byte> sharedSecret = stackalloc byte[Sodium.SharedSecretSize];
        if (!Sodium.Encapsulate(envelope.AsSpan(0, Sodium.CiphertextSize), sharedSecret, recipient.Bytes))
            throw new CryptographicException("sealing key: not a valid X-Wing public key");
        var (key, nonce) = Schedule.Derive(sharedSecret, info, KeySize);
        sharedSecret.Clear();
        using (var aead = new AesGcm(key, TagSize))
        {
            aead.Encrypt(nonce, plaintext, envelope.AsSpan(Sodium.CiphertextSize, plaintext.Length), envelope.AsSpan(envelope.Length - TagSize), associatedData);
        }

        CryptographicOperations.ZeroMemory(key);
        return envelope;
    }

    public static bool TryOpen(
        SealingPrivateKey recipient, ReadOnlySpan<byte> info, ReadOnlySpan<byte> associatedData, ReadOnlySpan<byte> envelope, [NotNullWhen(true)] out byte[]? plaintext)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        plaintext = null;
        Span<byte> sharedSecret = stackalloc byte[Sodium.SharedSecretSize];
        if (envelope.Length < Overhead || !recipient.Decapsulate(envelope[..Sodium.CiphertextSize], sharedSecret))
            return false;
        var (key, nonce) = Schedule.Derive(sharedSecret, info, KeySize);
        sharedSecret.Clear();
        var opened = new byte[envelope.Length - Overhead];
        try
        {
            using var aead = new AesGcm(key, TagSize);
            aead.Decrypt(nonce, envelope[Sodium.CiphertextSize..^TagSize], envelope[^TagSize..], opened, associatedData);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        plaintext = opened;
        return true;
    }
}
