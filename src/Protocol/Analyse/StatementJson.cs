using System.Text.Json.Serialization;

namespace Consilience.Protocol.Analyse;

/// <summary>
/// JSON of signed statements. Strict: an unknown, repeated or missing member is an error, because a statement that two programs read differently binds nobody.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(Identity.CanonicalBase64Converter)])]
[JsonSerializable(typeof(RequestStatement))]
[JsonSerializable(typeof(ContributionStatement))]
[JsonSerializable(typeof(RefusalStatement))]
[JsonSerializable(typeof(RollStatement))]
[JsonSerializable(typeof(ShareStatement))]
public sealed partial class StatementJson : JsonSerializerContext;
