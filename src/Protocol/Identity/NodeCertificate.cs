using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Consilience.Arithmetic;

namespace Consilience.Protocol.Identity;

/// <summary>
/// TLS certificates bound to organisations: the subject alternative name is <c>consilience://organisation/role/name</c>, the signature is by the organisation's signing key as
/// the consortium lists it. No other authority is trusted, and the TLS key is a key of its own.
/// </summary>
public static class NodeCertificate
{
    private const string Scheme = "consilience://";
    private const string SubjectAlternativeName = "2.5.29.17";
    private const string EcdsaWithSha256 = "1.2.840.10045.4.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>A certificate over a fresh key, signed by <paramref name="organisation"/>'s signing key.</summary>
    public static X509Certificate2 Issue(NodeIdentity identity, SigningKey organisation, DateTimeOffset now, TimeSpan lifetime, RandomBytes random)
    {
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(organisation);
        ArgumentNullException.ThrowIfNull(random);
        if (!OrganisationId.TryParse(identity.Name, null, out _))
            throw new ArgumentException("a node's name has the form of an organisation id", nameof(identity));
        using var tlsKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={identity.Name}, O={identity.Organisation}", tlsKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"{Scheme}{identity.Organisation}/{NodeIdentity.RoleText(identity.Role)}/{identity.Name}"));
        request.CertificateExtensions.Add(names.Build());
        var serial = new byte[16];
        random.Fill(serial);
        serial[0] &= 0x7f;
        using var certificate = request.Create(
            new X500DistinguishedName($"O={identity.Organisation}"), organisation.CertificateSigner(), now.AddMinutes(-5), now + lifetime, serial);
        using var withKey = certificate.CopyWithPrivateKey(tlsKey);

        // Through PKCS 12, because some TLS stacks refuse a key that never was in a store.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), password: null);
    }

    /// <summary>Who the certificate proves its holder to be, or why it proves nothing.</summary>
    public static bool TryValidate(
        X509Certificate2 certificate, Consortium consortium, DateTimeOffset now, [NotNullWhen(true)] out NodeIdentity? identity, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(consortium);
        identity = null;
        reason = null;
        var claimed = Read(certificate);
        if (claimed is null)
            reason = $"names no node (expected one name {Scheme}organisation/role/name)";
        else if (consortium.Find(claimed.Organisation) is not { } member)
            reason = $"{claimed.Organisation} is not a member of {consortium.Name}";
        else if (claimed.Role != NodeRole.Researcher && !member.Roles.Contains(claimed.Role))
            reason = $"{claimed.Organisation} has no {NodeIdentity.RoleText(claimed.Role)} in {consortium.Name}";
        else if (!IsSignedBy(certificate, member.SigningKey))
            reason = $"not signed by {claimed.Organisation}";
        else if (now.UtcDateTime < certificate.NotBefore.ToUniversalTime() || now.UtcDateTime > certificate.NotAfter.ToUniversalTime())
            reason = $"valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}, not now";
        else if (!HasBothUsages(certificate))
            reason = "not made for both ends of a connection";
        else
            identity = claimed;
        return identity is not null;
    }

    private static NodeIdentity? Read(X509Certificate2 certificate)
    {
        if (certificate.Extensions[SubjectAlternativeName] is not { } extension)
            return null;
        try
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            var text = names.ReadCharacterString(UniversalTagNumber.IA5String, new Asn1Tag(TagClass.ContextSpecific, 6));
            var parts = text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..].Split('/') : [];
            return !names.HasData && parts.Length == 3
                && OrganisationId.TryParse(parts[0], null, out var organisation)
                && NodeIdentity.ParseRole(parts[1]) is { } role
                && OrganisationId.TryParse(parts[2], null, out _)
                && (role == NodeRole.Researcher || parts[2] == parts[0])
                    ? new NodeIdentity(organisation, role, parts[2])
                    : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    private static bool IsSignedBy(X509Certificate2 certificate, VerificationKey key)
    {
        try
        {
            var outer = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
            var signedPart = outer.ReadEncodedValue();
            var algorithm = outer.ReadSequence().ReadObjectIdentifier();
            var signature = outer.ReadBitString(out var unused);
            return !outer.HasData && unused == 0 && algorithm == EcdsaWithSha256 && key.Verify(signedPart.Span, signature, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private static bool HasBothUsages(X509Certificate2 certificate)
    {
        var usages = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(e => e.EnhancedKeyUsages.Cast<Oid>()).Select(o => o.Value).ToHashSet();
        return usages.Contains(ServerAuthentication) && usages.Contains(ClientAuthentication);
    }
}
