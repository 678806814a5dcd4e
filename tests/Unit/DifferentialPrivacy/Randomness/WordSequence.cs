using System.Buffers.Binary;
using Consilience.Arithmetic;

namespace Consilience.DifferentialPrivacy.Tests.Randomness;

/// <summary>Chosen words, then words of only ones.</summary>
internal sealed class WordSequence(IReadOnlyList<uint> words) : RandomBytes.ForTests
{
    private int next;

    public override void Fill(Span<byte> bytes)
    {
        for (var offset = 0; offset < bytes.Length; offset += sizeof(uint))
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[offset..], next < words.Count ? words[next++] : uint.MaxValue);
    }
}
