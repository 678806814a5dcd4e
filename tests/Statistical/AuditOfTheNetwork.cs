using System.Diagnostics;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.Statistical.Tests;

/// <summary>
/// Differential privacy of whole networks, measured: neighbouring worlds through real requests, ledgers, masks and openings, and one run with canaries. The claimed ε must stand in 20
/// repetitions at level 10⁻⁴; every broken twin must be refuted at that level.
/// </summary>
[Trait("speed", "slow")]
public sealed class AuditOfTheNetwork(ITestOutputHelper output)
{
    private const double Level = 1e-4;

    /// <summary>
    /// The audited bound: half of the answers choose the event "at least t", the other half measure it. Every cell of a table is a trial of its own, with its own person and its own
    /// noise. The choice is made at the level of the measurement: a milder one favours events too rare for it, and a broken twin then escapes by chance.
    /// </summary>
    private double Audit(string what, IReadOnlyList<double> with, IReadOnlyList<double> without, double claimed, Stopwatch time)
    {
        static long Hits(IEnumerable<double> answers, double t) => answers.LongCount(a => a >= t);
        var half = with.Count / 2;
        var best = Enumerable.Range(-24, 80).Select(t => t / 4.0).MaxBy(t => TwoWorldAudit.EpsilonLowerBound(half, Hits(with.Take(half), t), Hits(without.Take(half), t), Level));
        var bound = TwoWorldAudit.EpsilonLowerBound(with.Count - half, Hits(with.Skip(half), best), Hits(without.Skip(half), best), Level);
        output.WriteLine($"{what}: claimed ε = {claimed}, audited at least {bound:0.000} with confidence {1 - Level}, {with.Count} trials in each world, {time.Elapsed.TotalSeconds:0.0} s");
        return bound;
    }

    private static async Task<List<double>> AnswersAsync(AuditedNetwork network, int runs)
    {
        var answers = new List<double>();
        for (var run = 0; run < runs; run++)
            answers.AddRange((await network.AskAsync()).Select(a => (double)a));
        return answers;
    }

    [Fact]
    public async Task The_claimed_epsilon_stands_in_twenty_repetitions()
    {
        var time = Stopwatch.StartNew();
        await using var with = await AuditedNetwork.StartAsync(_ => true);
        await using var without = await AuditedNetwork.StartAsync(_ => false);
        for (var repetition = 0; repetition < 20; repetition++)
            Assert.True(Audit("honest", await AnswersAsync(with, 5), await AnswersAsync(without, 5), 1, time) <= 1);
    }

    /// <summary>What the sums would be under broken noise: a person or nobody, with noise of the test's own.</summary>
    private double AuditOfTwin(string what, Func<bool, int, long> noise, int trials = 10_000)
    {
        var time = Stopwatch.StartNew();
        List<double> World(bool isPresent) => [.. Enumerable.Range(0, trials).Select(i => (double)((isPresent ? 1 : 0) + noise(isPresent, i)))];
        return Audit(what, World(true), World(false), 1, time);
    }

    private static long[] Draws(Rational scale, int seed)
    {
        var draws = new long[20_000];
        new DiscreteLaplace(scale).Fill(draws, XofBytes.Seeded(seed));
        return draws;
    }

    [Fact]
    public void Half_the_scale_is_refuted()
    {
        var (one, two) = (Draws(new Rational(1, 2), 1), Draws(new Rational(1, 2), 2));
        Assert.True(AuditOfTwin("scale halved", (isPresent, i) => one[i + (isPresent ? 10_000 : 0)] + two[i + (isPresent ? 10_000 : 0)]) > 1);
    }

    [Fact]
    public void A_share_of_noise_missing_at_every_key_holder_is_refuted() => Assert.True(AuditOfTwin("noise missing", (_, _) => 0) > 1);

    [Fact]
    public void Noise_left_out_of_empty_cells_is_refuted()
    {
        var noise = Draws(1, 3);
        Assert.True(AuditOfTwin("empty cells without noise", (isPresent, i) => isPresent ? noise[i] : 0) > 1);
    }

    [Fact]
    public void Two_key_holders_that_share_randomness_and_cancel_it_are_refuted()
    {
        var noise = Draws(1, 4);
        Assert.True(AuditOfTwin("noise of one key holder taken off by the other", (isPresent, i) => noise[i + (isPresent ? 10_000 : 0)] - noise[i + (isPresent ? 10_000 : 0)]) > 1);
    }

    /// <summary>Ten answers to one question, paid for one by one, are worth ten times the ε of one: averaged without being charged they would refute it.</summary>
    [Fact]
    public async Task Averages_of_answers_that_were_not_charged_for_are_refuted()
    {
        var time = Stopwatch.StartNew();
        await using var with = await AuditedNetwork.StartAsync(_ => true);
        await using var without = await AuditedNetwork.StartAsync(_ => false);
        async Task<List<double>> AveragesAsync(AuditedNetwork network)
        {
            var averages = new List<double>();
            for (var table = 0; table < 6; table++)
            {
                var sum = new long[AuditedNetwork.Cells];
                for (var i = 0; i < 10; i++)
                    sum = [.. sum.Zip(await network.AskAsync(), (a, b) => a + b)];
                averages.AddRange(sum.Select(s => s / 10.0));
            }

            return averages;
        }

        Assert.True(Audit("ten answers averaged", await AveragesAsync(with), await AveragesAsync(without), 1, time) > 1);
    }

    /// <summary>A person with the same record at two sites, where the study says so, and where it does not.</summary>
    [Theory]
    [InlineData("privacyUnit: person\nsitesPerPerson: 2", true)]
    [InlineData("", false)]
    public async Task A_person_at_two_sites_is_protected_where_the_privacy_unit_says_so(string privacyUnit, bool stands)
    {
        var time = Stopwatch.StartNew();
        await using var with = await AuditedNetwork.StartAsync(_ => true, atBoth: true, privacyUnit);
        await using var without = await AuditedNetwork.StartAsync(_ => false, atBoth: true, privacyUnit);
        var bound = Audit(stands ? "person at two sites, counted twice" : "person at two sites, counted once", await AnswersAsync(with, 100), await AnswersAsync(without, 100), 1, time);
        Assert.Equal(stands, bound <= 1);
    }

    /// <summary>One run, each cell a canary that a coin put in: the clearest half of the answers is guessed.</summary>
    private double AuditOfOneRun(string what, bool[] isIn, long[] answers, double claimed, Stopwatch time)
    {
        var order = Enumerable.Range(0, answers.Length).OrderBy(i => answers[i]).ToList();
        var quarter = answers.Length / 4;
        var correct = order.Take(quarter).Count(i => !isIn[i]) + order.TakeLast(quarter).Count(i => isIn[i]);
        var bound = OneRunAudit.EpsilonLowerBound(answers.Length, 2 * quarter, correct, 0, Level);
        output.WriteLine($"{what}: claimed ε = {claimed}, audited at least {bound:0.000} with confidence {1 - Level}, {answers.Length} canaries, {correct} of {2 * quarter} guesses right, 1 run, {time.Elapsed.TotalSeconds:0.0} s");
        return bound;
    }

    [Fact]
    public async Task One_run_with_canaries_does_not_refute_the_claim_and_refutes_a_smaller_one()
    {
        var time = Stopwatch.StartNew();
        var coins = new byte[AuditedNetwork.Cells];
        XofBytes.Seeded(7).Fill(coins);
        bool[] isIn = [.. coins.Select(c => (c & 1) == 1)];
        await using var network = await AuditedNetwork.StartAsync(i => isIn[i]);
        Assert.True(AuditOfOneRun("canaries", isIn, await network.AskAsync(), 1, time) <= 1);

        // The twin claims ε = 1 and draws noise for ε = 4 at each key holder.
        var noise = Draws(new Rational(1, 4), 8).Zip(Draws(new Rational(1, 4), 9), (a, b) => a + b).ToArray();
        Assert.True(AuditOfOneRun("canaries, noise for ε = 4", isIn, [.. isIn.Select((c, i) => (c ? 1 : 0) + noise[i])], 1, time) > 1);
    }
}
