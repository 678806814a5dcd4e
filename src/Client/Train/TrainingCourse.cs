using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train;

/// <summary>The training of a model with layers: which question each run asks, and which weights its answer gives.</summary>
public sealed class TrainingCourse : Course<TrainingState>
{
    /// <summary>The method that every round asks.</summary>
    public const string Method = "training-round";

    /// <summary>More weights than these are attached.</summary>
    private const int MostWritten = 1 << 16;

    private TrainingCourse(TrainingPlan plan, AgreedStudy study, ModelDeclaration model)
        : base(plan, study) => Model = model;

    public ModelDeclaration Model { get; }

    public override DeclaredModel Declared => Model;

    private bool IsAttached => Model.ParameterCount > MostWritten;

    internal override int RoundsOfASite => Plan.Participation?.RoundsOfASite(Plan.Rounds, Study.Sites.Count) ?? Plan.Rounds;

    public override int SitesAsked(int round) => SitesOf(round)?.Count ?? Study.Sites.Count;

    private IReadOnlyList<OrganisationId>? SitesOf(int round) => Plan.Participation?.Of(Plan, Study, round);

    /// <exception cref="FaultyInputException">The plan does not fit the study; every fault is listed.</exception>
    public static new TrainingCourse Of(TrainingPlan plan, AgreedStudy study)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(study);
        var faults = new List<Fault>();
        PlanAgainstStudy.Check(plan, study, Method, faults);
        var model = ModelDeclaration.Read(plan.Model, study.Schema, faults);
        if (model is null || faults.Exists(f => f.Subject == "participation"))
            throw new FaultyInputException("training", faults);
        var course = new TrainingCourse(plan, study, model);
        var planned = PlanAgainstStudy.Price(course, study, faults);
        double? epsilon = planned[0].Charge is null ? null : course.EpsilonOfRounds();
        if (epsilon > (double?)plan.Price?.Epsilon)
            faults.Add(new("bits", "units fine enough for the noise that was promised", string.Create(CultureInfo.InvariantCulture, $"ε = {epsilon:0.####}"), "choose more bits, or a longer clip"));
        return faults.Count == 0 ? new TrainingCourse(plan, study, model) { Planned = planned, Epsilon = epsilon } : throw new FaultyInputException("training", [.. faults.Distinct()]);
    }

    public override TrainingState Start() => new(0, ModelWeights.Initialise(Model, Plan.Seed), Plan.Strategy.Begin(Model.ParameterCount)) { Clip = Plan.Clip };

    internal override IEnumerable<(string What, int Times, Question Question)> Runs(List<Fault> faults)
    {
        var start = Start();
        yield return (PlannedRuns.Updates, RoundsOfASite, Ask(Plan.Strategy.IsCorrected ? start with { Control = start.Weights } : start, TrainingStep.Update));
        if (Plan.Strategy.IsCorrected)
            yield return ("mean gradients", Plan.Rounds, Ask(start, TrainingStep.Gradient));
        if (Plan.Validation is { } validation && PlanAgainstStudy.IsPermitted(validation, this, Study, faults))
            yield return ("validations", validation.Times(Plan.Rounds), Ask(start, TrainingStep.Validation));
    }

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

    public override bool IsFinished(TrainingState state) => Next(state) is null;

    internal override bool IsValidated(CourseState state) => Next((TrainingState)state) == TrainingStep.Validation;

    /// <exception cref="ArgumentException">There is no run after it.</exception>
    public override Question Ask(TrainingState state) => Next(state) is { } step ? Ask(state, step) : throw new ArgumentException("training: is finished", nameof(state));

    internal Question Ask(TrainingState state, TrainingStep step) => step switch
    {
        TrainingStep.Validation => Plan.Validation!.Ask(this, state),
        TrainingStep.Gradient => AskGradient(state),
        _ => AskUpdate(state),
    };

    private Question AskUpdate(TrainingState state)
    {
        var parameters = AskedAt(state, state.Control);
        parameters["clip"] = JsonValue.Create(state.Clip);
        if (Plan.Adaptive is not null)
            (parameters["bits"], parameters["counted"]) = (AdaptiveClip.BitsOf(state.Clip), AdaptiveClip.Counted);
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

    internal override JsonObject AskedAt(TrainingState state) => AskedAt(state, null);

    internal override ReadOnlyMemory<byte> AttachedAt(TrainingState state) => AttachedAt(state, null);

    /// <summary>The same with what steps are corrected by.</summary>
    private JsonObject AskedAt(TrainingState state, ModelWeights? control)
    {
        var asked = new JsonObject
        {
            ["model"] = JsonNode.Parse(Plan.Model.GetRawText()),
            ["weights"] = IsAttached ? new JsonObject { ["sha256"] = DigestOf(state.Weights, control) } : JsonValue.Create(Convert.ToBase64String(state.Weights.Bytes.Span)),
        };
        if (control is not null)
            asked["control"] = IsAttached ? JsonValue.Create("attached") : JsonValue.Create(Convert.ToBase64String(control.Bytes.Span));
        return asked;
    }

    /// <summary>The weights, and what steps are corrected by, where they travel beside the request.</summary>
    private ReadOnlyMemory<byte> AttachedAt(TrainingState state, ModelWeights? control) =>
        !IsAttached ? default : control is null ? state.Weights.Bytes : (byte[])[.. state.Weights.Bytes.Span, .. control.Bytes.Span];

    /// <summary>Of the attachment, without making it.</summary>
    private static string DigestOf(ModelWeights weights, ModelWeights? control)
    {
        if (control is null)
            return weights.Digest;
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(weights.Bytes.Span);
        digest.AppendData(control.Bytes.Span);
        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    /// <exception cref="TrainingStoppedException">The step leaves the range of numbers, noise left nobody to train on, or the total is longer than sites' software makes it.</exception>
    public override (TrainingState State, TrainingRound? Round) Take(TrainingState state, ReadOnlySpan<long> total)
    {
        ArgumentNullException.ThrowIfNull(state);
        var (step, question) = (Next(state), Ask(state));
        var plan = PlanOf(question);
        var next = state with { Runs = state.Runs + 1 };
        if (step == TrainingStep.Validation)
            return (TakeValidation(next, plan, question, total), null);
        var round = TrainingRound.Read(plan, total);
        if (Plan.Precision == Precision.Exact && TrainingRound.Objection(plan, total, SitesAsked(state.Round + 1)) is { } objection)
            throw new TrainingStoppedException($"round {state.Round + 1}: {objection}");
        return step == TrainingStep.Gradient ? (next with { Control = ModelWeights.Of([.. round.MeanUpdate.Select(u => (float)-u)]) }, null) : (TakeUpdate(next, round), round);
    }

    private TrainingState TakeValidation(TrainingState state, MethodPlan plan, Question question, ReadOnlySpan<long> total)
    {
        var noise = question.Rho is null ? NoiseModel.None : NoiseModel.Of(RunPlan.NoisePlans(Study, plan, question.ReadPrice([])!)[0]);
        IReadOnlyList<ValidatedRound> validations = [.. state.Validations, Validation.Read(state.Round, plan.Finish(total, noise, Study.Disclosure))];
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
            ? state with { Round = state.Round + 1, Weights = ModelWeights.Of(weights), Memory = memory, Losses = [.. state.Losses, round.Loss], Control = null, Clip = Plan.Adaptive?.Next(state.Clip, round.Clipped) ?? state.Clip }
            : throw new TrainingStoppedException($"round {state.Round + 1}: the weights left the range of numbers (expected finite ones); train with smaller learning rates");
    }

    internal override int MostWeights => Model.ParameterCount;

    internal override double WorkWith(int persons)
    {
        double Times(string key) => Plan.Local is { } local && local.TryGetProperty(key, out var written) && written.TryGetDouble(out var times) ? times : 1;
        var epochs = Times("epochs") * (Plan.IsByPerson ? Times("steps") : 1);
        return 6.0 * persons * Model.ParameterCount * Plan.Rounds * epochs;
    }

    internal override string? DigestIn(Func<string, byte[]> file)
    {
        var (tensors, _) = Safetensors.Read(file(ReleaseModel.Weights));
        return tensors.Count == Model.Tensors.Count ? Safetensors.WeightsOf(Model, tensors).Digest : null;
    }

    private protected override WrittenFile Checkpoint(TrainingState state)
    {
        var tensors = Safetensors.Of(Model, state.Weights).ToList();
        if (state.Memory.Momentum.Count > 0)
            tensors.AddRange([StoredTensor.Of("strategy.momentum", state.Memory.Momentum), StoredTensor.Of("strategy.spread", state.Memory.Spread)]);
        var metadata = new Dictionary<string, string> { ["round"] = $"{state.Round}", ["runs"] = $"{state.Runs}", ["weights"] = state.Weights.Digest };
        return new("checkpoint.safetensors", file => Safetensors.Write(file, tensors, metadata));
    }

    private protected override IReadOnlyList<WrittenFile> ModelFiles(TrainingState state)
    {
        var metadata = new Dictionary<string, string> { ["name"] = Plan.Name, ["weights"] = state.Weights.Digest };
        var weights = new WrittenFile(ReleaseModel.Weights, file => Safetensors.Write(file, Safetensors.Of(Model, state.Weights), metadata));
        return OnnxFile.Of(Model, state.Weights, Plan.Name) is { } onnx ? [weights, new(ReleaseModel.Onnx, onnx.WriteTo)] : [weights];
    }

    private protected override IScorer ScorerAt(TrainingState state) => new ModelScorer(Model, state.Weights);

    private protected override (string Model, string Training) Words(TrainingState state) =>
        ($"{Model.ParameterCount} weights, single precision", $"Strategy {Plan.Strategy.Name}{(Plan.IsByPerson ? " of persons who train by themselves" : "")}, at most {Plan.Rounds} rounds{(state.Round < Plan.Rounds ? ", stopped early as the plan says" : "")}{ClipsOf(state)}");

    private string ClipsOf(TrainingState state) => Plan.Adaptive is { } adaptive
        ? string.Create(CultureInfo.InvariantCulture, $"; the clip began at {Plan.Clip} and moved with the noised share of persons clipped towards the quantile {adaptive.Quantile} of their {(Plan.IsByPerson ? "updates" : "gradients")}' lengths, to {state.Clip:0.######}")
        : "";

    /// <summary>By the loss of all rounds' noise together. Of an adaptive clip, of rounds of the fewest units that it is ever counted in: noise goes with the clip, and in more units whole numbers lose less.</summary>
    private double EpsilonOfRounds()
    {
        var start = Start();
        var question = Ask(Plan.Adaptive is null ? start : start with { Clip = 1 }, TrainingStep.Update);
        var method = PlanOf(question);
        return RunPlan.NoisePlans(Study, method, question.ReadPrice([])!)[0] is { Mechanism: DiscreteGaussian noise } terms
            ? GaussianRounds.Epsilon(method.Sums.Bound.Times(Study.Unit.SitesPerPerson).Squares, noise.SigmaSquared, terms.Trust.Honest, method.Sums.VectorLength, RoundsOfASite, (double)Plan.Price!.Delta)
            : EpsilonOfRho;
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
