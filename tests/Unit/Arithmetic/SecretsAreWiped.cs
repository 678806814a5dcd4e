using System.Reflection;
using System.Text;
using System.Text.Json;

namespace Consilience.Arithmetic.Tests;

public sealed class SecretsAreWiped
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("correct horse battery staple");

    /// <summary>What is still readable at the secret's place after its owner disposed of it.</summary>
    private static byte[] Remains<T>(T owner, Func<T, ReadOnlyMemory<byte>> place)
        where T : IDisposable
    {
        var memory = place(owner);
        Assert.Equal(Secret, memory.ToArray());
        owner.Dispose();
        return memory.ToArray();
    }

    private static ReadOnlyMemory<byte> PlaceOf(object owner) =>
        (byte[])owner.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Single(f => f.FieldType == typeof(byte[])).GetValue(owner)!;

    [Fact]
    public void Nothing_remains_after_disposal() =>
        Assert.Equal(new byte[Secret.Length], Remains(SecretBytes.CopyOf(Secret), PlaceOf));

    [Fact]
    public void A_secret_that_only_marks_itself_disposed_is_caught() =>
        Assert.NotEqual(new byte[Secret.Length], Remains(new OnlyMarked([.. Secret]), PlaceOf));

    [Fact]
    public void A_disposed_secret_cannot_be_read()
    {
        var secret = SecretBytes.CopyOf(Secret);
        secret.Dispose();
        Assert.Throws<ObjectDisposedException>(() => secret.Span.Length);
        secret.Dispose();
    }

    [Fact]
    public void The_copy_is_its_own()
    {
        byte[] source = [.. Secret];
        using var secret = SecretBytes.CopyOf(source);
        Array.Clear(source);
        Assert.True(secret.Span.SequenceEqual(Secret));
    }

    [Fact]
    public void A_secret_neither_prints_nor_serialises()
    {
        using var secret = SecretBytes.CopyOf(Secret);
        Assert.Equal("secret (28 bytes)", $"{secret}");
        Assert.Equal("secret (28 bytes)", string.Format("{0}", secret));
        string? json = null;
        try
        {
            json = JsonSerializer.Serialize(secret);
        }
        catch (Exception refused) when (refused is NotSupportedException or InvalidOperationException)
        {
            Assert.DoesNotContain("correct", refused.Message);
        }

        Assert.DoesNotContain(Convert.ToBase64String(Secret)[..8], json ?? "");
    }

    [Fact]
    public void Random_secrets_differ()
    {
        using var one = SecretBytes.FromRandom(32, RandomBytes.OperatingSystem);
        using var other = SecretBytes.FromRandom(32, RandomBytes.OperatingSystem);
        Assert.Equal(32, one.Length);
        Assert.False(one.Span.SequenceEqual(other.Span));
        Assert.Throws<ArgumentNullException>(() => SecretBytes.FromRandom(32, null!));
    }

    private sealed class OnlyMarked(byte[] bytes) : IDisposable
    {
        private readonly byte[] kept = bytes;

        internal bool Disposed { get; private set; }

        public void Dispose() => Disposed = kept.Length >= 0;
    }
}
