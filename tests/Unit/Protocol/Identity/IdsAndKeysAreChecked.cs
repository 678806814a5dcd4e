using System.Security.Cryptography;
using System.Text.Json;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Tests.World;

namespace Consilience.Protocol.Tests.Identity;

public sealed class IdsAndKeysAreChecked
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("a-1", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefghijklmn", true)]
    [InlineData("abcdefghijklmnopqrstuvwxyzabcdefghijklmno", false)]
    [InlineData("", false)]
    [InlineData("A", false)]
    [InlineData("1a", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    [InlineData("a/b", false)]
    [InlineData("ä", false)]
    [InlineData("a\u0430", false)]
    [InlineData(null, false)]
    public void Organisation_ids_are_short_plain_words(string? text, bool isId) => Assert.Equal(isId, OrganisationId.TryParse(text, null, out _));

    [Fact]
    public void Digests_and_run_ids_have_one_spelling()
    {
        var digest = Digest.Of("x".Bytes()).ToString();
        Assert.True(Digest.TryParse(digest, null, out _));
        Assert.False(Digest.TryParse(digest.ToUpperInvariant(), null, out _));
        Assert.False(Digest.TryParse(digest[1..], null, out _));
        Assert.False(Digest.TryParse($" {digest[1..]}", null, out _));
        Assert.False(RunId.TryParse("000102030405060708090A0B0C0D0E0F", null, out _));
        Assert.True(RunId.TryParse("000102030405060708090a0b0c0d0e0f", null, out var run));
        Assert.Equal(run, RunId.FromRandom(run.ToBytes()));
    }

    [Fact]
    public void An_id_in_JSON_is_read_through_the_same_check() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<OrganisationId>("\"Not an id\""));

    [Fact]
    public void Only_keys_on_P_256_are_taken()
    {
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        var good = p256.ExportSubjectPublicKeyInfo();
        Assert.NotNull(VerificationKey.FromBytes(good));
        Assert.Null(VerificationKey.FromBytes(p384.ExportSubjectPublicKeyInfo()));
        Assert.Null(VerificationKey.FromBytes(rsa.ExportSubjectPublicKeyInfo()));
        Assert.Null(VerificationKey.FromBytes([]));
        Assert.Null(VerificationKey.FromBytes([.. good, 0]));
        Assert.Null(VerificationKey.FromBytes(good.AsSpan(1)));
    }

    [Fact]
    public void A_point_off_the_curve_is_refused()
    {
        using var p256 = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var bytes = p256.ExportSubjectPublicKeyInfo();
        bytes[^1] ^= 1;
        Assert.Null(VerificationKey.FromBytes(bytes));
    }

    [Fact]
    public void Another_curve_of_256_bits_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.brainpoolP256r1);
        Assert.Null(VerificationKey.FromBytes(key.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public void A_researchers_card_needs_the_signature_of_the_member_it_names()
    {
        var network = Network.Shared;
        var expires = Network.Now.AddYears(1);
        Assert.NotNull(Researcher.FromCard(network.Aster.CardFor(network.Ada, expires), network.Consortium));
        Assert.Null(Researcher.FromCard(network.Stranger.CardFor(network.Ada, expires), network.Consortium));
        Assert.Null(Researcher.FromCard(network.Birch.CardFor(network.Ada, expires, organisation: "aster"), network.Consortium));
        Assert.Null(Researcher.FromCard(network.Stranger.CardFor(network.Ada, expires, organisation: "aster"), network.Consortium));
        Assert.Null(Researcher.FromCard([], network.Consortium));
    }

    [Fact]
    public void No_flipped_bit_of_a_key_throws_or_reads_as_the_key()
    {
        var key = Network.Shared.Aster.Signing.Public;
        for (var bit = 0; bit < key.Bytes.Length * 8; bit++)
        {
            var changed = key.Bytes.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(key, VerificationKey.FromBytes(changed));
        }
    }
}
