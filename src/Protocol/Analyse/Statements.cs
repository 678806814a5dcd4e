using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Consilience.Protocol.Identity;

namespace Consilience.Protocol.Analyse;

/// <summary>How precise an answer may be. Never mixed silently: every figure says which it is.</summary>
[JsonConverter(typeof(PrecisionConverter))]
public enum Precision
{
    Unspecified = 0,

    /// <summary>Differential privacy; the default.</summary>
    Noised,

    /// <summary>No noise; only where every site's policy grants it to the study.</summary>
    Exact,
}

/// <summary>Precisions in kebab-case.</summary>
public sealed class PrecisionConverter : KebabCaseConverter<Precision>;

/// <summary>
/// A researcher's signed request for one run. Its payload's digest is the <em>request digest</em> that every later message of the run carries, so any two
/// parties that were shown different terms cannot meet in one result.
/// </summary>
public sealed record RequestStatement : IStatement<RequestStatement>
{
    public const string PayloadType = "application/vnd.consilience.request.v1+json";

    public required RunId Run { get; init; }

    /// <summary>0 for a method of one round.</summary>
    public required int Round { get; init; }

    public required Digest Consortium { get; init; }

    public required Digest Agreement { get; init; }

    /// <summary>A researcher's name in the study.</summary>
    public required string Researcher { get; init; }

    public required string Method { get; init; }

    public required JsonElement Parameters { get; init; }

    /// <summary>A cohort expression in canonical form; empty for every person of the study.</summary>
    public required string Cohort { get; init; }

    public required Precision Precision { get; init; }

    /// <summary>The pure ε offered for the whole answer, as an exact rational such as <c>1</c> or <c>1/2</c>; null when ρ is offered, and at exact precision.</summary>
    public required string? Epsilon { get; init; }

    /// <summary>The ρ offered for the whole answer, such as <c>0.5</c>; null when ε is offered, and at exact precision.</summary>
    public required string? Rho { get; init; }

    /// <summary>The name of the noise plan among those that are sound for the price, such as <c>discrete-laplace</c>; null at exact precision.</summary>
    public required string? Noise { get; init; }

    /// <summary>Whether a question that was answered before is to be answered anew, with new noise and a new charge, instead of with what was released then.</summary>
    public required bool Again { get; init; }

    /// <summary>Length of the vector; each party computes it again from method and parameters and refuses on a difference.</summary>
    public required int VectorLength { get; init; }

    /// <summary>Bits of a counter, 32 or 64; computed again and refused like <see cref="VectorLength"/>. It fixes the ring of every mask and sum, and the size of all that travels.</summary>
    public required int WordBits { get; init; }

    /// <summary>The bytes that go to every site beside the request, as method and parameters need them; null where they need none.</summary>
    public required AttachmentBinding? Attachment { get; init; }

    /// <summary>The sites that are asked, some of the agreement's, in its order; null for all of them.</summary>
    public required IReadOnlyList<OrganisationId>? Sites { get; init; }

    /// <summary>The agreed key holders and the digest of each one's sealing key, in the agreement's order.</summary>
    public required IReadOnlyList<KeyHolderBinding> KeyHolders { get; init; }

    /// <summary>The sealing keys results are opened to, each one a researcher of the study.</summary>
    public required IReadOnlyList<RecipientBinding> Recipients { get; init; }

    public required DateTimeOffset IssuedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    static string IStatement<RequestStatement>.Type => PayloadType;

    static JsonTypeInfo<RequestStatement> IStatement<RequestStatement>.Json => StatementJson.Default.RequestStatement;
}

/// <summary>Bytes that travel beside a request: what a site gets is these bytes or nothing.</summary>
/// <param name="Digest">SHA-256.</param>
/// <param name="SizeInBytes">Exact.</param>
public sealed record AttachmentBinding(Digest Digest, long SizeInBytes);

public sealed record KeyHolderBinding(OrganisationId Organisation, Digest SealingKey);

public sealed record RecipientBinding(string Researcher, Digest SealingKey);

/// <summary>A site's signed answer: a digest of its masked vector, and a seed sealed to each key holder.</summary>
public sealed record ContributionStatement : IStatement<ContributionStatement>
{
    public const string PayloadType = "application/vnd.consilience.contribution.v1+json";

    public required RunId Run { get; init; }

    public required int Round { get; init; }

    public required Digest Request { get; init; }

    public required OrganisationId Site { get; init; }

    public required int VectorLength { get; init; }

    /// <summary>Digest of the masked vector's bytes: <see cref="VectorLength"/> little-endian words of the request's size.</summary>
    public required Digest MaskedVector { get; init; }

    public required IReadOnlyList<SealedSeed> Seeds { get; init; }

    /// <summary>The entry of the site's privacy ledger that reserved this answer's charge. Whoever keeps it can tell later whether the ledger still holds it.</summary>
    public required LedgerHead Ledger { get; init; }

    static string IStatement<ContributionStatement>.Type => PayloadType;

    static JsonTypeInfo<ContributionStatement> IStatement<ContributionStatement>.Json => StatementJson.Default.ContributionStatement;
}

/// <param name="Sequence">Number of the entry, from 1.</param>
/// <param name="Hash">Its hash, which covers every entry before it.</param>
public sealed record LedgerHead(long Sequence, Digest Hash);

/// <summary>An HPKE envelope with the mask seed for one key holder.</summary>
public sealed record SealedSeed(OrganisationId KeyHolder, byte[] Envelope);

/// <summary>A party's signed refusal.</summary>
public sealed record RefusalStatement : IStatement<RefusalStatement>
{
    public const string PayloadType = "application/vnd.consilience.refusal.v1+json";

    public required RunId Run { get; init; }

    public required int Round { get; init; }

    public required Digest Request { get; init; }

    public required OrganisationId Party { get; init; }

    public required RefusalCode Code { get; init; }

    public required string Message { get; init; }

    static string IStatement<RefusalStatement>.Type => PayloadType;

    static JsonTypeInfo<RefusalStatement> IStatement<RefusalStatement>.Json => StatementJson.Default.RefusalStatement;
}

/// <summary>The hub's signed list of the sites whose masked vectors it added up.</summary>
public sealed record RollStatement : IStatement<RollStatement>
{
    public const string PayloadType = "application/vnd.consilience.roll.v1+json";

    public required RunId Run { get; init; }

    public required int Round { get; init; }

    public required Digest Request { get; init; }

    /// <summary>Ordered by site.</summary>
    public required IReadOnlyList<RollEntry> Sites { get; init; }

    /// <summary>Digest of the masked sum's bytes: little-endian words of the request's size.</summary>
    public required Digest MaskedSum { get; init; }

    static string IStatement<RollStatement>.Type => PayloadType;

    static JsonTypeInfo<RollStatement> IStatement<RollStatement>.Json => StatementJson.Default.RollStatement;
}

/// <param name="Site">The accepted site.</param>
/// <param name="Contribution">Digest of the payload of its contribution statement.</param>
public sealed record RollEntry(OrganisationId Site, Digest Contribution);

/// <summary>
/// A key holder's signed opening of one roll. The share itself travels sealed to the recipients; <see cref="Commitment"/> is
/// SHA-256("consilience/share/v1" ‖ salt ‖ share), the salt being sealed with the share, so that a receipt can later show the share without the hub having
/// been able to test guesses of the result.
/// </summary>
public sealed record ShareStatement : IStatement<ShareStatement>
{
    public const string PayloadType = "application/vnd.consilience.share.v1+json";

    public required RunId Run { get; init; }

    public required int Round { get; init; }

    public required Digest Request { get; init; }

    public required Digest Roll { get; init; }

    public required OrganisationId KeyHolder { get; init; }

    public required int VectorLength { get; init; }

    /// <summary><c>none</c>, or the name of the mechanism drawn from: <c>discrete-laplace</c> or <c>discrete-gaussian</c>.</summary>
    public required string Noise { get; init; }

    /// <summary>The scale of a discrete Laplace or the σ² of a discrete Gaussian, as an exact rational; null for <c>none</c>.</summary>
    public required string? Scale { get; init; }

    public required Digest Commitment { get; init; }

    /// <summary>Digest of the sealed bytes that travel.</summary>
    public required Digest SealedShare { get; init; }

    static string IStatement<ShareStatement>.Type => PayloadType;

    static JsonTypeInfo<ShareStatement> IStatement<ShareStatement>.Json => StatementJson.Default.ShareStatement;
}
