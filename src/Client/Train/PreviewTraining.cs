using System.Globalization;
using Consilience.Analyses;
using Consilience.Arithmetic;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train;

/// <summary>What a training would cost, and what it could reach, before anyone is asked anything.</summary>
public sealed record TrainingPreview
{
    public required string Name { get; init; }

    public required int Rounds { get; init; }

    /// <summary>Number of weights.</summary>
    public required int Weights { get; init; }

    /// <summary>What the plan offers, in words; null at exact precision.</summary>
    public required string? Price { get; init; }

    /// <summary>What holds at <see cref="Delta"/> over all rounds together, by the loss of their noise; null at exact precision.</summary>
    public required double? Epsilon { get; init; }

    /// <summary>Null at exact precision.</summary>
    public required decimal? Delta { get; init; }

    /// <summary>What all rounds charge each site.</summary>
    public required NanoRho Charge { get; init; }

    /// <summary>What is left at each site before it, by what the hub knows.</summary>
    public required IReadOnlyDictionary<OrganisationId, NanoRho> Left { get; init; }

    public bool Suffices => Left.Values.All(l => l >= Charge);

    /// <summary>What a site sends in all rounds.</summary>
    public required long BytesOfASite { get; init; }

    /// <summary>What simulations reached on mock persons, in sentences; why there is none otherwise.</summary>
    public required string Expect { get; init; }
}

/// <summary>
/// Previews a training from the study and the plan: its charges, and what it reaches on mock persons drawn from the schema alone, trained in this process by the very steps of the plan. How well real data can be predicted nobody
/// knows before; what noise takes from it can be seen.
/// </summary>
public static class PreviewTraining
{
    private const int Runs = 5;

    /// <summary>Multiplications, about, that a preview may take.</summary>
    private const double MostWork = 2e10;

    /// <param name="course">To preview.</param>
    /// <param name="study">Of its agreement.</param>
    /// <param name="charged">What each site was charged so far.</param>
    /// <param name="persons">Expected in all, dealt to the sites evenly.</param>
    public static TrainingPreview Of(Course course, AgreedStudy study, IReadOnlyDictionary<OrganisationId, NanoRho> charged, int persons)
    {
        ArgumentNullException.ThrowIfNull(course);
        ArgumentNullException.ThrowIfNull(study);
        return new()
        {
            Name = course.Plan.Name,
            Rounds = course.Plan.Rounds,
            Weights = course.MostWeights,
            Price = course.Plan.Price?.Words,
            Epsilon = course.Epsilon,
            Delta = course.Plan.Price?.Delta,
            Charge = course.Charge,
            Left = TrainingBudget.Left(study, charged),
            BytesOfASite = course.BytesOfASite,
            Expect = Expect(course, study, persons),
        };
    }

    private static string Expect(Course course, AgreedStudy study, int persons)
    {
        if (!MockRows.Knows(course.Declared.Head))
            return "no expectation: outcomes of this kind are not drawn on mock data";
        if (course.WorkWith(persons) * Runs > MostWork)
            return "no expectation: too large to simulate here";
        var noised = Enumerable.Range(1, Runs).Select(run => Simulate(course, study, persons, run, isNoised: course.ChargeOfRound is not null)).ToList();
        var measure = course.Declared.Head == HeadKind.Logistic ? "an accuracy" : "a root mean squared error";
        var reached = string.Create(CultureInfo.InvariantCulture, $"{measure} between {noised.Min():0.000} and {noised.Max():0.000}");
        var about = $"on {persons} mock persons drawn from the schema alone, {Runs} trainings reached {reached}";
        if (course.ChargeOfRound is null)
            return about + "; your data may be easier or harder";
        var plain = Enumerable.Range(1, Runs).Average(run => Simulate(course, study, persons, run, isNoised: false));
        return string.Create(CultureInfo.InvariantCulture, $"{about}, and without noise {plain:0.000} on average: the difference is what privacy takes; your data may be easier or harder");
    }

    private static double Simulate(Course course, AgreedStudy study, int persons, int seed, bool isNoised)
    {
        var sites = study.Sites.Count;
        var rows = Enumerable.Range(0, sites).Select(site => MockRows.Draw(course.Declared, (persons / sites) + (site < persons % sites ? 1 : 0), seed, site)).ToList();
        var state = course.Start();
        while (!course.IsFinished(state))
        {
            var question = course.Ask(state);
            var plan = course.PlanOf(question);
            var total = new long[plan.Sums.VectorLength];
            foreach (var site in rows)
                Add(total, plan, question.Attached, site);
            if (isNoised)
                AddNoise(total, RunPlan.NoisePlans(study, plan, question.ReadPrice([])!)[0]);
            (state, _) = course.Take(state, total);
        }

        return Measure(course.Declared, course.ScorerAt(state), MockRows.Draw(course.Declared, Math.Max(persons, 1000), seed, sites));
    }

    private static void Add(long[] total, MethodPlan plan, ReadOnlyMemory<byte> attached, MockRows rows)
    {
        var vector = new long[total.Length];
        plan.Sums.Encode(rows, attached, vector);
        for (var i = 0; i < total.Length; i++)
            total[i] += vector[i];
    }

    /// <summary>As key holders do.</summary>
    internal static void AddNoise(long[] total, NoiseTerms terms)
    {
        var noise = new long[total.Length];
        for (var keyHolder = 0; keyHolder < terms.Trust.KeyHolders; keyHolder++)
        {
            terms.Mechanism.Fill(noise, RandomBytes.OperatingSystem);
            for (var i = 0; i < total.Length; i++)
                total[i] += noise[i];
        }
    }

    /// <summary>Accuracy, or the root mean squared error in the outcome's own unit, on persons who were not trained on.</summary>
    private static double Measure(DeclaredModel model, IScorer scorer, MockRows rows)
    {
        double sum = 0;
        foreach (var row in rows.Rows)
        {
            var (predicted, outcome) = (scorer.Predict(row.AsSpan(0, row.Length - 1))![0], row[^1]);
            var isEvent = model.Outcome.Events.Contains((int)outcome);
            sum += model.Head == HeadKind.Logistic ? (predicted > 0.5 == isEvent ? 1 : 0) : (predicted - outcome) * (predicted - outcome);
        }

        return model.Head == HeadKind.Logistic ? sum / rows.Rows.Count : Math.Sqrt(sum / rows.Rows.Count);
    }
}
