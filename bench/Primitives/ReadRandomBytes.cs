using BenchmarkDotNet.Attributes;
using Consilience.Arithmetic;

namespace Consilience.Primitives.Benchmarks;

/// <summary>The operating system's generator, at the length the samplers fetch and at a longer one: the floor under every draw of noise.</summary>
public class ReadRandomBytes
{
    private byte[] bytes = [];

    [Params(8_192, 65_536)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Prepare() => bytes = new byte[Length];

    [Benchmark]
    public void Fill() => RandomBytes.OperatingSystem.Fill(bytes);
}
