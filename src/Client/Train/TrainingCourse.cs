using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Heads;
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
public sealed record TrainingState(int Round, ModelWeights Weights, ServerMemory Memory, IReadOnlyList<double?> Losses)
{
    /// <summary>Of the next round.</summary>
    public required decimal Clip { get; init; }
}

/// <summary>
/// A training plan checked against a study: which question each round asks, and which weights its answer gives. Pure. The loop that trains, the one that resumes and the one that verifies a release take the same steps here.
/// </summary>
public sealed class TrainingCourse
{
    /// <summary>The method that every round asks.</summary>
    public const string Method = "training-round";

    /// <summary>More weights than these are attached.</summary>
    private const int MostWritten = 1 << 16;

    private readonly AgreedStudy study;

    private TrainingCourse(TrainingPlan plan, AgreedStudy study, ModelDeclaration model) => (Plan, this.study, Model) = (plan, study, model);

    public TrainingPlan Plan { get; }

    public ModelDeclaration Model { get; }

    /// <summary>What a round charges each site; null at exact precision.</summary>
    public NanoRho? ChargeOfRound { get; private init; }

    /// <summary>The ε that holds at the price's δ over all rounds, by the loss of their noise together; null at exact precision.</summary>
    public double? Epsilon { get; private init; }

    /// <summary>What all rounds and the evaluation charge each site, at most.</summary>
    public NanoRho Charge { get; private init; } = NanoRho.Zero;

    private bool IsAttached => Model.ParameterCount > MostWritten;

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
        var course = new TrainingCourse(plan, study, model);
        var (start, rounds) = (course.Start(), plan.Rounds);
        var round = course.ChargeOf(course.Ask(start), faults);
        double? epsilon = round is null ? null : course.EpsilonOf(course.Ask(plan.Adaptive is null ? start : start with { Clip = 1 }));
        if (epsilon > (double?)plan.Price?.Epsilon)
            faults.Add(new("bits", "units fine enough for the noise that was promised", string.Create(CultureInfo.InvariantCulture, $"ε = {epsilon:0.####}"), "choose more bits, or a longer clip"));
        var charge = (round?.Amount ?? 0) * rounds;
        foreach (var question in course.Evaluating(faults) ? plan.Evaluation!.Questions(course, start).Values : [])
            charge += course.ChargeOf(question, faults)?.Amount ?? 0;
        return faults.Count == 0 ? new TrainingCourse(plan, study, model) { ChargeOfRound = round, Epsilon = epsilon, Charge = new(charge) } : throw new FaultyInputException("training", [.. faults.Distinct()]);
    }

    /// <summary>Whether the plan has an evaluation that the study permits.</summary>
    private bool Evaluating(List<Fault> faults)
    {
        if (Plan.Evaluation is not { } evaluation)
            return false;
        if (!study.Methods.Contains(TrainingEvaluation.Method))
            faults.Add(new("study", $"a study that permits {TrainingEvaluation.Method}", $"'{study.Id}'", "propose a study that lists it among its methods, or remove 'evaluation'"));
        if (evaluation.MostAdvantage is not null && Model.Head != HeadKind.Logistic)
            faults.Add(new("evaluation.mostAdvantage", "a logistic model", "another head", "remove it: the loss of others does not follow from their scores"));
        return faults.Count == 0;
    }

    /// <summary>Checks a question against the study, and tells what it charges; null at exact precision, and where there are faults.</summary>
    private NanoRho? ChargeOf(Question question, List<Fault> faults)
    {
        var (method, _) = question.Plan(study.Schema, faults);
        if (question.Precision == Precision.Exact || faults.Count > 0 || question.ReadPrice(faults) is not { } price)
            return null;
        if (price.IsWithin(study.Noised!.MaximumEpsilon))
            return RunPlan.NoisePlans(study, method!, price)[0].Charge;
        faults.Add(new("rho", $"questions of at most ε = {study.Noised.MaximumEpsilon}, or the ρ that costs", $"{price} for one", "offer less, or train in more rounds"));
        return null;
    }

    /// <summary>Of all rounds like this one. Of an adaptive clip, one of the fewest units that it is ever counted in: noise goes with the clip, and in more units whole numbers lose less.</summary>
    private double EpsilonOf(Question question)
    {
        var (method, delta) = (PlanOf(question), (double)Plan.Price!.Delta);
        return RunPlan.NoisePlans(study, method, question.ReadPrice([])!)[0] is { Mechanism: DiscreteGaussian noise } terms
            ? GaussianRounds.Epsilon(method.Sums.Bound.Times(study.Unit.SitesPerPerson).Squares, noise.SigmaSquared, terms.Trust.Honest, method.Sums.VectorLength, Plan.Rounds, delta)
            : ConcentratedProfile.Epsilon(Plan.Price.Rho.ToRational().ToDouble(), delta);
    }

    public TrainingState Start() => new(0, ModelWeights.Initialise(Model, Plan.Seed), Plan.Strategy.Begin(Model.ParameterCount), []) { Clip = Plan.Clip };

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
        var parameters = AskedAt(state);
        parameters["clip"] = JsonValue.Create(state.Clip);
        if (Plan.Adaptive is not null)
            (parameters["bits"], parameters["counted"]) = (AdaptiveClip.BitsOf(state.Clip), AdaptiveClip.Counted);
        foreach (var (name, value) in Plan.Sums)
            parameters[name] = JsonNode.Parse(value.GetRawText());
        if (Plan.Local is { } local)
            parameters["local"] = Local(JsonNode.Parse(local.GetRawText())!.AsObject(), state.Round + 1);
        var rho = Plan.Price is null ? null : new NanoRho(Plan.Price.Rho.Amount / Plan.Rounds).ToString();
        return new Question($"{Plan.Name}, round {state.Round + 1}", Method, JsonSerializer.SerializeToElement(parameters), Plan.Cohort, Plan.Precision, null, rho) { Attached = AttachedAt(state) };
    }

    /// <summary>What questions about a model at these weights begin with: declaration, and weights, or the digest of an attachment where they are too large for a signed statement.</summary>
    internal JsonObject AskedAt(TrainingState state) => new()
    {
        ["model"] = JsonNode.Parse(Plan.Model.GetRawText()),
        ["weights"] = IsAttached ? new JsonObject { ["sha256"] = state.Weights.Digest } : JsonValue.Create(Convert.ToBase64String(state.Weights.ToBytes())),
    };

    /// <summary>The weights, where they travel beside the request.</summary>
    internal ReadOnlyMemory<byte> AttachedAt(TrainingState state) => IsAttached ? state.Weights.ToBytes() : default;

    /// <summary>A question's cohort in canonical form.</summary>
    internal string CohortOf(Question question) => question.Plan(study.Schema, []).Cohort!.Canonical;

    /// <summary>Number of groups that these variables make.</summary>
    internal int GroupsOf(IEnumerable<string> by) => by.Aggregate(1, (groups, name) => groups * (study.Schema.Find(name) is { Codes.Count: > 0 and var codes } ? codes : 2));

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
    /// <exception cref="TrainingStoppedException">The step leaves the range of numbers, noise left nobody to train on, or the total is longer than sites' software makes it.</exception>
    public (TrainingState State, TrainingRound Round) Take(TrainingState state, ReadOnlySpan<long> total)
    {
        ArgumentNullException.ThrowIfNull(state);
        var plan = PlanOf(Ask(state));
        var round = TrainingRound.Read(plan, total);
        if (Plan.Precision == Precision.Exact && TrainingRound.Objection(plan, total, study.Sites.Count) is { } objection)
            throw new TrainingStoppedException($"round {state.Round + 1}: {objection}");
        var factor = Plan.Local is null ? (double)Plan.Schedule.At(state.Round + 1, Plan.Rounds) : 1;
        var (memory, weights) = Plan.Strategy.Step(state.Memory, state.Weights.Values, round.MeanUpdate, factor);
        // The same weights would ask the same question, whose answer is the same release for ever.
        if (Plan.Precision == Precision.Noised && state.Weights.Values.SequenceEqual(weights))
            throw new TrainingStoppedException($"round {state.Round + 1}: noise left nobody to train on; write in 'patients' about how many persons there are, or offer more");
        return Array.TrueForAll(weights, float.IsFinite)
            ? (new(state.Round + 1, ModelWeights.Of(weights), memory, [.. state.Losses, round.Loss]) { Clip = Plan.Adaptive?.Next(state.Clip, round.Clipped) ?? state.Clip }, round)
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
