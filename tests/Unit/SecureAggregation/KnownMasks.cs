using System.Globalization;
using Consilience.SecureAggregation.Masking;

namespace Consilience.SecureAggregation.Tests;

/// <summary>Masks of known seeds in both rings, against <c>vectors/masks/compute.py</c>, which shares no code with the product.</summary>
public sealed class KnownMasks
{
    private static readonly IEnumerable<int[]> Blocks = [[int.MaxValue], [SealedSums.BlockSize], [16, 48, 65_536, 1 << 17]];

    public static TheoryData<int, int> Vectors => new() { { 32, 5 }, { 32, 300_000 }, { 64, 5 }, { 64, 300_000 } };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Every_word_is_the_known_one_whatever_the_blocks(int bits, int length)
    {
        var known = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors", "masks.csv")).Skip(1).Select(l => l.Split(',')).Where(f => f[0] == $"{bits}" && f[1] == $"{length}").ToList();
        Assert.NotEmpty(known);
        foreach (var blocks in Blocks)
        {
            var words = new long[length];
            Ring.Of(bits).Read(MaskOf(bits, length, blocks), words);
            Assert.All(known, f => Assert.Equal(long.Parse(f[3], CultureInfo.InvariantCulture), words[int.Parse(f[2], CultureInfo.InvariantCulture)]));
        }
    }

    [Fact]
    public void A_mask_of_one_ring_is_no_mask_of_the_other() => Assert.NotEqual(MaskOf(32, 4, [int.MaxValue]), MaskOf(64, 4, [int.MaxValue])[..16]);

    [Fact]
    public void Nothing_follows_a_last_block() => Assert.Throws<InvalidOperationException>(() => MaskOf(32, 10, [20, 20]));

    /// <summary>The mask added to zero in blocks of these sizes, and then of the last of them.</summary>
    private static byte[] MaskOf(int bits, int length, int[] blocks)
    {
        var context = new MaskContext(Enumerable.Range(0, 16).Select(i => (byte)i).ToArray(), 3, "aster", "birch", Enumerable.Range(32, 32).Select(i => (byte)i).ToArray(), length, Ring.Of(bits));
        using var seed = MaskSeed.Of([.. Enumerable.Range(100, 32).Select(i => (byte)i)]);
        using var mask = new MaskStream(seed, context);
        var whole = new byte[Ring.Of(bits).SizeOf(length)];
        var rest = whole.AsSpan();
        for (var i = 0; !rest.IsEmpty; i++)
        {
            var size = Math.Min(rest.Length, blocks[Math.Min(i, blocks.Length - 1)]);
            mask.AddTo(rest[..size]);
            rest = rest[size..];
        }

        return whole;
    }
}
