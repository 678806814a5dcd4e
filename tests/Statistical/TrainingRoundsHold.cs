using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.DifferentialPrivacy.Tests.Randomness;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Tests;

namespace Consilience.Statistical.Tests;

/// <summary>
/// One round of training at an adaptive clip, with and without a person whose gradient is far longer than the clip, who is counted as clipped with the whole of it, and who knows everybody else: the (ε, δ) that is stated stands, by the event that
/// tells the two worlds apart best.
/// </summary>
[Trait("speed", "slow")]
public sealed class TrainingRoundsHold
{
    private const int Trials = 100_000;
    private const double Level = 1e-4;
    private const double Delta = 0.01;

    private static readonly StudySchema Schema = new([Written.Number("x", -1000, 1000), Written.Number("z", -1000, 1000), Written.Flag("y")]);
    private static readonly object Model = new { inputs = new object[] { new { variable = "x", centre = 0, scale = 1 }, new { variable = "z", centre = 0, scale = 1 } }, head = "logistic", outcome = "y" };
    private static readonly RowsInMemory Others = new(["x", "z", "y"], [[1, 2, 0], [-3, 0.5, 1], [0.1, -1, 0]]);

    private static MethodPlan Plan(int? counted) => Written.Plan("training-round", Schema, new { model = Model, weights = Written.Base64(ModelWeights.Initialise(Written.Model(Schema, Model), 3)), clip = 1, counted });

    /// <summary>The audited ε at <see cref="Delta"/> of answers to a round, noised as planned for another.</summary>
    private static double Audited(MethodPlan asked, NoiseTerms terms, double claimed, int seed) =>
        Audited(new[] { 0.0, 1 }.Select(label => Written.Total(asked, Others.With(400, -300, label)).Zip(Written.Total(asked, Others), (a, b) => a - b).ToArray()).MaxBy(Length)!, terms, claimed, seed);

    /// <param name="person">What the person adds.</param>
    /// <param name="terms">The noise.</param>
    /// <param name="claimed">That it should keep.</param>
    /// <param name="seed">Of the noise.</param>
    private static double Audited(long[] person, NoiseTerms terms, double claimed, int seed)
    {
        var random = XofBytes.Seeded(seed);
        var (hits, rivals) = (Count(Length(person)), Count(0));
        return TwoWorldAudit.EpsilonLowerBound(Trials, Math.Max(0, hits - (long)Math.Ceiling(Delta * Trials)), rivals, Level);

        // The privacy loss of an answer is (⟨answer, person⟩ − |person|²/2)/σ²: the event is that it is above the claim.
        long Count(double shift)
        {
            var (noise, count) = (new long[person.Length * Trials], 0L);
            terms.Mechanism.Fill(noise, random);
            for (var trial = 0; trial < Trials; trial++)
            {
                var product = shift - (Length(person) / 2);
                for (var i = 0; i < person.Length; i++)
                    product += (double)noise[(trial * person.Length) + i] * person[i];
                count += product > claimed * terms.Mechanism.Variance ? 1 : 0;
            }

            return count;
        }
    }

    private static double Length(long[] person) => person.Sum(p => (double)p * p);

    private static NoiseTerms Terms(MethodPlan plan) => NoisePlanner.Candidates(plan.Sums.Bound, plan.Sums.Workload, PrivacyPrice.Concentrated(NanoRho.TryParseRho("0.5", out var rho) ? rho : throw new InvalidOperationException()), new KeyHolderTrust(1, 0))[0];

    private static double Claimed(MethodPlan plan) => GaussianRounds.Epsilon(plan.Sums.Bound.Squares, ((DiscreteGaussian)Terms(plan).Mechanism).SigmaSquared, 1, plan.Sums.VectorLength, 1, Delta);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void The_claimed_epsilon_is_never_refuted_and_nearly_reached(int counted)
    {
        var plan = Plan(counted);
        for (var repetition = 0; repetition < 5; repetition++)
            Assert.InRange(Audited(plan, Terms(plan), Claimed(plan), repetition), Claimed(plan) * 0.75, Claimed(plan));
    }

    /// <summary>The twin scales noise to a bound in which the count of persons clipped has hardly a share.</summary>
    [Fact]
    public void A_bound_without_the_share_of_the_count_is_refuted() =>
        Assert.InRange(Audited(Plan(1), Terms(Plan(null)), Claimed(Plan(null)), 1), Claimed(Plan(null)) * 1.02, 100);

    /// <summary>Someone of twenty visits, all alike, trains for several steps on them. The twin clips every visit by itself, and scales noise to one.</summary>
    [Fact]
    public void It_stands_for_a_person_of_many_rows_who_trains_on_all_of_them_and_not_where_rows_are_clipped_singly()
    {
        var plan = Written.Plan("training-round", Schema, new { model = Model, weights = Written.Base64(ModelWeights.Initialise(Written.Model(Schema, Model), 3)), clip = 1, counted = 1, local = new { unit = "person", steps = 5, batch = 8, rate = 0.1 } });
        var visits = new[] { 0.0, 1 }.Select(label => new PersonsInMemory(Others.Variables, [Enumerable.Repeat(new[] { 400, -300, label }, 20).ToArray()])).MaxBy(p => Length(Written.Total(plan, p)))!;
        for (var repetition = 0; repetition < 5; repetition++)
            Assert.InRange(Audited(Written.Total(plan, visits), Terms(plan), Claimed(plan), repetition), Claimed(plan) * 0.75, Claimed(plan));
        Assert.InRange(Audited(Written.Total(plan, visits.Rows), Terms(plan), Claimed(plan), 1), Claimed(plan) * 1.5, 100);
    }
}
