using System.Security.Cryptography;
using Consilience.Arithmetic;

namespace Consilience.SecureAggregation.Sealing;

/// <summary>An X-Wing public key (ML-KEM-768 and X25519): 1,216 bytes that anyone may seal to.</summary>
public sealed class SealingPublicKey : IEquatable<SealingPublicKey>
{
    public const int Size = Sodium.PublicKeySize;

    private readonly byte[] bytes;

    private SealingPublicKey(byte[] bytes) => this.bytes = bytes;

    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Null when the length is wrong. A key that is not a valid point or polynomial is refused when something is sealed to it.</summary>
    public static SealingPublicKey? FromBytes(ReadOnlySpan<byte> bytes) => bytes.Length == Size ? new SealingPublicKey(bytes.ToArray()) : null;

    /// <summary>SHA-256 of the key: what requests bind key holders and recipients to.</summary>
    public byte[] Fingerprint() => SHA256.HashData(bytes);

    public bool Equals(SealingPublicKey? other) => other is not null && bytes.AsSpan().SequenceEqual(other.bytes);

    public override bool Equals(object? obj) => Equals(obj as SealingPublicKey);

    public override int GetHashCode() => BitConverter.ToInt32(bytes, 0);

    public override string ToString() => $"sealing key {Convert.ToHexStringLower(Fingerprint())[..12]}";
}

/// <summary>The 32-byte seed of an X-Wing private key. Never printed; wiped on disposal.</summary>
public sealed class SealingPrivateKey : IDisposable
{
    public const int Size = Sodium.PrivateKeySize;

    private readonly SecretBytes seed;

    private SealingPrivateKey(SecretBytes seed, SealingPublicKey publicKey)
    {
        this.seed = seed;
        PublicKey = publicKey;
    }

    public SealingPublicKey PublicKey { get; }

    public static SealingPrivateKey Generate(RandomBytes random) => FromSeed(SecretBytes.FromRandom(Size, random));

    /// <exception cref="CryptographicException">The bytes are not 32, or no key follows from them.</exception>
    public static SealingPrivateKey Import(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Size
            ? FromSeed(SecretBytes.CopyOf(bytes))
            : throw new CryptographicException($"sealing key: wrong length (expected {Size} bytes, got {bytes.Length})");

    /// <summary>The bytes to store in an owner-only file; the caller wipes its copy.</summary>
    public byte[] Export() => seed.Span.ToArray();

    public void Dispose() => seed.Dispose();

    public override string ToString() => "sealing private key (redacted)";

    internal bool Decapsulate(ReadOnlySpan<byte> ciphertext, Span<byte> sharedSecret) => Sodium.Decapsulate(sharedSecret, ciphertext, seed.Span);

    private static SealingPrivateKey FromSeed(SecretBytes seed)
    {
        var publicKey = new byte[Sodium.PublicKeySize];
        if (!Sodium.DerivePublicKey(publicKey, seed.Span))
            throw new CryptographicException("sealing key: no key follows from these bytes");
        return new SealingPrivateKey(seed, SealingPublicKey.FromBytes(publicKey)!);
    }
}
