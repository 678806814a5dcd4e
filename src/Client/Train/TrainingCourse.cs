using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;
using Consilience.Protocol.Analyse;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train;

/// <summary>Where a training stands between two rounds. Not changed once made.</summary>
/// <param name="Round">Rounds that are done.</param>
/// <param name="Weights">To ask the next round at; after the last, what was trained.</param>
/// <param name="Memory">Of the strategy.</param>
/// <param name="Losses">Of each round, at the weights it was asked at.</param>
public sealed record TrainingState(int Round, ModelWeights Weights, ServerMemory Memory, IReadOnlyList<double?> Losses);

/// <summary>
/// A training plan checked against a study: which question each round asks, and which weights its answer gives. Pure. The loop that trains, the one that resumes and the one that verifies a release take the same steps here.
/// </summary>
public sealed class TrainingCourse
{
    /// <summary>The method that every round asks.</summary>
    public const string Method = "training-round";

    private readonly AgreedStudy study;

    private TrainingCourse(TrainingPlan plan, AgreedStudy study, ModelDeclaration model, NanoRho? charge, string cohort) =>
        (Plan, this.study, Model, ChargeOfRound, Cohort) = (plan, study, model, charge, cohort);

    public TrainingPlan Plan { get; }

    public ModelDeclaration Model { get; }

    /// <summary>In canonical form.</summary>
    public string Cohort { get; }

    /// <summary>What a round charges each site; null at exact precision.</summary>
    public NanoRho? ChargeOfRound { get; }

    /// <summary>What all rounds charge each site, at most.</summary>
    public NanoRho Charge => new((ChargeOfRound?.Amount ?? 0) * Plan.Rounds);

    /// <summary>Fewest sites in a round's sum.</summary>
    public int MinimumSites => Math.Max(Plan.MinimumSites ?? 0, study.MinimumSitesAt(Plan.Precision));

    /// <exception cref="FaultyInputException">The plan does not fit the study; every fault is listed.</exception>
    public static TrainingCourse Of(TrainingPlan plan, AgreedStudy study)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(study);
        var faults = new List<Fault>();
        if (!study.Methods.Contains(Method))
            faults.Add(new("study", $"a study that permits {Method}", $"'{study.Id}'", "propose a study that lists it among its methods"));
        if ((plan.Precision == Precision.Exact ? study.Exact : (object?)study.Noised) is null)
            faults.Add(new("precision", "one that the study permits", $"{plan.Precision.ToString().ToLowerInvariant()}", "train at the other precision, or propose a study that permits this one"));
        if (plan.MinimumSites > study.Sites.Count)
            faults.Add(new("minimumSites", $"at most {study.Sites.Count}", $"{plan.MinimumSites}", "ask for no more sites than the study has"));
        var model = ModelDeclaration.Read(plan.Model, study.Schema, faults);
        if (model is null)
            throw new FaultyInputException("training", faults);
        var course = new TrainingCourse(plan, study, model, null, "");
        var question = course.Ask(course.Start());
        var (method, cohort) = question.Plan(study.Schema, faults);
        NanoRho? charge = null;
        if (plan.Price is not null && faults.Count == 0 && question.ReadPrice(faults) is { } price)
        {
            if (price.IsWithin(study.Noised!.MaximumEpsilon))
                charge = RunPlan.NoisePlans(study, method!, price)[0].Charge;
            else
                faults.Add(new("rho", $"rounds of at most ε = {study.Noised.MaximumEpsilon}, or the ρ that costs", $"{price} a round", "offer less, or train in more rounds"));
        }

        return faults.Count == 0 ? new TrainingCourse(plan, study, model, charge, cohort!.Canonical) : throw new FaultyInputException("training", faults);
    }

    public TrainingState Start() => new(0, ModelWeights.Initialise(Model, Plan.Seed), Plan.Strategy.Begin(Model.ParameterCount), []);

    /// <summary>Whether all rounds are done, or the rule to stop early is met.</summary>
    public bool IsFinished(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Round >= Plan.Rounds || Plan.Stop?.IsReached(state.Losses) == true;
    }

    /// <summary>The question of the round after <paramref name="state"/>.</summary>
    public Question Ask(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var parameters = new JsonObject
        {
            ["model"] = JsonNode.Parse(Plan.Model.GetRawText()), ["weights"] = Convert.ToBase64String(state.Weights.ToBytes()), ["clip"] = JsonValue.Create(Plan.Clip),
        };
        foreach (var (name, value) in Plan.Sums)
            parameters[name] = JsonNode.Parse(value.GetRawText());
        if (Plan.Local is { } local)
            parameters["local"] = Local(JsonNode.Parse(local.GetRawText())!.AsObject(), state.Round + 1);
        var rho = Plan.Price is null ? null : new NanoRho(Plan.Price.Rho.Amount / Plan.Rounds).ToString();
        return new Question($"{Plan.Name}, round {state.Round + 1}", Method, JsonSerializer.SerializeToElement(parameters), Plan.Cohort, Plan.Precision, null, rho);
    }

    /// <summary>The method of a round's question, planned.</summary>
    public MethodPlan PlanOf(Question question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var faults = new List<Fault>();
        return question.Plan(study.Schema, faults).Method ?? throw new FaultyInputException(question.Name, faults);
    }

    /// <summary>Takes the step that a round's verified answer leads to.</summary>
    /// <param name="state">The round was asked at.</param>
    /// <param name="total">The opened counters.</param>
    /// <exception cref="TrainingStoppedException">The step leaves the range of numbers, or nobody was trained on.</exception>
    public (TrainingState State, TrainingRound Round) Take(TrainingState state, ReadOnlySpan<long> total)
    {
        ArgumentNullException.ThrowIfNull(state);
        var round = TrainingRound.Read(PlanOf(Ask(state)), total);
        var factor = Plan.Local is null ? (double)Plan.Schedule.At(state.Round + 1, Plan.Rounds) : 1;
        var (memory, weights) = Plan.Strategy.Step(state.Memory, state.Weights.Values, round.MeanUpdate, factor);
        return Array.TrueForAll(weights, float.IsFinite)
            ? (new(state.Round + 1, ModelWeights.Of(weights), memory, [.. state.Losses, round.Loss]), round)
            : throw new TrainingStoppedException($"round {state.Round + 1}: the weights left the range of numbers (expected finite ones); train with smaller learning rates");
    }

    private JsonObject Local(JsonObject local, int round)
    {
        if (local["rate"] is JsonValue rate && rate.TryGetValue<decimal>(out var number))
            local["rate"] = JsonValue.Create(number * Plan.Schedule.At(round, Plan.Rounds));
        if (Plan.Strategy is Averaging { Proximal: > 0 and var proximal })
            local["proximal"] = JsonValue.Create(proximal);
        local["seed"] = JsonValue.Create((Plan.Seed * TrainingPlanReader.MostRounds) + round);
        return local;
    }
}

/// <summary>A training cannot go on, or its folder is not what it was; says why and what to do.</summary>
public sealed class TrainingStoppedException(string message) : Exception(message);
