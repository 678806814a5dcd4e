using Consilience.Analyses.Schema;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;

namespace Consilience.FederatedLearning.Tests.Published;

/// <summary>Training at noised precision: noise planned as for any question, and drawn by two key holders, one of them trusted.</summary>
internal static class PrivateTraining
{
    internal const int Rounds = 30;
    private const double Delta = 1e-5;

    /// <summary>Of a gradient a round.</summary>
    internal static ModelWeights Train(Federation federation, StudySchema schema, object model, string epsilon, long seed, int patients, double rate) =>
        Train(federation, schema, weights => new { model, weights, clip = 1, patients }, epsilon, seed, rate);

    /// <param name="federation">Whose sites train.</param>
    /// <param name="schema">Of their rows.</param>
    /// <param name="parameters">Of a round, its weights given.</param>
    /// <param name="epsilon">Of all rounds.</param>
    /// <param name="seed">Of initial weights.</param>
    /// <param name="rate">What the mean update is multiplied by.</param>
    internal static ModelWeights Train(Federation federation, StudySchema schema, Func<string, object> parameters, string epsilon, long seed, double rate)
    {
        var weights = ModelWeights.Initialise(federation.Model, seed);
        var price = PrivacyPrice.Concentrated(new NanoRho((long)(ConcentratedProfile.Rho(double.Parse(epsilon), Delta) * 1e9 / Rounds)));
        for (var round = 0; round < Rounds; round++)
        {
            var plan = Written.Plan("training-round", schema, parameters(Written.Base64(weights)));
            var total = Written.Total(plan, federation.Sites);
            AddNoise(total, NoisePlanner.Candidates(plan.Sums.Bound, plan.Sums.Workload, price, new KeyHolderTrust(2, 1))[0]);
            weights = Federation.Add(weights, TrainingRound.Read(plan, total).MeanUpdate.Select(u => rate * u));
        }

        return weights;
    }

    private static void AddNoise(long[] total, NoiseTerms terms)
    {
        var draws = new long[total.Length];
        for (var holder = 0; holder < terms.Trust.KeyHolders; holder++)
        {
            terms.Mechanism.Fill(draws, RandomBytes.OperatingSystem);
            for (var i = 0; i < total.Length; i++)
                total[i] += draws[i];
        }
    }
}
