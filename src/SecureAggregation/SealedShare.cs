using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.SecureAggregation;

/// <summary>An opened share, as a vector's bytes, and the salt of its commitment.</summary>
public sealed record OpenedShare(byte[] Salt, byte[] Share)
{
    /// <summary>SHA-256("consilience/share/v1" ‖ salt ‖ share).</summary>
    public byte[] Commitment()
    {
        using var hash = SealedShare.BeginCommitment(Salt);
        hash.AppendData(Share);
        return hash.GetHashAndReset();
    }
}

/// <summary>
/// A share on its way to the recipients. Layout: number of recipients (16 bits), then for each the fingerprint of its key (32 bytes) and the envelope of content key ‖ salt, then the share in segments of
/// 1 MiB under AES-256-GCM with that key, each with its tag; the last may be shorter. A segment's nonce is its number and whether it is the last, so that none is moved, left out or cut off unnoticed (the
/// STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár 2015; the key is used for one share, so that the nonce needs no random part).
/// <b>Guarantee:</b> only a recipient's private key opens it, only in the context it was sealed for, and only whole.
/// </summary>
public static class SealedShare
{
    internal const int SaltSize = 32;
    internal const int KeySize = 32;
    internal const int TagSize = 16;
    internal const int SegmentSize = SealedSums.BlockSize;

    private const int FingerprintSize = 32;
    private const int EnvelopeSize = KeySize + SaltSize + Hpke.Overhead;
    private const int NonceSize = 12;

    private static readonly byte[] EnvelopeInfo = "consilience/share-key/v1"u8.ToArray();

    /// <summary>How many bytes a sealed share of a vector takes; anything else is refused before it is read.</summary>
    public static long SizeOf(Ring ring, int vectorLength, int recipients)
    {
        ArgumentNullException.ThrowIfNull(ring);
        var size = ring.SizeOf(vectorLength);
        return HeaderSize(recipients) + size + (TagSize * ((size + SegmentSize - 1) / SegmentSize));
    }

    public static bool TryOpen(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> context, SealingPrivateKey recipient, [NotNullWhen(true)] out OpenedShare? opened)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        opened = null;
        if (bytes.Length < sizeof(ushort))
            return false;
        int recipients = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        var header = HeaderSize(recipients);
        if (bytes.Length <= header + TagSize)
            return false;
        var fingerprint = recipient.PublicKey.Fingerprint();
        for (var i = 0; i < recipients; i++)
        {
            var entry = bytes.Slice(HeaderSize(i), FingerprintSize + EnvelopeSize);
            if (entry[..FingerprintSize].SequenceEqual(fingerprint) && Hpke.TryOpen(recipient, EnvelopeInfo, context, entry[FingerprintSize..], out var secrets))
                return TryDecrypt(bytes[header..], context, secrets, out opened);
        }

        return false;
    }

    /// <summary>The part before the segments.</summary>
    internal static byte[] Header(IReadOnlyList<SealingPublicKey> recipients, ReadOnlySpan<byte> context, ReadOnlySpan<byte> secrets)
    {
        var header = new byte[HeaderSize(recipients.Count)];
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)recipients.Count);
        for (var i = 0; i < recipients.Count; i++)
        {
            var entry = header.AsSpan(HeaderSize(i), FingerprintSize + EnvelopeSize);
            recipients[i].Fingerprint().CopyTo(entry);
            Hpke.Seal(recipients[i], EnvelopeInfo, context, secrets).CopyTo(entry[FingerprintSize..]);
        }

        return header;
    }

    internal static IncrementalHash BeginCommitment(ReadOnlySpan<byte> salt)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData("consilience/share/v1"u8);
        hash.AppendData(salt);
        return hash;
    }

    internal static byte[] Nonce(uint segment, bool isLast)
    {
        var nonce = new byte[NonceSize];
        BinaryPrimitives.WriteUInt32BigEndian(nonce.AsSpan(NonceSize - 5), segment);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
        return nonce;
    }

    private static int HeaderSize(int recipients) => sizeof(ushort) + (recipients * (FingerprintSize + EnvelopeSize));

    private static bool TryDecrypt(ReadOnlySpan<byte> body, ReadOnlySpan<byte> context, byte[] secrets, [NotNullWhen(true)] out OpenedShare? opened)
    {
        opened = null;
        const int Sealed = SegmentSize + TagSize;
        var segments = (body.Length + Sealed - 1) / Sealed;
        if (secrets.Length != KeySize + SaltSize || body.Length - ((segments - 1) * Sealed) <= TagSize)
            return false;
        var share = new byte[body.Length - (segments * TagSize)];
        try
        {
            using var aead = new AesGcm(secrets.AsSpan(0, KeySize), TagSize);
            for (var i = 0; i < segments; i++)
            {
                var segment = body.Slice(i * Sealed, Math.Min(Sealed, body.Length - (i * Sealed)));
                aead.Decrypt(Nonce((uint)i, i == segments - 1), segment[..^TagSize], segment[^TagSize..], share.AsSpan(i * SegmentSize, segment.Length - TagSize), context);
            }

            opened = new OpenedShare(secrets[KeySize..], share);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            CryptographicOperations.ZeroMemory(share);
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secrets);
        }
    }
}
