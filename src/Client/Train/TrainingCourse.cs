using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train;

/// <summary>
/// A training plan checked against a study: which question each run asks, and which weights its answer gives. Pure. The loop that trains, the one that resumes and the one that verifies a release take the same steps here.
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

    /// <summary>What is asked in all, and what it charges.</summary>
    public IReadOnlyList<PlannedRuns> Planned { get; private init; } = [];

    /// <summary>What a round's update charges each site; null at exact precision.</summary>
    public NanoRho? ChargeOfRound => Planned.First(p => p.What == PlannedRuns.Updates).Charge;

    /// <summary>What all runs and the evaluation charge each site, at most.</summary>
    public NanoRho Charge => new(Planned.Sum(p => p.Times * (p.Charge?.Amount ?? 0)));

    private bool IsAttached => Model.ParameterCount > MostWritten;

    /// <summary>Fewest sites in a round's sum.</summary>
    public int MinimumSites => Math.Max(Plan.MinimumSites ?? 0, study.MinimumSitesAt(Plan.Precision));

    /// <summary>Rounds in which one site is asked, at most.</summary>
    internal int RoundsOfASite => Plan.Participation?.RoundsOfASite(Plan.Rounds, study.Sites.Count) ?? Plan.Rounds;

    /// <summary>Number of sites that a round asks.</summary>
    /// <param name="round">From 1 on.</param>
    public int SitesAsked(int round) => SitesOf(round)?.Count ?? study.Sites.Count;

    private IReadOnlyList<OrganisationId>? SitesOf(int round) => Plan.Participation?.Of(Plan, study, round);

    /// <exception cref="FaultyInputException">The plan does not fit the study; every fault is listed.</exception>
    public static TrainingCourse Of(TrainingPlan plan, AgreedStudy study)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(study);
        var faults = new List<Fault>();
        PlanAgainstStudy.Check(plan, study, faults);
        var model = ModelDeclaration.Read(plan.Model, study.Schema, faults);
        if (model is null || faults.Exists(f => f.Subject == "participation"))
            throw new FaultyInputException("training", faults);
        var planned = PlanAgainstStudy.Price(new TrainingCourse(plan, study, model), study, faults);
        return faults.Count == 0 ? new TrainingCourse(plan, study, model) { Planned = planned } : throw new FaultyInputException("training", [.. faults.Distinct()]);
    }

    /// <summary>The training without the persons of a group.</summary>
    internal TrainingCourse Without(string code) => Of(Plan.LeaveOut!.Without(Plan, code), study);

    public TrainingState Start() => new(0, ModelWeights.Initialise(Model, Plan.Seed), Plan.Strategy.Begin(Model.ParameterCount));

    /// <summary>What the run after <paramref name="state"/> asks; null when all rounds are done, or a rule to stop early is met.</summary>
    public TrainingStep? Next(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var isLast = state.Round >= Plan.Rounds || Plan.Stop?.IsReached(state.Losses) == true;
        if (Plan.Validation is { } validation)
        {
            var validated = state.Validations.Count > 0 ? state.Validations[^1].Round : 0;
            if (state.Round > validated && (isLast || state.Round % validation.Every == 0))
                return TrainingStep.Validation;
            isLast |= validation.IsReached(state.Validations);
        }

        return isLast ? null : Plan.Strategy.IsCorrected && state.Control is null ? TrainingStep.Gradient : TrainingStep.Update;
    }

    public bool IsFinished(TrainingState state) => Next(state) is null;

    /// <summary>The question of the run after <paramref name="state"/>.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Question Ask(TrainingState state) => Next(state) is { } step ? Ask(state, step) : throw new ArgumentException("training: is finished", nameof(state));

    internal Question Ask(TrainingState state, TrainingStep step) => step switch
    {
        TrainingStep.Validation => Plan.Validation!.Ask(this, state),
        TrainingStep.Gradient => AskGradient(state),
        _ => AskUpdate(state),
    };

    private Question AskUpdate(TrainingState state)
    {
        var parameters = AskedAt(state, state.Control);
        parameters["clip"] = JsonValue.Create(Plan.Clip);
        foreach (var (name, value) in Plan.Sums)
            parameters[name] = JsonNode.Parse(value.GetRawText());
        if (Plan.Local is { } local)
            parameters["local"] = Local(JsonNode.Parse(local.GetRawText())!.AsObject(), state.Round + 1);
        if (PersonalPart.OfRound(Plan, SeedOf(state.Round + 1)) is { } personal)
            parameters["personal"] = personal;
        var rho = Plan.Price is null ? null : new NanoRho(Plan.Price.Rho.Amount / RoundsOfASite).ToString();
        return Asked($"round {state.Round + 1}", parameters, rho, AttachedAt(state, state.Control)) with { Sites = SitesOf(state.Round + 1) };
    }

    /// <summary>Of everybody's gradients, each no longer than steps at sites take them.</summary>
    private Question AskGradient(TrainingState state)
    {
        const decimal Longest = 1000;
        const int LeastUnits = 1 << 10, MostUnits = 1 << 20, MostBits = 24;
        var parameters = AskedAt(state);
        var clip = Math.Min(Longest, Plan.Local is { } local && local.TryGetProperty("clip", out var written) && written.TryGetDecimal(out var own) ? own : Longest);
        var bits = 0;
        while (bits < MostBits && (clip * (1 << bits) < LeastUnits || (bits < 10 && clip * (2 << bits) <= MostUnits)))
            bits++;
        parameters["clip"] = JsonValue.Create(clip);
        parameters["bits"] = JsonValue.Create(bits);
        return Asked($"mean gradient of round {state.Round + 1}", parameters, null, AttachedAt(state));
    }

    private Question Asked(string what, JsonObject parameters, string? rho, ReadOnlyMemory<byte> attached) =>
        new($"{Plan.Name}, {what}", Method, JsonSerializer.SerializeToElement(parameters), Plan.Cohort, Plan.Precision, null, rho) { Attached = attached };

    /// <summary>What questions about a model at these weights begin with: declaration, and weights, or the digest of an attachment where they are too large for a signed statement; and what steps are corrected by.</summary>
    internal JsonObject AskedAt(TrainingState state, ModelWeights? control = null)
    {
        var asked = new JsonObject
        {
            ["model"] = JsonNode.Parse(Plan.Model.GetRawText()),
            ["weights"] = IsAttached ? new JsonObject { ["sha256"] = Digest.Of(AttachedAt(state, control).Span).ToString() } : JsonValue.Create(Convert.ToBase64String(state.Weights.ToBytes())),
        };
        if (control is not null)
            asked["control"] = IsAttached ? JsonValue.Create("attached") : JsonValue.Create(Convert.ToBase64String(control.ToBytes()));
        return asked;
    }

    /// <summary>The weights, and what steps are corrected by, where they travel beside the request.</summary>
    internal ReadOnlyMemory<byte> AttachedAt(TrainingState state, ModelWeights? control = null) => IsAttached ? (byte[])[.. state.Weights.ToBytes(), .. control?.ToBytes() ?? []] : default;

    /// <summary>A question's cohort in canonical form.</summary>
    internal string CohortOf(Question question) => question.Plan(study.Schema, []).Cohort!.Canonical;

    /// <summary>Number of groups that these variables make.</summary>
    internal int GroupsOf(IEnumerable<string> by) => by.Aggregate(1, (groups, name) => groups * (study.Schema.Find(name) is { Codes.Count: > 0 and var codes } ? codes : 2));

    /// <summary>The method of a run's question, planned.</summary>
    public MethodPlan PlanOf(Question question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var faults = new List<Fault>();
        return question.Plan(study.Schema, faults).Method ?? throw new FaultyInputException(question.Name, faults);
    }

    /// <summary>Takes the step that a run's verified answer leads to.</summary>
    /// <param name="state">The run was asked at.</param>
    /// <param name="total">The opened counters.</param>
    /// <returns>Where it leads, and the round that was trained; null where the run asked something else.</returns>
    /// <exception cref="TrainingStoppedException">The step leaves the range of numbers, or noise left nobody to train on.</exception>
    public (TrainingState State, TrainingRound? Round) Take(TrainingState state, ReadOnlySpan<long> total)
    {
        ArgumentNullException.ThrowIfNull(state);
        var (step, question) = (Next(state), Ask(state));
        var plan = PlanOf(question);
        var next = state with { Runs = state.Runs + 1 };
        if (step == TrainingStep.Validation)
            return (TakeValidation(next, plan, question, total), null);
        var round = TrainingRound.Read(plan, total);
        return step == TrainingStep.Gradient ? (next with { Control = ModelWeights.Of([.. round.MeanUpdate.Select(u => (float)-u)]) }, null) : (TakeUpdate(next, round), round);
    }

    private TrainingState TakeValidation(TrainingState state, MethodPlan plan, Question question, ReadOnlySpan<long> total)
    {
        var noise = question.Rho is null ? NoiseModel.None : NoiseModel.Of(RunPlan.NoisePlans(study, plan, question.ReadPrice([])!)[0]);
        IReadOnlyList<ValidatedRound> validations = [.. state.Validations, Validation.Read(state.Round, plan.Finish(total, noise, study.Disclosure))];
        return Plan.Validation!.IsBest(validations) ? state with { Validations = validations, Best = state.Weights, BestRound = state.Round } : state with { Validations = validations };
    }

    private TrainingState TakeUpdate(TrainingState state, TrainingRound round)
    {
        var factor = Plan.Local is null ? (double)Plan.Schedule.At(state.Round + 1, Plan.Rounds) : 1;
        var (memory, weights) = Plan.Strategy.Step(state.Memory, state.Weights.Values, round.MeanUpdate, factor);
        // The same weights would ask the same question, whose answer is the same release for ever.
        if (Plan.Precision == Precision.Noised && state.Weights.Values.SequenceEqual(weights))
            throw new TrainingStoppedException($"round {state.Round + 1}: noise left nobody to train on; write in 'patients' about how many persons there are, or offer more");
        return Array.TrueForAll(weights, float.IsFinite)
            ? state with { Round = state.Round + 1, Weights = ModelWeights.Of(weights), Memory = memory, Losses = [.. state.Losses, round.Loss], Control = null }
            : throw new TrainingStoppedException($"round {state.Round + 1}: the weights left the range of numbers (expected finite ones); train with smaller learning rates");
    }

    private JsonObject Local(JsonObject local, int round)
    {
        if (local["rate"] is JsonValue rate && rate.TryGetValue<decimal>(out var number))
            local["rate"] = JsonValue.Create(number * Plan.Schedule.At(round, Plan.Rounds));
        if (Plan.Strategy is Averaging { Proximal: > 0 and var proximal })
            local["proximal"] = JsonValue.Create(proximal);
        local["seed"] = JsonValue.Create(SeedOf(round));
        return local;
    }

    private int SeedOf(int round) => (Plan.Seed * TrainingPlanReader.MostRounds) + round;
}

/// <summary>A training cannot go on, or its folder is not what it was; says why and what to do.</summary>
public sealed class TrainingStoppedException(string message) : Exception(message);
