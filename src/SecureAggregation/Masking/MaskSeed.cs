using System.Security.Cryptography;
using Consilience.Arithmetic;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.SecureAggregation.Masking;

/// <summary>
/// 32 bytes that expand to one site's mask towards one key holder. Used once. The operating system's randomness is mixed with the context, so that even a machine
/// restored from a snapshot does not repeat a mask in another run.
/// </summary>
public sealed class MaskSeed : IDisposable
{
    public const int Size = 32;

    private static readonly byte[] EnvelopeInfo = "consilience/seed/v1"u8.ToArray();

    private readonly SecretBytes bytes;

    private MaskSeed(SecretBytes bytes) => this.bytes = bytes;

    internal ReadOnlySpan<byte> Bytes => bytes.Span;

    /// <summary>A seed of known bytes, for known answers.</summary>
    internal static MaskSeed Of(ReadOnlySpan<byte> bytes) => new(SecretBytes.CopyOf(bytes));

    public static MaskSeed Draw(MaskContext context, RandomBytes random)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var fresh = SecretBytes.FromRandom(Size, random);
        Span<byte> mixed = stackalloc byte[Size];
        context.Derive(fresh.Span, "consilience/seed-draw/v1"u8, mixed);
        var seed = new MaskSeed(SecretBytes.CopyOf(mixed));
        mixed.Clear();
        return seed;
    }

    /// <summary>The envelope for the key holder of <paramref name="context"/>.</summary>
    public byte[] SealTo(SealingPublicKey keyHolder, MaskContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return Hpke.Seal(keyHolder, EnvelopeInfo, context.Encode(), bytes.Span);
    }

    /// <summary>Null when the envelope was not sealed to this key in this context, or was altered.</summary>
    public static MaskSeed? Open(SealingPrivateKey keyHolder, MaskContext context, ReadOnlySpan<byte> envelope)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (!Hpke.TryOpen(keyHolder, EnvelopeInfo, context.Encode(), envelope, out var plaintext))
            return null;
        var seed = plaintext.Length == Size ? new MaskSeed(SecretBytes.CopyOf(plaintext)) : null;
        CryptographicOperations.ZeroMemory(plaintext);
        return seed;
    }

    public void Dispose() => bytes.Dispose();

    public override string ToString() => "mask seed (redacted)";
}
