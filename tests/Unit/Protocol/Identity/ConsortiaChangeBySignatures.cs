using System.Text.Json;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Tests.World;

namespace Consilience.Protocol.Tests.Identity;

/// <summary>Who has to sign a consortium's next version, each rule with the attack it stops.</summary>
public sealed class ConsortiaChangeBySignatures
{
    private static readonly Network Made = Network.Shared;

    private static Organisation[] All => [Made.Harbour, Made.Aster, Made.Birch, Made.Cedar];

    /// <summary>Broken: content with the signatures of the new version's members under the keys the new version itself gives.</summary>
    private static bool ForgetsTheFormerKeys(ConsortiumFile current, DsseEnvelope next)
    {
        var statement = JsonSerializer.Deserialize<ConsortiumStatement>(next.UnverifiedPayload(), JsonSerializerOptions.Web)!;
        return statement.Previous == current.Current.Digest && statement.Members.All(m => next.IsSignedBy(VerificationKey.FromBytes(m.SigningKey)!));
    }

    /// <summary>Broken: content with any signature of a majority of the members.</summary>
    private static bool ContentWithAMajority(ConsortiumFile current, DsseEnvelope next) =>
        current.Current.Members.Count(m => next.IsSignedBy(m.SigningKey)) * 2 > current.Current.Members.Count;

    private static bool IsAccepted(ConsortiumFile? current, DsseEnvelope next)
    {
        try
        {
            return ConsortiumFile.Append(current, next).Current.Digest == next.PayloadDigest;
        }
        catch (ConsortiumException)
        {
            return false;
        }
    }

    private static IReadOnlyList<string> Reasons(Action action) => Assert.Throws<ConsortiumException>(action).Reasons;

    [Fact]
    public void The_founding_version_is_signed_by_every_member()
    {
        foreach (var absent in All)
        {
            var draft = Network.Sign(null, Made.Founders, [.. All.Where(o => o != absent)]);
            Assert.Equal([$"version 1: not signed by {absent.Name}"], Reasons(() => ConsortiumFile.Append(null, draft)));
            Assert.Equal([absent.Name], ConsortiumFile.MissingSignatures(null, draft));
        }
    }

    [Fact]
    public void A_file_read_again_is_the_same_file()
    {
        var next = ConsortiumFile.Append(Made.File, Network.Sign(Made.File, [.. Made.Founders, (Made.Stranger, [])], [.. All, Made.Stranger]));
        var read = ConsortiumFile.Parse(next.ToBytes());
        Assert.Equal(next.Versions.Select(v => v.Digest), read.Versions.Select(v => v.Digest));
        Assert.Equal(2, read.Current.Version);
        Assert.NotNull(read.Find(Made.Consortium.Digest));
        Assert.Equal(Made.Harbour.Id, read.Current.Hub.Id);
    }

    [Fact]
    public void A_newcomer_is_taken_in_by_all_members_and_itself()
    {
        (Organisation, string[])[] members = [.. Made.Founders, (Made.Stranger, ["site"])];
        Assert.True(IsAccepted(Made.File, Network.Sign(Made.File, members, [.. All, Made.Stranger])));
        foreach (var absent in All.Append(Made.Stranger))
            Assert.False(IsAccepted(Made.File, Network.Sign(Made.File, members, [.. All.Append(Made.Stranger).Where(o => o != absent)])));
        Assert.True(ContentWithAMajority(Made.File, Network.Sign(Made.File, members, [Made.Harbour, Made.Aster, Made.Birch])));
    }

    [Fact]
    public void A_stranger_cannot_write_itself_in()
    {
        var forged = Network.Sign(Made.File, [(Made.Harbour, ["hub"]), (Made.Stranger, ["site"])], [Made.Stranger]);
        Assert.False(IsAccepted(Made.File, forged));
    }

    [Fact]
    public void A_key_cannot_be_replaced_without_its_owner()
    {
        // All the others, and whoever made the new key, agree on a new key for birch.
        var impostor = new Organisation("birch");
        (Organisation, string[])[] members = [.. Made.Founders.Select(f => f.Who == Made.Birch ? (impostor, f.Roles) : f)];
        var forged = Network.Sign(Made.File, members, [Made.Harbour, Made.Aster, Made.Cedar, impostor]);
        Assert.False(IsAccepted(Made.File, forged));
        Assert.Equal(["version 2: not signed by birch (former key)"], Reasons(() => ConsortiumFile.Append(Made.File, forged)));
        Assert.True(ForgetsTheFormerKeys(Made.File, forged));
        Assert.True(ContentWithAMajority(Made.File, forged));
        Assert.True(IsAccepted(Made.File, forged.WithSignature(Made.Birch.Signing)));
    }

    [Fact]
    public void A_new_key_is_vouched_for_by_itself()
    {
        var renewed = new Organisation("birch");
        (Organisation, string[])[] members = [.. Made.Founders.Select(f => f.Who == Made.Birch ? (renewed, f.Roles) : f)];
        Assert.False(IsAccepted(Made.File, Network.Sign(Made.File, members, All)));
    }

    [Fact]
    public void A_sealing_key_cannot_be_replaced_without_its_owner()
    {
        // Who could exchange a sealing key would read every seed sent to it.
        var impostor = new Organisation("birch") { Signing = Made.Birch.Signing };
        (Organisation, string[])[] members = [.. Made.Founders.Select(f => f.Who == Made.Birch ? (impostor, f.Roles) : f)];
        var forged = Network.Sign(Made.File, members, [Made.Harbour, Made.Aster, Made.Cedar]);
        Assert.False(IsAccepted(Made.File, forged));
        Assert.True(ContentWithAMajority(Made.File, forged));
    }

    [Fact]
    public void A_role_cannot_be_given_or_taken_without_its_owner()
    {
        (Organisation, string[])[] members = [.. Made.Founders.Select(f => f.Who == Made.Cedar ? (f.Who, new[] { "key-holder" }) : f)];
        Assert.False(IsAccepted(Made.File, Network.Sign(Made.File, members, [Made.Harbour, Made.Aster, Made.Birch])));
        Assert.True(IsAccepted(Made.File, Network.Sign(Made.File, members, All)));
    }

    [Fact]
    public void A_minority_cannot_expel_the_rest()
    {
        var coup = Network.Sign(Made.File, [(Made.Harbour, ["hub"]), (Made.Aster, ["site"])], [Made.Harbour, Made.Aster]);
        Assert.Equal(["version 2: 2 of 4 members remain (expected a majority)"], Reasons(() => ConsortiumFile.Append(Made.File, coup)));
        Assert.True(ForgetsTheFormerKeys(Made.File, coup));
    }

    [Fact]
    public void A_majority_can_part_from_a_member() =>
        Assert.True(IsAccepted(Made.File, Network.Sign(Made.File, [.. Made.Founders.Where(f => f.Who != Made.Cedar)], [Made.Harbour, Made.Aster, Made.Birch])));

    [Fact]
    public void A_version_follows_only_the_version_it_names()
    {
        var second = ConsortiumFile.Append(Made.File, Network.Sign(Made.File, [.. Made.Founders, (Made.Stranger, [])], [.. All, Made.Stranger]));
        var otherSecond = Network.Sign(Made.File, Made.Founders, All);
        Assert.False(IsAccepted(second, otherSecond));
        Assert.False(IsAccepted(null, otherSecond));
        Assert.False(IsAccepted(Made.File, Network.Sign(null, Made.Founders, All)));
        Assert.False(IsAccepted(Made.File, Network.Sign(second, Made.Founders, [.. All, Made.Stranger])));
        Assert.False(IsAccepted(Made.File, Network.Sign(Made.File, Made.Founders, All, name: "another")));
    }

    [Fact]
    public void A_version_is_checked_by_itself_too()
    {
        var twoHubs = Network.Sign(null, [(Made.Harbour, ["hub"]), (Made.Aster, ["hub", "site"])], [Made.Harbour, Made.Aster]);
        Assert.Equal(["members: 2 hubs (expected exactly 1)"], Reasons(() => ConsortiumFile.Append(null, twoHubs)));
        var noHub = Network.Sign(null, [(Made.Aster, ["site"])], [Made.Aster]);
        Assert.Equal(["members: 0 hubs (expected exactly 1)"], Reasons(() => ConsortiumFile.Append(null, noHub)));
        var sameKeys = new Organisation("birch") { Signing = Made.Aster.Signing };
        Assert.Single(Reasons(() => ConsortiumFile.Append(null, Network.Sign(null, [(Made.Harbour, ["hub"]), (Made.Aster, ["site"]), (sameKeys, ["site"])], [Made.Harbour, Made.Aster]))));
        var twice = Network.Sign(null, [(Made.Harbour, ["hub"]), (Made.Aster, ["site"]), (new Organisation("aster"), ["site"])], [Made.Harbour, Made.Aster]);
        Assert.Contains("members: an id stands twice (expected each once)", Reasons(() => ConsortiumFile.Append(null, twice)));
        foreach (var roles in new string[][] { ["hub", "hub"], ["hub", "researcher"], ["hub", "Site"], ["hub", ""] })
            Assert.False(IsAccepted(null, Network.Sign(null, [(Made.Harbour, roles)], [Made.Harbour])));
        Assert.False(IsAccepted(null, Network.Sign(null, [(Made.Harbour, ["hub"])], [Made.Harbour], name: "a\u001b[2Jb")));
    }

    [Fact]
    public void Keys_that_are_none_are_refused_with_every_reason()
    {
        var broken = new MemberEntry(Made.Aster.Id, "aster", ["hub"], new byte[91], new byte[7]);
        var draft = ConsortiumFile.Draft(null, "test", [broken], Made.Aster.Signing);
        Assert.Equal(
            ["aster: signing key (expected the SubjectPublicKeyInfo of an ECDSA key on P-256)", "aster: sealing key (expected 1216 bytes, got 7)", "members: 0 hubs (expected exactly 1)"],
            Reasons(() => ConsortiumFile.Append(null, draft)));
    }

    public static TheoryData<string> Payloads =>
    [
        "null", "[]", "{}", "1",
        """{"name":"test","version":1,"previous":null,"members":[null]}""",
        """{"name":"test","version":1,"previous":null,"members":null}""",
        """{"name":"test","version":1,"previous":null,"members":[{"id":"a","name":"a","roles":[null],"signingKey":"","sealingKey":""}]}""",
        """{"name":"test","version":1,"previous":null,"members":[{"id":"a","name":"a","roles":["hub"],"signingKey":"","sealingKey":""}]}""",
        """{"name":"test","version":1,"previous":null,"version":1,"members":[]}""",
    ];

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Payloads_that_are_no_version_are_refused(string payload)
    {
        var envelope = DsseEnvelope.Sign(ConsortiumStatement.PayloadType, payload.Bytes(), Made.Aster.Signing);
        Assert.NotEmpty(Reasons(() => ConsortiumFile.Append(null, envelope)));
        Assert.NotEmpty(Reasons(() => ConsortiumFile.Append(Made.File, envelope)));
        Assert.NotEmpty(Reasons(() => ConsortiumFile.MissingSignatures(null, envelope)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"versions":[]}""")]
    [InlineData("""{"versions":[null]}""")]
    [InlineData("""{"versions":["AAAA"]}""")]
    [InlineData("""{"versions":["?"]}""")]
    [InlineData("""{"versions":[],"versions":[]}""")]
    public void Files_that_are_none_are_refused(string text) => Assert.NotEmpty(Reasons(() => ConsortiumFile.Parse(text.Bytes())));

    [Fact]
    public void A_version_of_another_payload_type_is_refused()
    {
        var genuine = Network.Sign(null, Made.Founders, All);
        var retyped = DsseEnvelope.Sign("application/vnd.consilience.decision.v1+json", genuine.UnverifiedPayload(), Made.Harbour.Signing);
        Assert.False(IsAccepted(null, retyped));
    }
}
