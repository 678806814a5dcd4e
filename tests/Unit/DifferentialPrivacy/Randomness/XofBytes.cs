using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Tests.Randomness;

/// <summary>
/// A stream that can be repeated: TurboSHAKE128 with domain 1 over the length of an empty tag (two bytes), the length of the seed (one byte) and the seed. The stream
/// the published vectors were made with.
/// </summary>
internal sealed class XofBytes : RandomBytes.ForTests
{
    private readonly TurboShake128 xof;

    internal XofBytes(ReadOnlySpan<byte> seed) => xof = new TurboShake128([0, 0, checked((byte)seed.Length), .. seed], domain: 1);

    internal static XofBytes Seeded(int seed)
    {
        Span<byte> bytes = stackalloc byte[32];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes, seed);
        return new XofBytes(bytes);
    }

    public override void Fill(Span<byte> bytes) => xof.Read(bytes);
}
