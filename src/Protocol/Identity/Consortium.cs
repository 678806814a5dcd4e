using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.Protocol.Identity;

/// <summary>A member as the consortium file lists it.</summary>
/// <param name="Roles">Any of <c>hub</c>, <c>site</c>, <c>key-holder</c>; none for a member that only sends researchers.</param>
/// <param name="SigningKey">SubjectPublicKeyInfo of an ECDSA P-256 key.</param>
/// <param name="SealingKey">X-Wing public key.</param>
public sealed record MemberEntry(OrganisationId Id, string Name, IReadOnlyList<string> Roles, byte[] SigningKey, byte[] SealingKey);

/// <summary>One version of a consortium. Version n+1 names the digest of version n.</summary>
public sealed record ConsortiumStatement : IStatement<ConsortiumStatement>
{
    public const string PayloadType = "application/vnd.consilience.consortium.v1+json";

    public required string Name { get; init; }

    /// <summary>1 for the founding version.</summary>
    public required int Version { get; init; }

    public required Digest? Previous { get; init; }

    public required IReadOnlyList<MemberEntry> Members { get; init; }

    static string IStatement<ConsortiumStatement>.Type => PayloadType;

    static JsonTypeInfo<ConsortiumStatement> IStatement<ConsortiumStatement>.Json => IdentityJson.Default.ConsortiumStatement;
}

/// <summary>A member with its keys checked.</summary>
public sealed record Member(OrganisationId Id, string Name, IReadOnlySet<NodeRole> Roles, VerificationKey SigningKey, SealingPublicKey SealingKey)
{
    public override string ToString() => $"{Id} ({Name})";
}

/// <summary>One checked version of a consortium: who its members are and which keys they hold.</summary>
public sealed class Consortium
{
    private const int LongestName = 200;

    private readonly Dictionary<OrganisationId, Member> byId;

    private Consortium(string name, int version, Digest digest, IReadOnlyList<Member> members)
    {
        Name = name;
        Version = version;
        Digest = digest;
        Members = members;
        byId = members.ToDictionary(m => m.Id);
    }

    public string Name { get; }

    public int Version { get; }

    /// <summary>Digest of this version's payload.</summary>
    public Digest Digest { get; }

    public IReadOnlyList<Member> Members { get; }

    /// <summary>The one member that runs the hub.</summary>
    public Member Hub => Members.Single(m => m.Roles.Contains(NodeRole.Hub));

    public Member? Find(OrganisationId id) => byId.GetValueOrDefault(id);

    /// <summary>Checks one version by itself: ids and keys well formed and none twice, exactly one hub. Signatures are <see cref="ConsortiumFile"/>'s.</summary>
    internal static Consortium? Check(ConsortiumStatement statement, Digest digest, ICollection<string> faults)
    {
        var before = faults.Count;
        var members = statement.Members.Select(m => Check(m, faults)).OfType<Member>().ToList();
        if (!PlainText.IsShown(statement.Name, LongestName))
            faults.Add($"name: not 1 to {LongestName} printable characters");
        if (members.Select(m => m.Id).Distinct().Count() != members.Count)
            faults.Add("members: an id stands twice (expected each once)");
        if (members.Select(m => m.SigningKey).Distinct().Count() != members.Count || members.Select(m => m.SealingKey).Distinct().Count() != members.Count)
            faults.Add("members: two members hold the same key (expected keys of their own)");
        if (members.Count(m => m.Roles.Contains(NodeRole.Hub)) != 1)
            faults.Add($"members: {members.Count(m => m.Roles.Contains(NodeRole.Hub))} hubs (expected exactly 1)");
        if (statement.Version < 1 || (statement.Version == 1) != (statement.Previous is null))
            faults.Add($"version {statement.Version}: version 1 names no previous version, every later one does");
        return faults.Count == before ? new Consortium(statement.Name, statement.Version, digest, members) : null;
    }

    private static Member? Check(MemberEntry entry, ICollection<string> faults)
    {
        if (!PlainText.IsShown(entry.Name, LongestName))
            faults.Add($"{entry.Id}: name (expected 1 to {LongestName} printable characters)");
        var roles = entry.Roles.Select(NodeIdentity.ParseRole).ToList();
        if (roles.Any(r => r is null or NodeRole.Researcher) || roles.Distinct().Count() != roles.Count)
            faults.Add($"{entry.Id}: roles (expected each of hub, site, key-holder at most once)");
        var signing = VerificationKey.FromBytes(entry.SigningKey);
        if (signing is null)
            faults.Add($"{entry.Id}: signing key (expected the SubjectPublicKeyInfo of an ECDSA key on P-256)");
        var sealing = SealingPublicKey.FromBytes(entry.SealingKey);
        if (sealing is null)
            faults.Add($"{entry.Id}: sealing key (expected {SealingPublicKey.Size} bytes, got {entry.SealingKey.Length})");
        return signing is null || sealing is null ? null : new Member(entry.Id, entry.Name, roles.OfType<NodeRole>().ToHashSet(), signing, sealing);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(CanonicalBase64Converter)])]
[JsonSerializable(typeof(ConsortiumStatement))]
[JsonSerializable(typeof(ConsortiumDocument))]
[JsonSerializable(typeof(ResearcherCard))]
internal sealed partial class IdentityJson : JsonSerializerContext;
