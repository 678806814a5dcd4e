using System.Runtime.CompilerServices;
using System.Security.Cryptography;

[assembly: InternalsVisibleTo("Consilience.Arithmetic.Tests")]
[assembly: InternalsVisibleTo("Consilience.DifferentialPrivacy.Tests")]
[assembly: InternalsVisibleTo("Consilience.SecureAggregation.Tests")]
[assembly: InternalsVisibleTo("Consilience.Statistical.Tests")]

namespace Consilience.Arithmetic;

/// <summary>
/// Where randomness comes from. <b>Guarantee:</b> outside the test assemblies there is one source, the operating system; no public API takes a seed, so no
/// configuration, snapshot or fork of ours can make it repeat.
/// </summary>
public abstract class RandomBytes
{
    private protected RandomBytes()
    {
    }

    /// <summary>The operating system's generator. Stateless here; safe to share between threads.</summary>
    public static RandomBytes OperatingSystem { get; } = new System();

    /// <summary>Fills <paramref name="bytes"/> with uniformly random bytes.</summary>
    public abstract void Fill(Span<byte> bytes);

    private sealed class System : RandomBytes
    {
#pragma warning disable RS0030 // The one place where randomness enters the product.
        public override void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
#pragma warning restore RS0030
    }

    /// <summary>The way in for the test assemblies' deterministic streams.</summary>
    internal abstract class ForTests : RandomBytes;
}
