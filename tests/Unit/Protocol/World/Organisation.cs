using Consilience.Arithmetic;
using Consilience.Protocol.Identity;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.Protocol.Tests.World;

/// <summary>The keys of a member or researcher, in memory.</summary>
internal sealed class Organisation(string name)
{
    internal string Name { get; } = name;

    internal OrganisationId Id => OrganisationId.Parse(Name);

    internal SigningKey Signing { get; init; } = SigningKey.Generate();

    internal SealingPrivateKey Sealing { get; init; } = SealingPrivateKey.Generate(RandomBytes.OperatingSystem);

    internal MemberEntry As(params string[] roles) =>
        new(Id, Name, roles, Signing.Public.Bytes.ToArray(), Sealing.PublicKey.Bytes.ToArray());

    /// <summary>This member's word on a researcher's keys.</summary>
    internal byte[] CardFor(Organisation researcher, DateTimeOffset expires, string? organisation = null) =>
        Signed<ResearcherCard>.By(Signing, new ResearcherCard
        {
            Organisation = OrganisationId.Parse(organisation ?? Name),
            Name = researcher.Name,
            SigningKey = researcher.Signing.Public.Bytes.ToArray(),
            SealingKey = researcher.Sealing.PublicKey.Bytes.ToArray(),
            ExpiresAt = expires,
        }).Envelope;
}
