using System.Text.Json.Serialization.Metadata;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.Protocol.Identity;

/// <summary>An organisation's signed word that these keys are its researcher's.</summary>
public sealed record ResearcherCard : IStatement<ResearcherCard>
{
    public const string PayloadType = "application/vnd.consilience.researcher.v1+json";

    public required OrganisationId Organisation { get; init; }

    /// <summary>Same form as an organisation id.</summary>
    public required string Name { get; init; }

    public required byte[] SigningKey { get; init; }

    public required byte[] SealingKey { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    static string IStatement<ResearcherCard>.Type => PayloadType;

    static JsonTypeInfo<ResearcherCard> IStatement<ResearcherCard>.Json => IdentityJson.Default.ResearcherCard;
}

/// <summary>A researcher with keys checked and endorsed by a member.</summary>
public sealed record Researcher(string Name, OrganisationId Organisation, VerificationKey SigningKey, SealingPublicKey SealingKey, DateTimeOffset ExpiresAt)
{
    /// <summary>Null unless the card is signed by the member it names and its keys are well formed.</summary>
    public static Researcher? FromCard(ReadOnlySpan<byte> envelope, Consortium consortium)
    {
        ArgumentNullException.ThrowIfNull(consortium);
        var peeked = Signed<ResearcherCard>.PeekUnverified(envelope);
        if (peeked is null || consortium.Find(peeked.Organisation) is not { } member || !Signed<ResearcherCard>.TryOpen(envelope, member.SigningKey, out var signed))
            return null;
        var card = signed.Statement;
        var signing = VerificationKey.FromBytes(card.SigningKey);
        var sealing = SealingPublicKey.FromBytes(card.SealingKey);
        return signing is null || sealing is null || !OrganisationId.TryParse(card.Name, null, out _)
            ? null
            : new Researcher(card.Name, card.Organisation, signing, sealing, card.ExpiresAt);
    }
}
