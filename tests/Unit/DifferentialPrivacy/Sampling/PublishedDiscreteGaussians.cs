using System.Numerics;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.DifferentialPrivacy.Tests.Sampling;

/// <summary>
/// The samplers against 314 published samples of the discrete Gaussian, whose candidates are discrete Laplace draws. A sample is right only if every word before it
/// was taken as the reference takes it.
/// </summary>
public sealed class PublishedDiscreteGaussians
{
    private sealed record Vector(Rational Sigma, bool ZeroSeed, IReadOnlyList<BigInteger> Samples)
    {
        internal UniformWords Words() => new(new XofBytes(ZeroSeed ? new byte[32] : [.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
    }

    private static readonly IReadOnlyList<Vector> Vectors = Read();

    private static List<Vector> Read()
    {
        using var reader = new StreamReader(typeof(PublishedDiscreteGaussians).Assembly.GetManifestResourceStream("discrete-gaussian.txt")!);
        return
        [
            .. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#')).Select(line =>
            {
                var (head, samples) = (line[..line.IndexOf(':')].Split(' '), line[(line.IndexOf(':') + 2)..]);
                return new Vector(Rational.Parse(head[0]), head.Length > 1, [.. samples.Split(' ').Select(BigInteger.Parse)]);
            }),
        ];
    }

    /// <summary>How many of a vector's samples a sampler gives in order before its first mistake.</summary>
    private static int Agreeing(Vector vector, Func<UniformWords, Func<BigInteger>> sampler)
    {
        using var words = vector.Words();
        var draw = sampler(words);
        return vector.Samples.TakeWhile(expected => draw() == expected).Count();
    }

    /// <summary>The discrete Gaussian of Canonne, Kamath and Steinke over a given source of discrete Laplace candidates of scale ⌊σ⌋ + 1.</summary>
    private static Func<BigInteger> GaussianOver(Func<BigInteger> candidate, ExactSampler exact, Rational sigma)
    {
        var t = new Rational(sigma.Floor() + 1, 1);
        return () =>
        {
            while (true)
            {
                var y = candidate();
                var distance = new Rational(BigInteger.Abs(y), 1) - (sigma * sigma / t);
                if (exact.BernoulliExp(distance * distance / (sigma * sigma * 2)))
                    return y;
            }
        };
    }

    [Fact]
    public void All_published_samples_are_here()
    {
        Assert.Equal(294, Vectors.Where(v => !v.ZeroSeed).Sum(v => v.Samples.Count));
        Assert.Equal(20, Vectors.Where(v => v.ZeroSeed).Sum(v => v.Samples.Count));
        Assert.Equal(6, Vectors.Where(v => !v.ZeroSeed).Select(v => v.Sigma).Distinct().Count());
    }

    [Fact]
    public void The_reference_gives_every_published_sample() => Assert.All(Vectors, vector =>
        Assert.Equal(vector.Samples.Count, Agreeing(vector, words => () => new ExactSampler(words).DiscreteGaussian(vector.Sigma * vector.Sigma))));

    [Fact]
    public void The_64_bit_path_gives_every_published_sample_whose_variance_it_takes()
    {
        var taken = 0;
        foreach (var vector in Vectors)
        {
            using var words = new UniformWords(new XofBytes([]));
            if (FastGaussian.TryCreate(words, vector.Sigma * vector.Sigma) is null)
                continue;
            taken++;
            Assert.Equal(vector.Samples.Count, Agreeing(vector, w =>
            {
                var fast = FastGaussian.TryCreate(w, vector.Sigma * vector.Sigma)!;
                return () => fast.Next();
            }));
        }

        // σ = 3, 9, 100, 1171/500 and 5; the other two are beyond 64 bits.
        Assert.Equal(5, taken);
    }

    [Fact]
    public void A_candidate_that_counts_zero_twice_is_caught() => Assert.All(Vectors.Where(v => v.Sigma < 100), vector =>
        Assert.NotEqual(vector.Samples.Count, Agreeing(vector, words =>
        {
            var exact = new ExactSampler(words);
            return GaussianOver(
                () => (exact.Bernoulli(new Rational(1, 2)) ? -1 : 1) * exact.Geometric(Rational.One / new Rational(vector.Sigma.Floor() + 1, 1)), exact, vector.Sigma);
        })));

    [Fact]
    public void An_acceptance_without_its_last_step_is_caught() => Assert.All(Vectors, vector =>
        Assert.NotEqual(vector.Samples.Count, Agreeing(vector, words =>
        {
            var exact = new ExactSampler(words);
            var t = new Rational(vector.Sigma.Floor() + 1, 1);
            return () => exact.DiscreteLaplace(t);
        })));
}
