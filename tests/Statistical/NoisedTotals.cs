using Consilience.Analyses;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Sampling;

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

    /// <summary>Uniform between 0 and 1, neither of them.</summary>
    internal static double Uniform(this UniformWords words) => (words.Next() + 0.5) / 4294967296.0;
}
