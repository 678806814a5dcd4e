using System.Text.Json;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Tests.World;
using CsCheck;

namespace Consilience.Protocol.Tests.Identity;

/// <summary>Envelopes and statements are read in one way only; everything else is refused with a value, never an exception.</summary>
public sealed class EnvelopesAreReadStrictly
{
    public static TheoryData<string, string> Malformed => new()
    {
        { "nothing", "" },
        { "not JSON", "hello" },
        { "null", "null" },
        { "a list", "[]" },
        { "a number", "1" },
        { "an empty object", "{}" },
        { "no payload", """{"payloadType":"t","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "no type", """{"payload":"AAAA","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "no signatures", """{"payloadType":"t","payload":"AAAA"}""" },
        { "an empty list of signatures", """{"payloadType":"t","payload":"AAAA","signatures":[]}""" },
        { "a null signature", """{"payloadType":"t","payload":"AAAA","signatures":[null]}""" },
        { "a null list of signatures", """{"payloadType":"t","payload":"AAAA","signatures":null}""" },
        { "a null payload", """{"payloadType":"t","payload":null,"signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "a null type", """{"payloadType":null,"payload":"AAAA","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "a null key id", """{"payloadType":"t","payload":"AAAA","signatures":[{"keyid":null,"sig":"AAAA"}]}""" },
        { "an empty type", """{"payloadType":"","payload":"AAAA","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "an unknown member", """{"payloadType":"t","payload":"AAAA","signatures":[{"keyid":"k","sig":"AAAA"}],"more":1}""" },
        { "an unknown member of a signature", """{"payloadType":"t","payload":"AAAA","signatures":[{"keyid":"k","sig":"AAAA","cert":"x"}]}""" },
        { "a member twice", """{"payloadType":"t","payload":"AAAA","payload":"BBBB","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "a member twice, once escaped", """{"payloadType":"t","payload":"AAAA","\u0070ayload":"BBBB","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "a member in capitals", """{"PayloadType":"t","payload":"AAAA","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "something after it", """{"payloadType":"t","payload":"AAAA","signatures":[{"keyid":"k","sig":"AAAA"}]} {}""" },
        { "a comment", """{"payloadType":"t",/* */"payload":"AAAA","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "a trailing comma", """{"payloadType":"t","payload":"AAAA","signatures":[{"keyid":"k","sig":"AAAA"},]}""" },
        { "half a surrogate", """{"payloadType":"\ud800","payload":"AAAA","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "a payload that is a number", """{"payloadType":"t","payload":1,"signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "base 64 without padding", """{"payloadType":"t","payload":"AA","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "base 64 with spaces", """{"payloadType":"t","payload":"AA AA","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "base 64 with a line break", """{"payloadType":"t","payload":"AAAA\n","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "base 64 with bits that are ignored", """{"payloadType":"t","payload":"AB==","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "base 64 of the other alphabet", """{"payloadType":"t","payload":"-_-_","signatures":[{"keyid":"k","sig":"AAAA"}]}""" },
        { "a signature in base 64 with spaces", """{"payloadType":"t","payload":"AAAA","signatures":[{"keyid":"k","sig":"AA AA"}]}""" },
        { "a byte order mark", "\uFEFF{\"payloadType\":\"t\",\"payload\":\"AAAA\",\"signatures\":[{\"keyid\":\"k\",\"sig\":\"AAAA\"}]}" },
        { "brackets without end", new string('[', 100_000) },
    };

    [Fact]
    public void The_shape_that_the_malformed_ones_depart_from_is_read() =>
        Assert.True(DsseEnvelope.TryParse("""{"payloadType":"t","payload":"AAAA","signatures":[{"keyid":"k","sig":"AAAA"}]}""".Bytes(), out _));

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_envelopes_are_refused(string what, string text)
    {
        Assert.False(DsseEnvelope.TryParse(text.Bytes(), out var envelope), what);
        Assert.Null(envelope);
        Assert.Null(Signed<RequestStatement>.PeekUnverified(text.Bytes()));
    }

    /// <summary>The plain serialiser is the broken twin: it lets a null in a list, white space in base 64 and a member twice through.</summary>
    [Fact]
    public void The_serialiser_alone_would_let_some_of_them_through()
    {
        var passed = Malformed.Select(row => row.Data).Where(row => LenientlyRead(row.Item2)).Select(row => row.Item1).ToList();
        Assert.Contains("a null signature", passed);
        Assert.Contains("base 64 with spaces", passed);
        Assert.Contains("a member twice", passed);
    }

    [Fact]
    public void Sizes_have_limits()
    {
        var large = EnvelopeText.Of("t", new byte[DsseEnvelope.LargestSize], (SigningKey.Generate().Public, new byte[64]));
        Assert.False(DsseEnvelope.TryParse(large, out _));
        Assert.False(DsseEnvelope.TryParse(EnvelopeText.Of(new string('t', 201), [1], (SigningKey.Generate().Public, new byte[64])), out _));
        var key = SigningKey.Generate().Public;
        Assert.False(DsseEnvelope.TryParse(EnvelopeText.Of("t", [1], [.. Enumerable.Repeat((key, new byte[64]), 257)]), out _));
        Assert.True(DsseEnvelope.TryParse(EnvelopeText.Of("t", [1], [.. Enumerable.Repeat((key, new byte[64]), 256)]), out _));
    }

    public static TheoryData<string> MalformedRolls =>
    [
        "null",
        """{"run":"000102030405060708090a0b0c0d0e0f","round":0,"request":"D","sites":[null],"maskedSum":"D"}""",
        """{"run":"000102030405060708090a0b0c0d0e0f","round":0,"request":"D","sites":null,"maskedSum":"D"}""",
        """{"run":"000102030405060708090a0b0c0d0e0f","round":0,"request":"D","sites":[]}""",
        """{"run":"000102030405060708090a0b0c0d0e0f","round":0,"request":"D","sites":[],"maskedSum":"D","maskedSum":"D"}""",
        """{"run":"000102030405060708090a0b0c0d0e0f","round":0,"request":"D","sites":[],"maskedSum":"D","extra":0}""",
        """{"run":"000102030405060708090A0B0C0D0E0F","round":0,"request":"D","sites":[],"maskedSum":"D"}""",
        """{"run":"000102030405060708090a0b0c0d0e0f","round":1e99,"request":"D","sites":[],"maskedSum":"D"}""",
        """{"run":"000102030405060708090a0b0c0d0e0f","round":"0","request":"D","sites":[],"maskedSum":"D"}""",
        """{"run":"000102030405060708090a0b0c0d0e0f","round":0,"request":"D","sites":[{"site":"Aster","contribution":"D"}],"maskedSum":"D"}""",
        """{"run":"000102030405060708090a0b0c0d0e0f","round":0,"request":"D","sites":[{"site":"aster"}],"maskedSum":"D"}""",
        """{"run":"000102030405060708090a0b0c0d0e0f","round":0,"request":"D","sites":[],"maskedSum":"D"} """ + "\0",
    ];

    [Theory]
    [MemberData(nameof(MalformedRolls))]
    public void A_genuine_signature_does_not_make_a_malformed_statement_readable(string payload)
    {
        var key = SigningKey.Generate();
        Assert.False(Signed<RollStatement>.TryOpen(Roll(payload, key), key.Public, out _));
    }

    [Fact]
    public void The_roll_that_the_malformed_ones_depart_from_is_read()
    {
        var key = SigningKey.Generate();
        Assert.True(Signed<RollStatement>.TryOpen(Roll("""{"run":"000102030405060708090a0b0c0d0e0f","round":0,"request":"D","sites":[],"maskedSum":"D"}""", key), key.Public, out _));
    }

    [Theory]
    [InlineData("""{"by":["stage"],"by":["age"]}""")]
    [InlineData("""{"by":["stage",null]}""")]
    public void Parameters_of_an_open_shape_are_read_strictly_too(string parameters)
    {
        var network = Network.Shared;
        var good = JsonSerializer.Serialize(network.Request(), StatementJson.Default.RequestStatement);
        var payload = good.Replace("""{"by":["stage"]}""", parameters, StringComparison.Ordinal);
        Assert.NotEqual(good, payload);
        Assert.True(Signed<RequestStatement>.TryOpen(DsseEnvelope.Sign(RequestStatement.PayloadType, good.Bytes(), network.Ada.Signing).ToBytes(), network.Ada.Signing.Public, out _));
        Assert.False(Signed<RequestStatement>.TryOpen(DsseEnvelope.Sign(RequestStatement.PayloadType, payload.Bytes(), network.Ada.Signing).ToBytes(), network.Ada.Signing.Public, out _));
    }

    [Theory]
    [InlineData("\"precision\":\"noised\"", "\"precision\":1")]
    [InlineData("\"precision\":\"noised\"", "\"precision\":\"Noised, Exact\"")]
    [InlineData("\"round\":0", "\"round\":0.5")]
    public void Enumerations_and_numbers_are_taken_as_written_only(string from, string to)
    {
        var network = Network.Shared;
        var good = JsonSerializer.Serialize(network.Request(), StatementJson.Default.RequestStatement);
        Assert.Contains(from, good, StringComparison.Ordinal);
        var envelope = DsseEnvelope.Sign(RequestStatement.PayloadType, good.Replace(from, to, StringComparison.Ordinal).Bytes(), network.Ada.Signing);
        Assert.False(Signed<RequestStatement>.TryOpen(envelope.ToBytes(), network.Ada.Signing.Public, out _));
    }

    /// <summary>Every statement survives being written and read, and damage anywhere in its payload is noticed.</summary>
    [Fact]
    public void Damage_anywhere_in_a_signed_statement_is_noticed()
    {
        var network = Network.Shared;
        var envelope = network.Decision(network.Proposal, network.Aster.Id, NodeRole.Site);
        Assert.True(Signed<DecisionStatement>.TryOpen(envelope, network.Aster.Signing.Public, out var original));
        Gen.Select(Gen.Int[0, envelope.Length - 1], Gen.Byte[1, 255]).Sample((position, change) =>
        {
            var damaged = (byte[])envelope.Clone();
            damaged[position] ^= change;
            return !Signed<DecisionStatement>.TryOpen(damaged, network.Aster.Signing.Public, out var opened) || opened.Digest == original.Digest;
        });
    }

    private static byte[] Roll(string payload, SigningKey key) =>
        DsseEnvelope.Sign(RollStatement.PayloadType, payload.Replace("\"D\"", $"\"{Digest.Of([])}\"", StringComparison.Ordinal).Bytes(), key).ToBytes();

    private static bool LenientlyRead(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<LenientEnvelope>(text, JsonSerializerOptions.Web) is { Payload: not null, Signatures.Count: > 0 };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private sealed record LenientSignature(string KeyId, byte[] Sig);

    private sealed record LenientEnvelope(string PayloadType, byte[] Payload, IReadOnlyList<LenientSignature> Signatures);
}
