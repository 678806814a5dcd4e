using System.Security.Cryptography;

namespace Consilience.Protocol.Identity;

/// <summary>An ECDSA P-256 private key. Never printed.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly ECDsa key;

    private SigningKey(ECDsa key)
    {
        this.key = key;
        Public = VerificationKey.FromBytes(key.ExportSubjectPublicKeyInfo())
            ?? throw new CryptographicException("signing key: expected an ECDSA key on P-256");
    }

    public VerificationKey Public { get; }

    public static SigningKey Generate() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <exception cref="CryptographicException">The text is not a private key on P-256.</exception>
    public static SigningKey FromPem(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);

            // A public key is imported without complaint, and would only fail when something is to be signed.
            CryptographicOperations.ZeroMemory(key.ExportParameters(includePrivateParameters: true).D);
            return new SigningKey(key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new CryptographicException("signing key: not a PEM file with an ECDSA private key on P-256");
        }
    }

    public string ToPem() => key.ExportPkcs8PrivateKeyPem();

    /// <summary>64 bytes, r ‖ s.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message) => key.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);

    public void Dispose() => key.Dispose();

    public override string ToString() => $"signing private key of {Public}";

    internal System.Security.Cryptography.X509Certificates.X509SignatureGenerator CertificateSigner() =>
        System.Security.Cryptography.X509Certificates.X509SignatureGenerator.CreateForECDsa(key);
}

/// <summary>An ECDSA P-256 public key.</summary>
public sealed class VerificationKey : IEquatable<VerificationKey>
{
    private const int SpkiSize = 91;

    /// <summary>How the one encoding begins: id-ecPublicKey, prime256v1, an uncompressed point (RFC 5480). Checked first, because platforms disagree on how they refuse other curves.</summary>
    private static readonly byte[] P256 = Convert.FromHexString("3059301306072A8648CE3D020106082A8648CE3D03010703420004");

    private readonly byte[] spki;
    private readonly Lock gate = new();

    /// <summary>Imported once: the check that the point lies on the curve costs several times a verification.</summary>
    private readonly Lazy<ECDsa> imported;

    private VerificationKey(byte[] spki)
    {
        this.spki = spki;
        imported = new Lazy<ECDsa>(Import);
    }

    /// <summary>SHA-256 of the key: the <c>keyid</c> in envelopes.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(spki));

    /// <summary>The SubjectPublicKeyInfo, DER.</summary>
    public ReadOnlySpan<byte> Bytes => spki;

    /// <summary>Null unless <paramref name="bytes"/> is exactly the SubjectPublicKeyInfo of an ECDSA key on P-256.</summary>
    public static VerificationKey? FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != SpkiSize || !bytes.StartsWith(P256))
            return null;
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(bytes, out var read);
            return read == bytes.Length && key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(bytes) ? new VerificationKey(bytes.ToArray()) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature, DSASignatureFormat format = DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
    {
        try
        {
            lock (gate)
                return imported.Value.VerifyData(message, signature, HashAlgorithmName.SHA256, format);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public bool Equals(VerificationKey? other) => other is not null && spki.AsSpan().SequenceEqual(other.spki);

    public override bool Equals(object? obj) => Equals(obj as VerificationKey);

    public override int GetHashCode() => BitConverter.ToInt32(spki, SpkiSize - 4);

    public override string ToString() => $"key {Id[..12]}";

    private ECDsa Import()
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(spki, out _);
        return key;
    }
}
