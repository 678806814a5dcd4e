using System.Security.Cryptography;

namespace Consilience.Arithmetic;

/// <summary>Bytes that must not be printed, logged or left behind: wiped on disposal, redacted in text, pinned so that the collector leaves no copies.</summary>
public sealed class SecretBytes : IDisposable
{
    private readonly byte[] bytes;
    private bool disposed;

    private SecretBytes(int length) => bytes = GC.AllocateArray<byte>(length, pinned: true);

    public int Length => bytes.Length;

    public ReadOnlySpan<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return bytes;
        }
    }

    /// <summary>Copies <paramref name="source"/>; wiping the source is the caller's.</summary>
    public static SecretBytes CopyOf(ReadOnlySpan<byte> source)
    {
        var secret = new SecretBytes(source.Length);
        source.CopyTo(secret.bytes);
        return secret;
    }

    public static SecretBytes FromRandom(int length, RandomBytes random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var secret = new SecretBytes(length);
        random.Fill(secret.bytes);
        return secret;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(bytes);
        disposed = true;
    }

    public override string ToString() => $"secret ({bytes.Length} bytes)";
}
