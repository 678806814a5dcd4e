using Consilience.Arithmetic;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;
using Consilience.Tests.World;
using CsCheck;

namespace Consilience.SecureAggregation.Tests;

public sealed class SumsThatOpenAsSums
{
    private static readonly RandomBytes Random = RandomBytes.OperatingSystem;
    private static readonly SealingPrivateKey[] Keys = [.. Enumerable.Range(0, 3).Select(_ => SealingPrivateKey.Generate(Random))];

    private static MaskContext Context(string site = "aster", string keyHolder = "k0", int round = 0, byte run = 1, byte request = 2, int length = 5, Ring? ring = null) =>
        new(Enumerable.Repeat(run, 16).ToArray(), round, site, keyHolder, Enumerable.Repeat(request, 32).ToArray(), length, ring ?? Ring.Bits64);

    private static long[] OpenAll(IReadOnlyList<long[]> sites, IReadOnlyList<long[]> noise, int keyHolders, int missing = -1, Ring? ring = null)
    {
        ring ??= Ring.Bits64;
        var length = noise[0].Length;
        var holders = Enumerable.Range(0, keyHolders).Select(k => new KeyHolderKey($"k{k}", Keys[k].PublicKey)).ToList();
        var contributions = sites.Select((values, s) => WholeVectors.Seal(values, Context($"s{s}", length: length, ring: ring), holders)).ToList();
        var sum = new byte[ring.SizeOf(length)];
        foreach (var contribution in contributions)
            ring.Add(sum, contribution.Masked);
        var shares = new List<byte[]>();
        for (var k = 0; k < keyHolders; k++)
        {
            var seeds = contributions.Select((c, s) => (Context($"s{s}", $"k{k}", length: length, ring: ring), MaskSeed.Open(Keys[k], Context($"s{s}", $"k{k}", length: length, ring: ring), c.Envelopes[k])!)).ToList();
            if (k != missing)
                shares.Add(WholeVectors.OpenShare(seeds, ring, noise[k]));
        }

        return WholeVectors.Unseal(ring, sum, shares);
    }

    [Fact]
    public void What_opens_is_the_sum_plus_the_noise_exactly() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 3], Gen.Int[1, 40]).SelectMany((sites, holders, length) =>
            Gen.Select(Gen.Long[-(1L << 40), 1L << 40].Array[length].Array[sites], Gen.Long[-1_000_000, 1_000_000].Array[length].Array[holders]))
            .Sample((values, noise) => OpensExactly(values, noise, Ring.Bits64), iter: 30);

    [Fact]
    public void In_the_smaller_ring_too() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 3], Gen.Int[1, 40]).SelectMany((sites, holders, length) =>
            Gen.Select(Gen.Long[-(1L << 27), 1L << 27].Array[length].Array[sites], Gen.Long[-1_000_000, 1_000_000].Array[length].Array[holders]))
            .Sample((values, noise) => OpensExactly(values, noise, Ring.Bits32), iter: 30);

    [Fact]
    public void A_vector_of_several_blocks_opens_counter_by_counter()
    {
        var length = (SealedSums.BlockSize / 4 * 2) + 7;
        long[] Values(int seed) => [.. Enumerable.Range(0, length).Select(i => ((i * 31L) + seed) % 1000)];
        OpensExactly([Values(1), Values(2)], [Values(3)], Ring.Bits32);
        OpensExactly([Values(1), Values(2)], [Values(3)], Ring.Bits64);
    }

    private static void OpensExactly(IReadOnlyList<long[]> values, IReadOnlyList<long[]> noise, Ring ring)
    {
        var opened = OpenAll(values, noise, noise.Count, ring: ring);
        for (var i = 0; i < opened.Length; i++)
            Assert.Equal(values.Sum(v => v[i]) + noise.Sum(n => n[i]), opened[i]);
    }

    [Fact]
    public void Without_one_key_holders_share_nothing_of_the_sum_shows()
    {
        var zero = new long[4096];
        var opened = OpenAll([zero], [zero, zero], 2, missing: 1);

        // Every byte of the remaining mask is uniform: chi-square over 32,768 bytes with 255 degrees of freedom stays below 400 but once in 10⁸.
        var counts = new int[256];
        foreach (var word in opened)
            foreach (var b in BitConverter.GetBytes(word))
                counts[b]++;
        var expected = opened.Length * 8 / 256.0;
        Assert.InRange(counts.Sum(c => (c - expected) * (c - expected) / expected), 130, 400);

        // The broken twin of the check: with both shares the sum shows, and the same statistic is far away.
        Assert.All(OpenAll([zero], [zero, zero], 2), word => Assert.Equal(0, word));
    }

    public static TheoryData<string> OtherContexts => ["run", "round", "site", "key holder", "request", "length", "ring"];

    [Theory]
    [MemberData(nameof(OtherContexts))]
    public void A_seed_opens_in_its_own_context_only(string other)
    {
        using var seed = MaskSeed.Draw(Context(), Random);
        var envelope = seed.SealTo(Keys[0].PublicKey, Context());
        var elsewhere = other switch
        {
            "run" => Context(run: 9),
            "round" => Context(round: 1),
            "site" => Context(site: "birch"),
            "key holder" => Context(keyHolder: "k1"),
            "request" => Context(request: 9),
            "length" => Context(length: 6),
            _ => Context(ring: Ring.Bits32),
        };
        Assert.NotNull(MaskSeed.Open(Keys[0], Context(), envelope));
        Assert.Null(MaskSeed.Open(Keys[0], elsewhere, envelope));
        Assert.Null(MaskSeed.Open(Keys[1], Context(), envelope));
    }

    [Fact]
    public void No_changed_or_cut_envelope_opens()
    {
        using var seed = MaskSeed.Draw(Context(), Random);
        var envelope = seed.SealTo(Keys[0].PublicKey, Context());
        for (var at = 0; at < envelope.Length; at += 7)
        {
            var changed = (byte[])envelope.Clone();
            changed[at] ^= 1;
            Assert.Null(MaskSeed.Open(Keys[0], Context(), changed));
        }

        for (var length = 0; length < envelope.Length; length += 101)
            Assert.Null(MaskSeed.Open(Keys[0], Context(), envelope.AsSpan(0, length)));
        Assert.Null(MaskSeed.Open(Keys[0], Context(), [.. envelope, 0]));
    }

    /// <summary>A generator that repeats itself, as a machine restored from a snapshot would.</summary>
    private sealed class Repeating : RandomBytes.ForTests
    {
        public override void Fill(Span<byte> bytes) => bytes.Fill(7);
    }

    [Fact]
    public void Repeated_randomness_does_not_repeat_a_mask_in_another_run()
    {
        KeyHolderKey[] holders = [new("k0", Keys[0].PublicKey)];
        var first = WholeVectors.Seal(new long[5], Context(run: 1), holders, new Repeating()).Masked;
        var second = WholeVectors.Seal(new long[5], Context(run: 2), holders, new Repeating()).Masked;
        Assert.NotEqual(first, second);

        // The broken twin, a mask from randomness alone, is the same run repeated: then the masks do coincide.
        Assert.Equal(first, WholeVectors.Seal(new long[5], Context(run: 1), holders, new Repeating()).Masked);
    }

    [Fact]
    public void A_sealed_share_opens_for_its_recipients_in_its_context_and_keeps_its_commitment()
    {
        var share = Ring.Bits64.ToBytes([1, -1, 3]);
        var (bytes, commitment) = WholeVectors.SealShare(share, "context"u8, [Keys[0].PublicKey, Keys[1].PublicKey]);
        Assert.Equal(SealedShare.SizeOf(Ring.Bits64, 3, 2), bytes.Length);
        foreach (var recipient in Keys[..2])
        {
            Assert.True(WholeVectors.TryOpenShare(bytes, "context"u8, recipient, out var opened));
            Assert.Equal(share, opened.Share);
            Assert.Equal(commitment, opened.Commitment());
        }

        Assert.False(WholeVectors.TryOpenShare(bytes, "context"u8, Keys[2], out _));
        Assert.False(WholeVectors.TryOpenShare(bytes, "another"u8, Keys[0], out _));
        for (var at = 0; at < bytes.Length; at += 13)
        {
            var changed = (byte[])bytes.Clone();
            changed[at] ^= 1;
            Assert.False(WholeVectors.TryOpenShare(changed, "context"u8, Keys[0], out _) && WholeVectors.TryOpenShare(changed, "context"u8, Keys[1], out _));
        }
    }

    [Fact]
    public void A_share_of_several_segments_opens_only_whole_and_in_order()
    {
        var share = new byte[(2 * SealedSums.BlockSize) + 100];
        Random.Fill(share);
        var (bytes, _) = WholeVectors.SealShare(share, "context"u8, [Keys[0].PublicKey]);
        Assert.Equal(SealedShare.SizeOf(Ring.Bits32, share.Length / 4, 1), bytes.Length);
        Assert.True(WholeVectors.TryOpenShare(bytes, "context"u8, Keys[0], out var opened));
        Assert.Equal(share, opened.Share);

        const int Segment = SealedSums.BlockSize + 16;
        var header = bytes.Length - (2 * Segment) - 116;
        byte[][] parts = [bytes[..header], bytes[header..(header + Segment)], bytes[(header + Segment)..(header + (2 * Segment))], bytes[(header + (2 * Segment))..]];
        Assert.False(Opens(parts[0], parts[1], parts[2]));
        Assert.False(Opens(parts[0], parts[1], parts[3]));
        Assert.False(Opens(parts[0], parts[2], parts[1], parts[3]));
        Assert.False(Opens(parts[0], parts[1], parts[1], parts[2], parts[3]));
        Assert.False(Opens(parts[0], parts[1], parts[2], parts[3][..^1]));
        Assert.True(Opens(parts));
        bool Opens(params byte[][] kept) => WholeVectors.TryOpenShare([.. kept.SelectMany(p => p)], "context"u8, Keys[0], out _);

        // The broken twin seals every segment as if it were the first and not the last: then what is cut off or moved does open.
        using var aead = new System.Security.Cryptography.AesGcm(new byte[32], 16);
        var (cut, tag) = (new byte[16], new byte[16]);
        aead.Encrypt(SealedShare.Nonce(0, isLast: false), new byte[16], cut, tag);
        aead.Decrypt(SealedShare.Nonce(0, isLast: false), cut, tag, new byte[16]);
        Assert.Throws<System.Security.Cryptography.AuthenticationTagMismatchException>(() => aead.Decrypt(SealedShare.Nonce(0, isLast: true), cut, tag, new byte[16]));
        Assert.Throws<System.Security.Cryptography.AuthenticationTagMismatchException>(() => aead.Decrypt(SealedShare.Nonce(1, isLast: false), cut, tag, new byte[16]));
    }

    [Fact]
    public void A_commitment_hides_a_guessable_share_behind_its_salt()
    {
        var first = WholeVectors.SealShare([42], "c"u8, [Keys[0].PublicKey]).Commitment;
        var second = WholeVectors.SealShare([42], "c"u8, [Keys[0].PublicKey]).Commitment;
        Assert.NotEqual(first, second);

        // The broken twin: without the salt the same share has the same digest, and a guess can be tested.
        Assert.Equal(new OpenedShare([], [42]).Commitment(), new OpenedShare([], [42]).Commitment());
    }

    /// <summary>Who opens a total gets, of the very bytes it was opened from, the digests to compare.</summary>
    [Theory]
    [InlineData(32, 5)]
    [InlineData(32, 600_000)]
    [InlineData(64, 300_000)]
    public void A_total_is_opened_with_the_digests_of_what_it_is_opened_from(int bits, int length)
    {
        var ring = Ring.Of(bits);
        var vectors = Enumerable.Range(0, 3).Select(_ =>
        {
            var vector = new byte[ring.SizeOf(length)];
            Random.Fill(vector);
            return vector;
        }).ToList();
        OpenedShare[] shares = [new([1], vectors[1]), new([2, 3], vectors[2])];
        var sum = new MemoryStream([7, .. vectors[0]]) { Position = 1 };
        var unsealed = SealedSums.Unseal(ring, length, sum, [.. shares.Select(s => new SaltedShare(s.Salt, new MemoryStream(s.Share)))]);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(vectors[0]), unsealed.MaskedSum);
        Assert.Equal(shares.Select(s => s.Commitment()), unsealed.Commitments);
        var words = vectors.Select(v => Enumerable.Range(0, length).Select(i => bits == 32 ? BitConverter.ToInt32(v, 4 * i) : BitConverter.ToInt64(v, 8 * i)).ToList()).ToList();
        Assert.Equal(Enumerable.Range(0, length).Select(i => unchecked(words[0][i] - words[1][i] - words[2][i])).Select(w => bits == 32 ? unchecked((int)w) : w), unsealed.Total);
        Assert.Throws<EndOfStreamException>(() => SealedSums.Unseal(ring, length, new MemoryStream(vectors[0], 0, vectors[0].Length - 1), []));
    }

    [Fact]
    public void Secrets_do_not_print()
    {
        using var seed = MaskSeed.Draw(Context(), Random);
        var hex = Convert.ToHexStringLower(Keys[0].Export());
        Assert.DoesNotContain(hex, Keys[0].ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("redacted", Keys[0].ToString(), StringComparison.Ordinal);
        Assert.Contains("redacted", seed.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Sums_that_could_wrap_are_refused_when_planned()
    {
        Assert.True(SumCapacity.Suffices(Ring.Bits32, 31, 3, 1L << 26, 0));
        Assert.False(SumCapacity.Suffices(Ring.Bits32, 32, 3, 1L << 26, 0));
        Assert.False(SumCapacity.Suffices(Ring.Bits32, 31, 3, 1L << 26, 1L << 25));
        Assert.True(SumCapacity.Suffices(Ring.Bits64, 1000, 3, 1L << 40, 1_000_000));
        Assert.False(SumCapacity.Suffices(Ring.Bits64, 1 << 23, 3, 1L << 40, 0));
        Assert.True(SumCapacity.Suffices(Ring.Bits64, 511, 3, 1L << 54, 0));
        Assert.False(SumCapacity.Suffices(Ring.Bits64, 512, 3, 1L << 54, 0));
        Assert.False(SumCapacity.Suffices(Ring.Bits64, 10, 3, 1L << 40, System.Numerics.BigInteger.Pow(2, 62)));
    }
}
