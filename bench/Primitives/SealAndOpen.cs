using BenchmarkDotNet.Attributes;
using Consilience.Arithmetic;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;
using Consilience.SecureAggregation.Sealing;

namespace Consilience.Primitives.Benchmarks;

/// <summary>
/// A million counters: what one site does for each of its key holders, and what one key holder does for each site on the roll. One thread. Noise is measured apart.
/// </summary>
public class SealAndOpen
{
    private const int Counters = 1_000_000;

    private readonly long[] values = new long[Counters];
    private readonly MaskContext scope = new(new byte[16], 0, "site", "holder", new byte[32], Counters);
    private readonly SealingPrivateKey key = SealingPrivateKey.Generate(RandomBytes.OperatingSystem);
    private byte[] envelope = [];

    [GlobalSetup]
    public void Prepare() => envelope = Seal().Envelopes[0];

    [Benchmark]
    public SealedVector Seal() => SealedSums.Seal(values, scope, [new KeyHolderKey("holder", key.PublicKey)], RandomBytes.OperatingSystem);

    [Benchmark]
    public ulong[] Open()
    {
        using var seed = MaskSeed.Open(key, scope, envelope)!;
        return SealedSums.OpenShare([(scope, seed)], values);
    }
}
