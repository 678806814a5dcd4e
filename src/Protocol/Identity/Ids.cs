using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Consilience.Protocol.Identity;

/// <summary>An id that is checked text: its only way in is <see cref="IParsable{TSelf}.Parse"/>.</summary>
public sealed class TextIdConverter<T> : JsonConverter<T>
    where T : class, IParsable<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        T.TryParse(reader.GetString(), null, out var id) ? id : throw new JsonException($"{typeof(T).Name}: not well formed");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Read(ref reader, typeToConvert, options);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WritePropertyName(value.ToString()!);
}

/// <summary>
/// A member of a consortium. The same id names the organisation's site and its key holder; the role is always said beside it.
/// 1–40 characters: lower-case letters, digits and inner hyphens, starting with a letter.
/// </summary>
[JsonConverter(typeof(TextIdConverter<OrganisationId>))]
public sealed record OrganisationId : IParsable<OrganisationId>, IComparable<OrganisationId>
{
    private readonly string text;

    private OrganisationId(string text) => this.text = text;

    public static OrganisationId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException("organisation id: 1–40 lower-case letters, digits and inner hyphens, starting with a letter");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out OrganisationId result)
    {
        result = Slug.IsWellFormed(s, 40) ? new OrganisationId(s) : null;
        return result is not null;
    }

    public int CompareTo(OrganisationId? other) => string.CompareOrdinal(text, other?.text);

    public override string ToString() => text;
}

/// <summary>A study's short name within its consortium; same form as <see cref="OrganisationId"/>, up to 64 characters.</summary>
[JsonConverter(typeof(TextIdConverter<StudyId>))]
public sealed record StudyId : IParsable<StudyId>
{
    private readonly string text;

    private StudyId(string text) => this.text = text;

    public static StudyId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException("study id: 1–64 lower-case letters, digits and inner hyphens, starting with a letter");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out StudyId result)
    {
        result = Slug.IsWellFormed(s, 64) ? new StudyId(s) : null;
        return result is not null;
    }

    public override string ToString() => text;
}

/// <summary>Names one run of one request: 16 random bytes chosen by the researcher, written as 32 lower-case hexadecimal digits.</summary>
[JsonConverter(typeof(TextIdConverter<RunId>))]
public sealed record RunId : IParsable<RunId>
{
    private readonly string text;

    private RunId(string text) => this.text = text;

    /// <param name="random">16 bytes from the operating system's randomness.</param>
    public static RunId FromRandom(ReadOnlySpan<byte> random) =>
        random.Length == 16 ? new RunId(Convert.ToHexStringLower(random)) : throw new ArgumentException("16 bytes", nameof(random));

    public static RunId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException("run id: 32 lower-case hexadecimal digits");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out RunId result)
    {
        result = s is { Length: 32 } && Slug.IsLowerHex(s) ? new RunId(s) : null;
        return result is not null;
    }

    public byte[] ToBytes() => Convert.FromHexString(text);

    public override string ToString() => text;
}

/// <summary>A SHA-256 digest, written as 64 lower-case hexadecimal digits.</summary>
[JsonConverter(typeof(TextIdConverter<Digest>))]
public sealed record Digest : IParsable<Digest>
{
    private readonly string text;

    private Digest(string text) => this.text = text;

    public static Digest Of(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)));

    /// <summary>Of a stream from where it stands to its end.</summary>
    public static Digest Of(Stream bytes) => new(Convert.ToHexStringLower(SHA256.HashData(bytes)));

    public static Digest OfFile(string path)
    {
        using var file = File.OpenRead(path);
        return Of(file);
    }

    public static Digest FromHash(ReadOnlySpan<byte> sha256) =>
        sha256.Length == SHA256.HashSizeInBytes ? new Digest(Convert.ToHexStringLower(sha256)) : throw new ArgumentException("32 bytes", nameof(sha256));

    public static Digest Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException("digest: 64 lower-case hexadecimal digits");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out Digest result)
    {
        result = s is { Length: 64 } && Slug.IsLowerHex(s) ? new Digest(s) : null;
        return result is not null;
    }

    public byte[] ToBytes() => Convert.FromHexString(text);

    /// <summary>The first 12 digits, for people.</summary>
    public string Short => text[..12];

    public override string ToString() => text;
}

internal static class Slug
{
    internal static bool IsWellFormed([NotNullWhen(true)] string? s, int maximumLength) =>
        s is { Length: > 0 } && s.Length <= maximumLength && char.IsAsciiLetterLower(s[0]) && s[^1] != '-'
        && s.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    internal static bool IsLowerHex(string s) => s.All(char.IsAsciiHexDigitLower);
}
