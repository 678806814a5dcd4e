using System.Runtime.CompilerServices;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.Statistical.Tests;

/// <summary>
/// Jin and others, "Are we there yet? Timing and floating-point attacks on differential privacy systems" (2022): a sampler that takes longer for larger noise tells its size to whoever holds a clock. Words of
/// randomness stand for time. What a key holder's observer can see is how long a batch took; the broken twin draws the noise of one counter alone. Seeds are fixed.
/// </summary>
[Trait("speed", "slow")]
public sealed class TimeTellsNoNoise
{
    private const int Trials = 2000;

    /// <summary>Five standard errors of a correlation of nothing.</summary>
    private static readonly double Nothing = 5 / Math.Sqrt(Trials);

    public static TheoryData<string, string> Mechanisms => new()
    {
        { "discrete-laplace", "10" }, { "discrete-laplace", "2" }, { "discrete-gaussian", "100" }, { "discrete-gaussian", "1" }, { "discrete-gaussian", "1000001" },
    };

    private static NoiseMechanism Mechanism(string name, string parameter) =>
        name == DiscreteLaplace.MechanismName ? new DiscreteLaplace(Rational.Parse(parameter)) : new DiscreteGaussian(Rational.Parse(parameter));

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public void How_long_a_batch_takes_tells_nothing_of_a_counter(string name, string parameter)
    {
        var mechanism = Mechanism(name, parameter);
        var source = new CountedBytes(XofBytes.Seeded(21));
        var (counter, times) = (new double[Trials], new double[Trials]);
        Span<long> draw = stackalloc long[1];
        for (var i = 0; i < Trials; i++)
        {
            var before = source.Calls;
            mechanism.FillInBatch(draw, source);
            (counter[i], times[i]) = (draw[0], source.Calls - before);
        }

        if (mechanism is DiscreteGaussian { SigmaSquared: var sigmaSquared } && sigmaSquared <= GaussianTable.LargestVariance)
        {
            // A table takes one pair of words a draw, whatever it is.
            Assert.Single(times.Distinct());
            return;
        }

        Assert.True(times.Distinct().Count() > 1, "nothing to correlate with");
        Assert.InRange(Correlation(counter.Select(Math.Abs), times), -Nothing, Nothing);
        Assert.InRange(Correlation(counter, times), -Nothing, Nothing);
    }

    /// <summary>Nor does it tell the sign of a sum of noise, which is what an estimate is off by: the whole batch, in words.</summary>
    [Theory]
    [MemberData(nameof(Mechanisms))]
    public void How_long_a_batch_takes_tells_nothing_of_the_error_of_its_sum(string name, string parameter)
    {
        var (sums, times) = (new double[Trials], new double[Trials]);
        using var words = new CountedWords(XofBytes.Seeded(22));
        var draw = words.Sampler(name, Rational.Parse(parameter));
        for (var i = 0; i < Trials; i++)
        {
            var before = words.Taken;
            sums[i] = Enumerable.Range(0, 64).Sum(_ => (double)draw());
            times[i] = words.Taken - before;
        }

        Assert.InRange(Correlation(sums, times), -Nothing, Nothing);
    }

    [Theory]
    [InlineData("discrete-laplace", "10", 0.5)]
    [InlineData("discrete-gaussian", "100", 0.1)]
    public void The_time_of_one_draw_tells_its_size(string name, string parameter, double least)
    {
        var (draws, times) = (new double[Trials], new double[Trials]);
        using var words = new CountedWords(XofBytes.Seeded(23));
        var draw = words.Sampler(name, Rational.Parse(parameter));
        for (var i = 0; i < Trials; i++)
        {
            var before = words.Taken;
            draws[i] = Math.Abs(draw());
            times[i] = words.Taken - before;
        }

        Assert.True(Correlation(draws, times) > Math.Max(least, Nothing));
    }

    private static double Correlation(IEnumerable<double> a, IReadOnlyList<double> b)
    {
        var x = a.ToList();
        double mx = x.Average(), my = b.Average();
        return x.Zip(b, (p, q) => (p - mx) * (q - my)).Sum() / Math.Sqrt(x.Sum(p => (p - mx) * (p - mx)) * b.Sum(q => (q - my) * (q - my)));
    }

    /// <summary>Counts how often it is asked, for a buffer each time: what the operating system sees.</summary>
    private sealed class CountedBytes(RandomBytes source) : RandomBytes.ForTests
    {
        internal long Calls { get; private set; }

        internal long Bytes { get; private set; }

        public override void Fill(Span<byte> bytes)
        {
            (Calls, Bytes) = (Calls + 1, Bytes + bytes.Length);
            source.Fill(bytes);
        }
    }

    /// <summary>Words, and how many of them a sampler took.</summary>
    private sealed class CountedWords : IDisposable
    {
        private readonly CountedBytes source;
        private readonly UniformWords words;

        internal CountedWords(RandomBytes random)
        {
            source = new CountedBytes(random);
            words = new UniformWords(source);
            words.Next();
        }

        internal long Taken => (source.Bytes - Buffer(words).Length + Position(words)) / sizeof(uint);

        internal Func<long> Sampler(string name, Rational parameter) => name == DiscreteLaplace.MechanismName
            ? new FastLaplace(words, (ulong)parameter.Numerator, (ulong)parameter.Denominator).Next
            : FastGaussian.TryCreate(words, parameter)!.Next;

        public void Dispose() => words.Dispose();

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "position")]
        private static extern ref int Position(UniformWords words);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "buffer")]
        private static extern ref readonly byte[] Buffer(UniformWords words);
    }
}
