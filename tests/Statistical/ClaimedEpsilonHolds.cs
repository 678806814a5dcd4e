using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.Statistical.Tests;

/// <summary>
/// Neighbouring worlds: one person more or less in a vector of counters, noised by the mechanism, judged by the best event there is. The claimed ε must stand; each
/// broken mechanism must be refuted.
/// </summary>
[Trait("speed", "slow")]
public sealed class ClaimedEpsilonHolds
{
    private const int Trials = 100_000;
    private const double Level = 1e-4;

    /// <summary>The audited bound for a person who adds these numbers to the counters, from how often an event of the answers happens with and without that person.</summary>
    private static double Audit(long[] person, Func<long[], bool> happens, Action<long[]> noise)
    {
        long hits = 0, rivalHits = 0;
        var answers = new long[person.Length];
        for (var trial = 0; trial < Trials; trial++)
        {
            noise(answers);
            rivalHits += happens(answers) ? 1 : 0;
            noise(answers);
            for (var i = 0; i < answers.Length; i++)
                answers[i] += person[i];
            hits += happens(answers) ? 1 : 0;
        }

        return TwoWorldAudit.EpsilonLowerBound(Trials, hits, rivalHits, Level);
    }

    private static long[] OneInEach(int counters) => [.. Enumerable.Repeat(1L, counters)];

    /// <summary>The best event against a person counted once in every counter.</summary>
    private static bool AllPositive(long[] answers) => answers.All(a => a >= 1);

    /// <summary>One key holder's discrete Laplace noise for a person in this many counters.</summary>
    private static NoiseTerms Terms(int touched, Epsilon epsilon) =>
        NoisePlanner.Candidates(new ContributionBound(touched, 1, touched, touched), Workload.OfCells(touched), PrivacyPrice.Pure(epsilon), new KeyHolderTrust(1, 0))[0];

    private static Action<long[]> NoiseOf(NoiseTerms terms, int seed)
    {
        var mechanism = terms.Mechanism;
        // One long batch, handed out in pieces: the mechanism fetches its randomness a buffer at a time.
        var batch = new long[1 << 16];
        var random = XofBytes.Seeded(seed);
        var next = batch.Length;
        return draws =>
        {
            if (next + draws.Length > batch.Length)
            {
                mechanism.Fill(batch, random);
                next = 0;
            }

            batch.AsSpan(next, draws.Length).CopyTo(draws);
            next += draws.Length;
        };
    }

    [Theory]
    [InlineData("1", 1, 20)]
    [InlineData("1", 2, 20)]
    [InlineData("0.5", 1, 5)]
    [InlineData("2", 2, 5)]
    public void The_claimed_epsilon_is_never_refuted_and_nearly_reached(string text, int touched, int repetitions)
    {
        var epsilon = Epsilon.Parse(text);
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            var bound = Audit(OneInEach(touched), AllPositive, NoiseOf(Terms(touched, epsilon), repetition));
            Assert.InRange(bound, epsilon.Value.ToDouble() * 0.85, epsilon.Value.ToDouble());
        }
    }

    [Fact]
    public void A_sensitivity_that_forgets_the_second_counter_is_refuted() =>
        Assert.True(Audit(OneInEach(2), AllPositive, NoiseOf(Terms(1, Epsilon.Parse("1")), 1)) > 1);

    [Fact]
    public void A_scale_a_tenth_too_small_is_refuted() =>
        Assert.True(Audit(OneInEach(1), AllPositive, NoiseOf(Terms(1, Epsilon.Parse("10/9")), 1)) > 1);

    /// <summary>A person counted in the first of two counters shows in their difference.</summary>
    private static double AuditOfDifference(Action<long[]> noise) => Audit([1, 0], answers => answers[0] - answers[1] >= 1, noise);

    [Fact]
    public void The_difference_of_two_counters_reveals_no_more() =>
        Assert.InRange(AuditOfDifference(NoiseOf(Terms(1, Epsilon.Parse("1")), 1)), 0.1, 1);

    [Fact]
    public void The_same_noise_on_two_counters_is_refuted()
    {
        var noise = NoiseOf(Terms(1, Epsilon.Parse("1")), 1);
        Assert.True(AuditOfDifference(answers =>
        {
            noise(answers);
            answers[1] = answers[0];
        }) > 1);
    }
}
