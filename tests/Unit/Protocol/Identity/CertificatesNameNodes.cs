using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Consilience.Arithmetic;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Tests.World;

namespace Consilience.Protocol.Tests.Identity;

/// <summary>A certificate proves an organisation, a role and a name, by that organisation's signature and nobody else's.</summary>
public sealed class CertificatesNameNodes
{
    private static readonly Network Made = Network.Shared;

    private static NodeIdentity SiteOf(Organisation organisation) => new(organisation.Id, NodeRole.Site, organisation.Name);

    private static X509Certificate2 Issue(NodeIdentity identity, Organisation issuer) =>
        NodeCertificate.Issue(identity, issuer.Signing, Network.Now, TimeSpan.FromDays(7), RandomBytes.OperatingSystem);

    private static string? Refusal(X509Certificate2 certificate, DateTimeOffset? now = null) =>
        NodeCertificate.TryValidate(certificate, Made.Consortium, now ?? Network.Now, out _, out var reason) ? null : reason;

    /// <summary>Broken: believes the name in a certificate that any member signed.</summary>
    private static bool BelievesAnyMember(X509Certificate2 certificate, Organisation signer) =>
        Made.Consortium.Find(signer.Id) is not null && certificate.Extensions["2.5.29.17"] is not null;

    /// <summary>Broken: checks issuer and organisation and leaves the role to the holder.</summary>
    private static bool ForgetsTheRole(X509Certificate2 certificate, Organisation organisation) =>
        organisation.Signing.Public.Bytes.Length > 0 && certificate.Extensions["2.5.29.17"]!.Format(false).Contains($"consilience://{organisation.Name}/", StringComparison.Ordinal);

    [Fact]
    public void An_organisations_certificate_proves_its_node()
    {
        NodeIdentity[] nodes = [new(Made.Harbour.Id, NodeRole.Hub, "harbour"), SiteOf(Made.Aster), new(Made.Aster.Id, NodeRole.KeyHolder, "aster"), new(Made.Birch.Id, NodeRole.Researcher, "bo")];
        foreach (var node in nodes)
        {
            using var certificate = Issue(node, Made.KeysOf(node.Organisation));
            Assert.True(NodeCertificate.TryValidate(certificate, Made.Consortium, Network.Now, out var proved, out _));
            Assert.Equal(node, proved);
            Assert.True(certificate.HasPrivateKey);
        }
    }

    [Fact]
    public void Another_organisations_signature_proves_nothing()
    {
        using var forged = Issue(SiteOf(Made.Aster), Made.Birch);
        Assert.Equal("not signed by aster", Refusal(forged));
        Assert.True(BelievesAnyMember(forged, Made.Birch));
    }

    [Fact]
    public void A_role_the_consortium_does_not_give_is_refused()
    {
        using var keyHolder = Issue(new(Made.Cedar.Id, NodeRole.KeyHolder, "cedar"), Made.Cedar);
        Assert.Equal("cedar has no key-holder in test", Refusal(keyHolder));
        Assert.True(ForgetsTheRole(keyHolder, Made.Cedar));
        using var hub = Issue(new(Made.Aster.Id, NodeRole.Hub, "aster"), Made.Aster);
        Assert.Equal("aster has no hub in test", Refusal(hub));
    }

    [Fact]
    public void A_stranger_is_refused_however_well_signed()
    {
        using var certificate = Issue(SiteOf(Made.Stranger), Made.Stranger);
        Assert.Equal("stranger is not a member of test", Refusal(certificate));
    }

    [Fact]
    public void A_self_signed_certificate_in_a_members_name_is_refused()
    {
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Request(own, "consilience://aster/site/aster").CreateSelfSigned(Network.Now.AddDays(-1), Network.Now.AddDays(1));
        Assert.Equal("not signed by aster", Refusal(certificate));
    }

    [Fact]
    public void A_certificate_is_good_between_its_dates_only()
    {
        using var certificate = Issue(SiteOf(Made.Aster), Made.Aster);
        Assert.Null(Refusal(certificate, Network.Now.AddDays(6)));
        Assert.Contains("not now", Refusal(certificate, Network.Now.AddDays(7).AddSeconds(2)), StringComparison.Ordinal);
        Assert.Contains("not now", Refusal(certificate, Network.Now.AddMinutes(-6)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://aster/site/aster")]
    [InlineData("consilience://aster/site")]
    [InlineData("consilience://aster/site/aster/more")]
    [InlineData("consilience://aster/site/birch")]
    [InlineData("consilience://aster/owner/aster")]
    [InlineData("consilience://aster/unspecified/aster")]
    [InlineData("consilience://aster/researcher/Ada%20Lovelace")]
    [InlineData("consilience://ASTER/site/ASTER")]
    public void Names_of_another_form_are_refused(string name)
    {
        using var certificate = Sign(Request(name), Made.Aster);
        Assert.StartsWith("names no node", Refusal(certificate), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_with_two_names_is_refused()
    {
        using var certificate = Sign(Request("consilience://aster/site/aster", "consilience://aster/key-holder/aster"), Made.Aster);
        Assert.StartsWith("names no node", Refusal(certificate), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_without_a_name_is_refused()
    {
        using var certificate = Sign(Request(), Made.Aster);
        Assert.StartsWith("names no node", Refusal(certificate), StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_for_one_end_of_a_connection_is_refused()
    {
        var request = Request("consilience://aster/site/aster");
        request.CertificateExtensions.Remove(request.CertificateExtensions.OfType<X509EnhancedKeyUsageExtension>().Single());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: true));
        using var certificate = Sign(request, Made.Aster);
        Assert.Equal("not made for both ends of a connection", Refusal(certificate));
    }

    [Fact]
    public void The_request_that_the_refused_ones_depart_from_is_accepted()
    {
        using var certificate = Sign(Request("consilience://aster/site/aster"), Made.Aster);
        Assert.Null(Refusal(certificate));
    }

    [Fact]
    public void A_changed_certificate_is_refused()
    {
        using var genuine = Issue(SiteOf(Made.Aster), Made.Aster);
        var bytes = genuine.RawData;
        var place = bytes.AsSpan().IndexOf("site/aster".Bytes());
        Assert.True(place > 0);
        "site/birch".Bytes().CopyTo(bytes, place);
        using var changed = X509CertificateLoader.LoadCertificate(bytes);
        Assert.NotNull(Refusal(changed));
    }

    [Fact]
    public void The_key_of_a_certificate_is_not_the_organisations()
    {
        using var certificate = Issue(SiteOf(Made.Aster), Made.Aster);
        using var key = certificate.GetECDsaPublicKey()!;
        Assert.False(key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(Made.Aster.Signing.Public.Bytes));
    }

    [Fact]
    public void A_name_that_is_none_is_not_issued() =>
        Assert.Throws<ArgumentException>(() => Issue(new(Made.Aster.Id, NodeRole.Researcher, "x, O=birch"), Made.Aster));

    private static CertificateRequest Request(params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request(key, names);
    }

    private static CertificateRequest Request(ECDsa key, params string[] names)
    {
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], critical: true));
        if (names.Length > 0)
        {
            var builder = new SubjectAlternativeNameBuilder();
            foreach (var name in names)
                builder.AddUri(new Uri(name, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            request.CertificateExtensions.Add(builder.Build());
        }

        return request;
    }

    private static X509Certificate2 Sign(CertificateRequest request, Organisation issuer)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(issuer.Signing.ToPem());
        return request.Create(new X500DistinguishedName("O=test"), X509SignatureGenerator.CreateForECDsa(key), Network.Now.AddDays(-1), Network.Now.AddDays(1), [1, 2, 3]);
    }
}
