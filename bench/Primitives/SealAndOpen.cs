using BenchmarkDotNet.Attributes;
using Consilience.Arithmetic;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.Primitives.Benchmarks;

/// <summary>
/// A million counters: what one site does for each of its key holders, what the hub does for each site, what one key holder does for each site on the roll, and a whole round of ten sites and three key holders:
/// sealing at all of them, adding, opening by all, and sealing the shares. One thread. Noise is measured apart.
/// </summary>
public class SealAndOpen
{
    private const int Counters = 1_000_000;
    private const int Sites = 10;

    private readonly long[] values = new long[Counters];
    private readonly SealingPrivateKey[] keys = [.. Enumerable.Range(0, 3).Select(_ => SealingPrivateKey.Generate(RandomBytes.OperatingSystem))];
    private MaskContext scope = null!;
    private byte[] masked = [];
    private byte[] total = [];
    private byte[] envelope = [];

    [Params(32, 64)]
    public int WordBits { get; set; }

    private Ring Ring => Ring.Of(WordBits);

    [GlobalSetup]
    public void Prepare()
    {
        scope = new MaskContext(new byte[16], 0, "site", "holder0", new byte[32], Counters, Ring);
        masked = new byte[Ring.SizeOf(Counters)];
        total = new byte[masked.Length];
        envelope = Seal()[0];
    }

    [Benchmark]
    public IReadOnlyList<byte[]> Seal() => SealFor(scope, 1, masked);

    [Benchmark]
    public void Combine() => Ring.Add(total, masked);

    [Benchmark]
    public void Open()
    {
        using var seed = MaskSeed.Open(keys[0], scope, envelope)!;
        SealedSums.OpenShare(Ring, Counters, [(scope, seed)], null, _ => { });
    }

    [Benchmark]
    public byte[] WholeRound()
    {
        Array.Clear(total);
        var sealedSeeds = new List<(MaskContext Scope, IReadOnlyList<byte[]> Envelopes)>();
        for (var site = 0; site < Sites; site++)
        {
            var context = scope with { Site = $"site{site}" };
            sealedSeeds.Add((context, SealFor(context, keys.Length, masked)));
            Ring.Add(total, masked);
        }

        for (var k = 0; k < keys.Length; k++)
        {
            var contexts = sealedSeeds.Select(s => (Context: s.Scope with { KeyHolder = $"holder{k}" }, Envelope: s.Envelopes[k]));
            var seeds = contexts.Select(s => (s.Context, MaskSeed.Open(keys[k], s.Context, s.Envelope)!)).ToList();
            using var sealer = new ShareSealer(masked.Length, "share"u8, [keys[0].PublicKey], RandomBytes.OperatingSystem);
            SealedSums.OpenShare(Ring, Counters, seeds, null, block => sealer.Seal(block));
            seeds.ForEach(s => s.Item2.Dispose());
        }

        return total;
    }

    private IReadOnlyList<byte[]> SealFor(MaskContext context, int keyHolders, byte[] into)
    {
        var written = 0;
        return SealedSums.Seal(values, context, [.. keys.Take(keyHolders).Select((k, i) => new KeyHolderKey($"holder{i}", k.PublicKey))], RandomBytes.OperatingSystem, block =>
        {
            block.CopyTo(into.AsSpan(written));
            written += block.Length;
        });
    }
}
