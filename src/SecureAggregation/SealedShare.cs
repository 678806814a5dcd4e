using System.Buffers.Binary;
using System.Security.Cryptography;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.SecureAggregation;

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

    /// <summary>Opens a sealed share segment by segment.</summary>
    /// <param name="bytes">The sealed share, from where the stream stands to its end; its length is known.</param>
    /// <param name="context">That it was sealed for.</param>
    /// <param name="recipient">Whose key is tried.</param>
    /// <param name="share">Takes the share's blocks, in order; a block is good until it returns. None of them counts unless the last was opened too.</param>
    /// <returns>The salt of the share's commitment; null where it is not sealed to this key in this context, or is not whole.</returns>
    public static byte[]? Open(Stream bytes, ReadOnlySpan<byte> context, SealingPrivateKey recipient, Action<ReadOnlySpan<byte>> share)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(recipient);
        ArgumentNullException.ThrowIfNull(share);
        var count = new byte[sizeof(ushort)];
        if (bytes.ReadAtLeast(count, count.Length, throwOnEndOfStream: false) < count.Length)
            return null;
        var entries = new byte[HeaderSize(BinaryPrimitives.ReadUInt16BigEndian(count)) - count.Length];
        if (bytes.ReadAtLeast(entries, entries.Length, throwOnEndOfStream: false) < entries.Length)
            return null;
        var fingerprint = recipient.PublicKey.Fingerprint();
        for (var at = 0; at < entries.Length; at += FingerprintSize + EnvelopeSize)
        {
            var entry = entries.AsSpan(at, FingerprintSize + EnvelopeSize);
            if (!entry[..FingerprintSize].SequenceEqual(fingerprint) || !Hpke.TryOpen(recipient, EnvelopeInfo, context, entry[FingerprintSize..], out var secrets))
                continue;
            try
            {
                return secrets.Length == KeySize + SaltSize && TryDecrypt(bytes, context, secrets.AsSpan(0, KeySize), share) ? secrets[KeySize..] : null;
            }
            finally
            {
                CryptographicOperations.ZeroMemory(secrets);
            }
        }

        return null;
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

    private static bool TryDecrypt(Stream body, ReadOnlySpan<byte> context, ReadOnlySpan<byte> key, Action<ReadOnlySpan<byte>> share)
    {
        using var aead = new AesGcm(key, TagSize);
        var (segment, block) = (new byte[SegmentSize + TagSize], new byte[SegmentSize]);
        var left = body.Length - body.Position;
        try
        {
            for (uint number = 0; left > 0 || number == 0; number++)
            {
                var read = segment.AsSpan(0, (int)Math.Min(segment.Length, left));
                if (read.Length <= TagSize)
                    return false;
                body.ReadExactly(read);
                left -= read.Length;
                var opened = block.AsSpan(0, read.Length - TagSize);
                aead.Decrypt(Nonce(number, isLast: left == 0), read[..^TagSize], read[^TagSize..], opened, context);
                share(opened);
            }

            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(block);
        }
    }
}
