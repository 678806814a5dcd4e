using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Sampling;
using Consilience.DifferentialPrivacy.Tests.Randomness;

namespace Consilience.Statistical.Tests;

/// <summary>Totals as a run opens them: every key holder's noise added to the cells that sites sent, seen through the factorisation where there is one.</summary>
internal static class NoisedTotals
{
    internal static KeyHolderTrust TwoKeyHolders { get; } = new(2, 1);

    internal static PrivacyPrice EpsilonOne { get; } = PrivacyPrice.Pure(Consilience.DifferentialPrivacy.Accounting.Epsilon.Parse("1"));

    /// <summary>The terms that a run of <paramref name="plan"/> would have.</summary>
    internal static NoiseTerms Terms(MethodPlan plan, PrivacyPrice price, KeyHolderTrust trust) => NoisePlanner.Candidates(plan.Sums.Bound, plan.Sums.Workload, price, trust)[0];

    internal static long[] Open(long[] cells, NoiseTerms terms, RandomBytes randomness)
    {
        var sent = cells.ToArray();
        terms.Factorisation?.Multiply(sent);
        var noise = new long[sent.Length];
        for (var keyHolder = 0; keyHolder < terms.Trust.KeyHolders; keyHolder++)
        {
            terms.Mechanism.Fill(noise, randomness);
            for (var i = 0; i < sent.Length; i++)
                sent[i] += noise[i];
        }

        return terms.Factorisation?.Recover(sent) ?? sent;
    }

    /// <summary>Draws cells, noises and finishes them as the product does, again and again.</summary>
    /// <param name="plan">Of the method.</param>
    /// <param name="price">Of two key holders' noise.</param>
    /// <param name="forgetNoise">Whether the method is told that there is none: the broken twin.</param>
    /// <param name="seed">Of cells, and negated of noise.</param>
    /// <param name="repetitions">How often.</param>
    /// <param name="draw">Cells of persons.</param>
    /// <param name="look">At each result.</param>
    internal static void Repeat(MethodPlan plan, PrivacyPrice price, bool forgetNoise, int seed, int repetitions, Func<UniformWords, long[]> draw, Action<MethodResult> look)
    {
        var terms = Terms(plan, price, TwoKeyHolders);
        var model = forgetNoise ? NoiseModel.None : NoiseModel.Of(terms);
        using var words = new UniformWords(XofBytes.Seeded(seed));
        var randomness = XofBytes.Seeded(-seed);
        for (var repetition = 0; repetition < repetitions; repetition++)
            look(plan.Finish(Open(draw(words), terms, randomness), model, DisclosureRules.None));
    }

    /// <summary>How often limits hold the truth.</summary>
    /// <param name="method">At ε = 1.</param>
    /// <param name="parameters">Of the method.</param>
    /// <param name="schema">They are read by.</param>
    /// <param name="forgetNoise">As <see cref="Repeat"/> has it; as are seed, repetitions and draw.</param>
    /// <param name="limits">Of a result's tables, each with what it should hold.</param>
    internal static double Coverage(
        string method, object parameters, StudySchema schema, bool forgetNoise, int seed, int repetitions, Func<UniformWords, long[]> draw,
        Func<IReadOnlyList<ResultTable>, IEnumerable<(double Low, double High, double Truth)>> limits)
    {
        var plan = MethodList.Find(method)!.Plan(JsonSerializer.SerializeToElement(parameters), schema, new List<Fault>())!;
        double covered = 0, asked = 0;
        Repeat(plan, EpsilonOne, forgetNoise, seed, repetitions, draw, result =>
        {
            foreach (var (low, high, truth) in limits(result.Tables))
            {
                asked++;
                covered += low <= truth && truth <= high ? 1 : 0;
            }
        });
        return covered / asked;
    }

    /// <summary>Uniform between 0 and 1, neither of them.</summary>
    internal static double Uniform(this UniformWords words) => (words.Next() + 0.5) / 4294967296.0;
}
