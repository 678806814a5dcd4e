using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Consilience.Protocol.Identity;

namespace Consilience.Protocol.Agreements;

/// <summary>
/// A study as a researcher proposes it. Its payload's digest is the <em>agreement digest</em>: everything signed later names it, so nobody can be bound to another text.
/// </summary>
public sealed record ProposalStatement : IStatement<ProposalStatement>
{
    public const string PayloadType = "application/vnd.consilience.proposal.v1+json";

    public required Digest Consortium { get; init; }

    /// <summary>The study document, YAML, as written.</summary>
    public required string Study { get; init; }

    /// <summary>A card for each researcher the study names, in the study's order.</summary>
    public required IReadOnlyList<byte[]> Researchers { get; init; }

    public required string ProposedBy { get; init; }

    static string IStatement<ProposalStatement>.Type => PayloadType;

    static JsonTypeInfo<ProposalStatement> IStatement<ProposalStatement>.Json => AgreementJson.Default.ProposalStatement;
}

/// <summary>A site's or key holder's answer to a proposal.</summary>
public sealed record DecisionStatement : IStatement<DecisionStatement>
{
    public const string PayloadType = "application/vnd.consilience.decision.v1+json";

    public required Digest Agreement { get; init; }

    public required OrganisationId Party { get; init; }

    /// <summary><c>site</c> or <c>key-holder</c>: one does not stand for the other.</summary>
    public required string Role { get; init; }

    public required bool Agrees { get; init; }

    /// <summary>The rules that decided, for people.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    public required DateTimeOffset DecidedAt { get; init; }

    static string IStatement<DecisionStatement>.Type => PayloadType;

    static JsonTypeInfo<DecisionStatement> IStatement<DecisionStatement>.Json => AgreementJson.Default.DecisionStatement;
}

/// <summary>An agreement as stored and sent: the proposal's envelope and every party's decision.</summary>
internal sealed record AgreementDocument(byte[] Proposal, IReadOnlyList<byte[]> Decisions);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(CanonicalBase64Converter)])]
[JsonSerializable(typeof(ProposalStatement))]
[JsonSerializable(typeof(DecisionStatement))]
[JsonSerializable(typeof(AgreementDocument))]
internal sealed partial class AgreementJson : JsonSerializerContext;
