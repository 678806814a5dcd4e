using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Consilience.Protocol.Identity;

/// <summary>A kind of statement that is signed: its payload type, and its strict JSON.</summary>
public interface IStatement<TSelf>
    where TSelf : class, IStatement<TSelf>
{
    static abstract string Type { get; }

    static abstract JsonTypeInfo<TSelf> Json { get; }

    /// <summary>Longest envelope that is read, in bytes.</summary>
    static virtual int LargestSize => DsseEnvelope.LargestSize;
}

/// <summary>A statement whose signature was verified, with the digest other statements name it by and the envelope as it arrived.</summary>
public sealed record Signed<T>(T Statement, Digest Digest, byte[] Envelope)
    where T : class, IStatement<T>
{
    public static Signed<T> By(SigningKey key, T statement)
    {
        var envelope = DsseEnvelope.Sign(T.Type, JsonSerializer.SerializeToUtf8Bytes(statement, T.Json), key);
        return new(statement, envelope.PayloadDigest, envelope.ToBytes());
    }

    /// <summary>False unless the envelope is well formed, of this type, signed by <paramref name="key"/>, and its payload is exactly such a statement.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> envelope, VerificationKey key, [NotNullWhen(true)] out Signed<T>? signed)
    {
        signed = null;
        if (!DsseEnvelope.TryParse(envelope, out var parsed, T.LargestSize) || parsed.Verify(T.Type, key) is not { } payload || Parse(payload) is not { } statement)
            return false;
        signed = new(statement, parsed.PayloadDigest, envelope.ToArray());
        return true;
    }

    /// <summary>The statement before any signature was checked: only for finding out whose key to check with.</summary>
    public static T? PeekUnverified(ReadOnlySpan<byte> envelope) =>
        DsseEnvelope.TryParse(envelope, out var parsed, T.LargestSize) && parsed.PayloadType == T.Type ? Parse(parsed.UnverifiedPayload()) : null;

    public override string ToString() => $"{typeof(T).Name} {Digest.Short}";

    private static T? Parse(byte[] payload) => StrictJson.Read(payload, T.Json);
}
