using System.Text.Json.Serialization;

namespace Consilience.Analyses.Disclosure;

/// <summary>What an answer is. A suppressed one never looks like zero, and carries no figure.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnswerKind>))]
public enum AnswerKind
{
    [JsonStringEnumMemberName("unspecified")]
    Unspecified = 0,

    [JsonStringEnumMemberName("value")]
    Value,

    /// <summary>There is an answer, and a rule keeps it.</summary>
    [JsonStringEnumMemberName("suppressed")]
    Suppressed,

    /// <summary>Nobody.</summary>
    [JsonStringEnumMemberName("zero")]
    Zero,

    /// <summary>The cohort leaves these persons out, so that nothing was asked about them.</summary>
    [JsonStringEnumMemberName("not-asked")]
    NotAsked,
}
