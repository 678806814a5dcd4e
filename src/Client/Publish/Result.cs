using System.Text.Json;
using System.Text.Json.Serialization;
using Consilience.Analyses;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Publish;

/// <summary>What every command that answers prints with <c>--json</c>. Names are camelCase and stable.</summary>
public sealed record ResultDocument(IReadOnlyList<AnalysisResult> Results);

/// <summary>One answered question with everything a reader must know beside the figures.</summary>
public sealed record AnalysisResult
{
    public required string Name { get; init; }

    public required string Method { get; init; }

    /// <summary>What was asked of the method, as in the request.</summary>
    public required JsonElement Parameters { get; init; }

    public required Precision Precision { get; init; }

    /// <summary>Pure ε of the whole answer; null where none holds, and at exact precision.</summary>
    public required string? Epsilon { get; init; }

    /// <summary>What each site's ledger was charged, in ρ; null at exact precision.</summary>
    public required string? Rho { get; init; }

    /// <summary>Whom the noise protects, in words; null at exact precision.</summary>
    public required string? PrivacyUnit { get; init; }

    /// <summary>The noise plan, such as <c>discrete-laplace</c>; null at exact precision.</summary>
    public required string? Noise { get; init; }

    /// <summary>Names of the disclosure presets that shaped the figures; empty when none did.</summary>
    public required IReadOnlyList<string> Disclosure { get; init; }

    /// <summary>Path of the receipt, relative to the document; null before it is written.</summary>
    public string? Receipt { get; init; }

    public required RunId Run { get; init; }

    public required Digest Agreement { get; init; }

    public required string Study { get; init; }

    /// <summary>Canonical cohort expression; empty for everyone.</summary>
    public required string Cohort { get; init; }

    public required SiteParticipation Sites { get; init; }

    public required IReadOnlyList<OrganisationId> KeyHolders { get; init; }

    /// <summary>The protection in words.</summary>
    public required string Privacy { get; init; }

    /// <summary>Counts and curves; empty where the method answers with tables.</summary>
    public required IReadOnlyList<ResultGroup> Groups { get; init; }

    /// <summary>Estimates; empty where the method answers with groups.</summary>
    public required IReadOnlyList<ResultTable> Tables { get; init; }
}

/// <summary>Which sites are in the figures, and why others are not.</summary>
public sealed record SiteParticipation(IReadOnlyList<OrganisationId> Answered, IReadOnlyList<OrganisationId> Absent, IReadOnlyList<SiteRefusal> Refused);

public sealed record SiteRefusal(OrganisationId Site, RefusalCode Code, string Message);

/// <summary>JSON of results and receipts. Without generated writers, which write bytes that are null as a text that is empty.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ResultDocument))]
[JsonSerializable(typeof(ReceiptStatement))]
public sealed partial class ResultJson : JsonSerializerContext;
