using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Train;

/// <summary>A file of a release.</summary>
public sealed record ReleasedFile(string Name, long SizeInBytes, Digest Digest);

/// <summary>A released model: every file of its folder by digest, signed by the researcher who trained it.</summary>
public sealed record ReleaseStatement : IStatement<ReleaseStatement>
{
    public const string PayloadType = "application/vnd.consilience.model.v1+json";

    /// <summary>Name and version of the program that wrote it.</summary>
    public required string Software { get; init; }

    /// <summary>Of the training.</summary>
    public required string Name { get; init; }

    public required Digest Agreement { get; init; }

    /// <summary>A researcher's name in the study.</summary>
    public required string Researcher { get; init; }

    /// <summary>SHA-256 of the weights, little-endian single precision, in hexadecimal.</summary>
    public required string Weights { get; init; }

    public required IReadOnlyList<ReleasedFile> Files { get; init; }

    static string IStatement<ReleaseStatement>.Type => PayloadType;

    static JsonTypeInfo<ReleaseStatement> IStatement<ReleaseStatement>.Json => ReleaseJson.Default.ReleaseStatement;
}

/// <summary>JSON of releases.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ReleaseStatement))]
public sealed partial class ReleaseJson : JsonSerializerContext;
