using System.Numerics;
using System.Security.Cryptography;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Tests.World;

namespace Consilience.Protocol.Tests.Identity;

/// <summary>What a signature says, and of what: type, payload and key are all bound.</summary>
public sealed class EnvelopesAreVerifiedFirst
{
    private const string Type = "application/vnd.consilience.test+json";
    private static readonly byte[] Payload = "{\"amount\":1}".Bytes();

    private readonly SigningKey alice = SigningKey.Generate();
    private readonly SigningKey mallory = SigningKey.Generate();

    /// <summary>Opens an envelope, as the product or a twin does.</summary>
    private delegate bool Opener(byte[] envelope, string type, VerificationKey key);

    private static bool Product(byte[] envelope, string type, VerificationKey key) =>
        DsseEnvelope.TryParse(envelope, out var parsed) && parsed.Verify(type, key) is not null;

    /// <summary>Broken: signs and checks the payload alone, so the type can be exchanged.</summary>
    private static bool ForgetsTheType(byte[] envelope, string type, VerificationKey key)
    {
        using var json = System.Text.Json.JsonDocument.Parse(envelope);
        var payload = json.RootElement.GetProperty("payload").GetBytesFromBase64();
        var signature = json.RootElement.GetProperty("signatures")[0].GetProperty("sig").GetBytesFromBase64();
        return json.RootElement.GetProperty("payloadType").GetString() == type && key.Verify(payload, signature);
    }

    /// <summary>Broken: takes the key id's word for who signed.</summary>
    private static bool TrustsTheKeyId(byte[] envelope, string type, VerificationKey key)
    {
        using var json = System.Text.Json.JsonDocument.Parse(envelope);
        return json.RootElement.GetProperty("payloadType").GetString() == type
            && json.RootElement.GetProperty("signatures")[0].GetProperty("keyid").GetString() == key.Id;
    }

    [Fact]
    public void The_signature_of_the_DSSE_specification_verifies()
    {
        // secure-systems-lab/dsse, protocol.md, test vectors: ECDSA P-256 with SHA-256, raw r and s.
        var x = BigInteger.Parse("46950820868899156662930047687818585632848591499744589407958293238635476079160");
        var y = BigInteger.Parse("5640078356564379163099075877009565129882514886557779369047442380624545832820");
        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = x.ToByteArray(isUnsigned: true, isBigEndian: true), Y = y.ToByteArray(isUnsigned: true, isBigEndian: true) },
        });
        var key = VerificationKey.FromBytes(ecdsa.ExportSubjectPublicKeyInfo())!;
        var signature = Convert.FromBase64String("A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==");
        Assert.True(Product(EnvelopeText.Of("http://example.com/HelloWorld", "hello world".Bytes(), (key, signature)), "http://example.com/HelloWorld", key));
    }

    [Fact]
    public void What_is_signed_is_the_pre_authentication_encoding()
    {
        Assert.Equal("DSSEv1 29 http://example.com/HelloWorld 11 hello world".Bytes(), EnvelopeText.PreAuthenticationEncoding("http://example.com/HelloWorld", "hello world".Bytes()));
        var byHand = EnvelopeText.Of(Type, Payload, (alice.Public, alice.Sign(EnvelopeText.PreAuthenticationEncoding(Type, Payload))));
        Assert.True(Product(byHand, Type, alice.Public));
        Assert.True(Product(DsseEnvelope.Sign(Type, Payload, alice).ToBytes(), Type, alice.Public));
    }

    [Fact]
    public void A_payload_signed_as_one_type_is_refused_as_another()
    {
        var other = "application/vnd.consilience.other+json";
        var retyped = EnvelopeText.Of(other, Payload, (alice.Public, alice.Sign(EnvelopeText.PreAuthenticationEncoding(Type, Payload))));
        var retypedForTwin = EnvelopeText.Of(other, Payload, (alice.Public, alice.Sign(Payload)));
        Assert.False(IsFooled(Product, retyped, other));
        Assert.True(IsFooled(ForgetsTheType, retypedForTwin, other));
        Assert.False(Product(DsseEnvelope.Sign(Type, Payload, alice).ToBytes(), other, alice.Public));
    }

    [Fact]
    public void Lengths_keep_type_and_payload_apart()
    {
        // Moves a byte from the payload to the type: without lengths both would be signed as the same bytes.
        var signature = alice.Sign(EnvelopeText.PreAuthenticationEncoding("a", " 3 bcd".Bytes()));
        Assert.False(Product(EnvelopeText.Of("a ", "3 bcd".Bytes(), (alice.Public, signature)), "a ", alice.Public));
    }

    [Fact]
    public void A_signature_under_anothers_key_id_is_refused()
    {
        var forged = EnvelopeText.Of(Type, Payload, (alice.Public, mallory.Sign(EnvelopeText.PreAuthenticationEncoding(Type, Payload))));
        Assert.False(IsFooled(Product, forged, Type));
        Assert.True(IsFooled(TrustsTheKeyId, forged, Type));
    }

    [Fact]
    public void A_genuine_signature_does_not_carry_another_payload()
    {
        var signature = alice.Sign(EnvelopeText.PreAuthenticationEncoding(Type, Payload));
        for (var position = 0; position < Payload.Length; position++)
        {
            var changed = (byte[])Payload.Clone();
            changed[position] ^= 1;
            Assert.False(Product(EnvelopeText.Of(Type, changed, (alice.Public, signature)), Type, alice.Public));
        }

        Assert.False(Product(EnvelopeText.Of(Type, [.. Payload, (byte)' '], (alice.Public, signature)), Type, alice.Public));
        Assert.False(Product(EnvelopeText.Of(Type, Payload[..^1], (alice.Public, signature)), Type, alice.Public));
    }

    [Fact]
    public void Every_signer_is_found_among_several_and_nobody_else()
    {
        var bob = SigningKey.Generate();
        var envelope = DsseEnvelope.Sign(Type, Payload, alice).WithSignature(bob).WithSignature(bob);
        Assert.True(DsseEnvelope.TryParse(envelope.ToBytes(), out var parsed));
        Assert.True(parsed.IsSignedBy(alice.Public));
        Assert.True(parsed.IsSignedBy(bob.Public));
        Assert.False(parsed.IsSignedBy(mallory.Public));
        Assert.Null(parsed.Verify(Type, mallory.Public));
        Assert.Equal(2, System.Text.Json.JsonDocument.Parse(envelope.ToBytes()).RootElement.GetProperty("signatures").GetArrayLength());
    }

    [Fact]
    public void A_forged_signature_before_the_genuine_one_does_not_hide_it()
    {
        var genuine = alice.Sign(EnvelopeText.PreAuthenticationEncoding(Type, Payload));
        Assert.True(Product(EnvelopeText.Of(Type, Payload, (alice.Public, new byte[64]), (alice.Public, genuine)), Type, alice.Public));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(64)]
    public void Signatures_that_are_none_are_refused(int length) =>
        Assert.False(Product(EnvelopeText.Of(Type, Payload, (alice.Public, new byte[length])), Type, alice.Public));

    [Fact]
    public void A_statement_of_one_kind_does_not_open_as_another()
    {
        var network = Network.Shared;
        var decision = network.Decision(network.Proposal, network.Aster.Id, NodeRole.Site);
        Assert.True(Signed<DecisionStatement>.TryOpen(decision, network.Aster.Signing.Public, out _));
        Assert.False(Signed<RollStatement>.TryOpen(decision, network.Aster.Signing.Public, out _));
        Assert.Null(Signed<RollStatement>.PeekUnverified(decision));
    }

    [Fact]
    public void A_statement_is_named_by_the_digest_of_the_bytes_that_were_signed()
    {
        var envelope = DsseEnvelope.Sign(Type, Payload, alice);
        Assert.Equal(Digest.FromHash(SHA256.HashData(Payload)), envelope.PayloadDigest);
        Assert.Equal(envelope.PayloadDigest, envelope.WithSignature(mallory).PayloadDigest);
    }

    private bool IsFooled(Opener opener, byte[] envelope, string type) => opener(envelope, type, alice.Public);
}
