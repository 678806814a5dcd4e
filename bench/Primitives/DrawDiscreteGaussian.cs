using BenchmarkDotNet.Attributes;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Primitives.Benchmarks;

/// <summary>
/// Noise for a vector of 8,192 counters, one thread, randomness from the operating system. Up to 1,000,000 a table decides, which
/// <see cref="FirstDraw"/> makes; the last variance is wider than the 64-bit path and shows the cost of the reference. Times are for one draw.
/// </summary>
public class DrawDiscreteGaussian
{
    private const int Counters = 8192;

    private readonly long[] draws = new long[Counters];
    private DiscreteGaussian mechanism = new(Rational.One);

    [Params("1", "4", "25", "100", "1000", "1000000", "10000000", "1000000000001/3")]
    public string Variance { get; set; } = "1";

    [GlobalSetup]
    public void Prepare() => mechanism = new DiscreteGaussian(Rational.Parse(Variance));

    [Benchmark(OperationsPerInvoke = Counters)]
    public long Fill()
    {
        mechanism.Fill(draws, RandomBytes.OperatingSystem);
        return draws[0];
    }

    [Benchmark]
    public long FirstDraw()
    {
        new DiscreteGaussian(Rational.Parse(Variance)).Fill(draws.AsSpan(0, 1), RandomBytes.OperatingSystem);
        return draws[0];
    }
}
