using BenchmarkDotNet.Attributes;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Primitives.Benchmarks;

/// <summary>
/// Noise for a vector of 8,192 counters, one thread, randomness from the operating system. The last scale is wider than the 64-bit path and shows the cost of the
/// reference. Times are for one draw.
/// </summary>
public class DrawDiscreteLaplace
{
    private const int Counters = 8192;

    private readonly long[] draws = new long[Counters];
    private DiscreteLaplace mechanism = new(Rational.One);

    [Params("1", "2", "20", "10/3", "1000000", "10000000000/3333333333", "100000000000000000000/33333333333333333333")]
    public string Scale { get; set; } = "1";

    [GlobalSetup]
    public void Prepare() => mechanism = new DiscreteLaplace(Rational.Parse(Scale));

    [Benchmark(OperationsPerInvoke = Counters)]
    public long Fill()
    {
        mechanism.Fill(draws, RandomBytes.OperatingSystem);
        return draws[0];
    }
}
