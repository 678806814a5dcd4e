using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Consilience.Protocol.Identity;

/// <summary>
/// A Dead Simple Signing Envelope, version 1: the bytes that arrived are the bytes verified, before anything in them is parsed. The payload is handed out only after a
/// signature was checked, or through a member whose name says that it was not.
/// Reference: secure-systems-lab/dsse, protocol.md.
/// </summary>
public sealed class DsseEnvelope
{
    /// <summary>Longest envelope that is read, in bytes.</summary>
    public const int LargestSize = 4 * 1024 * 1024;

    private const int LongestType = 200;
    private const int MostSignatures = 256;

    private readonly byte[] payload;
    private readonly IReadOnlyList<DsseSignature> signatures;

    private DsseEnvelope(string payloadType, byte[] payload, IReadOnlyList<DsseSignature> signatures)
    {
        PayloadType = payloadType;
        this.payload = payload;
        this.signatures = signatures;
    }

    public string PayloadType { get; }

    /// <summary>SHA-256 of the payload: how other statements name this one.</summary>
    public Digest PayloadDigest => Digest.Of(payload);

    public static DsseEnvelope Sign(string payloadType, ReadOnlySpan<byte> payload, SigningKey key) =>
        new DsseEnvelope(payloadType, payload.ToArray(), []).WithSignature(key);

    /// <summary>The same payload with one more signature; a second signature by the same key changes nothing.</summary>
    public DsseEnvelope WithSignature(SigningKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return IsSignedBy(key.Public)
            ? this
            : new(PayloadType, payload, [.. signatures, new DsseSignature(key.Public.Id, key.Sign(PreAuthenticationEncoding(PayloadType, payload)))]);
    }

    /// <summary>Reads an envelope strictly: no unknown or repeated members, canonical base 64, at most <paramref name="largestSize"/> bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DsseEnvelope? envelope, int largestSize = LargestSize)
    {
        envelope = null;
        if (bytes.Length == 0 || bytes.Length > largestSize)
            return false;
        var json = StrictJson.Read(bytes, DsseJson.Default.DsseDocument);
        if (json is null || json.PayloadType.Length is 0 or > LongestType || json.Signatures.Count is 0 or > MostSignatures)
            return false;
        envelope = new DsseEnvelope(json.PayloadType, json.Payload, json.Signatures);
        return true;
    }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(new DsseDocument(PayloadType, payload, signatures), DsseJson.Default.DsseDocument);

    public bool IsSignedBy(VerificationKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var id = key.Id;
        var encoded = PreAuthenticationEncoding(PayloadType, payload);
        return signatures.Any(s => s.KeyId == id && key.Verify(encoded, s.Sig));
    }

    /// <summary>The payload, if it is of the expected type and signed by <paramref name="key"/>; otherwise null.</summary>
    public byte[]? Verify(string expectedPayloadType, VerificationKey key) =>
        PayloadType == expectedPayloadType && IsSignedBy(key) ? payload : null;

    /// <summary>The payload before any signature was checked: only for finding out whose key to check with.</summary>
    public byte[] UnverifiedPayload() => payload;

    /// <summary>What is signed: "DSSEv1" SP LEN(type) SP type SP LEN(payload) SP payload.</summary>
    internal static byte[] PreAuthenticationEncoding(string payloadType, byte[] payload) =>
        [.. Encoding.UTF8.GetBytes($"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} "), .. payload];
}

internal sealed record DsseSignature([property: JsonPropertyName("keyid")] string KeyId, [property: JsonPropertyName("sig")] byte[] Sig);

internal sealed record DsseDocument(string PayloadType, byte[] Payload, IReadOnlyList<DsseSignature> Signatures);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(CanonicalBase64Converter)])]
[JsonSerializable(typeof(DsseDocument))]
internal sealed partial class DsseJson : JsonSerializerContext;
