using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;
using Consilience.Protocol.Analyse;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train;

/// <summary>Where the training of a model with layers stands between two rounds.</summary>
/// <param name="Round">Rounds that are done.</param>
/// <param name="Weights">To ask the next round at; after the last, what was trained.</param>
/// <param name="Memory">Of the strategy.</param>
/// <param name="Losses">Of each round, at the weights it was asked at.</param>
public sealed record TrainingState(int Round, ModelWeights Weights, ServerMemory Memory, IReadOnlyList<double?> Losses) : CourseState(Round)
{
    public override string Digest => Weights.Digest;

    /// <summary>Of the next round.</summary>
    public required decimal Clip { get; init; }
}

/// <summary>The training of a model with layers: which question each round asks, and which weights its answer gives.</summary>
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

    /// <exception cref="FaultyInputException">The plan does not fit the study; every fault is listed.</exception>
    public static new TrainingCourse Of(TrainingPlan plan, AgreedStudy study)
    {
        var faults = FaultsOf(plan, study, Method);
        var model = ModelDeclaration.Read(plan.Model, study.Schema, faults);
        if (model is null)
            throw new FaultyInputException("training", faults);
        var course = new TrainingCourse(plan, study, model);
        var (round, all) = course.Charges(faults);
        double? epsilon = round is null ? null : course.EpsilonOfRounds();
        if (epsilon > (double?)plan.Price?.Epsilon)
            faults.Add(new("bits", "units fine enough for the noise that was promised", string.Create(CultureInfo.InvariantCulture, $"ε = {epsilon:0.####}"), "choose more bits, or a longer clip"));
        return faults.Count == 0 ? new TrainingCourse(plan, study, model) { ChargeOfRound = round, Epsilon = epsilon, Charge = all } : throw new FaultyInputException("training", [.. faults.Distinct()]);
    }

    public override TrainingState Start() => new(0, ModelWeights.Initialise(Model, Plan.Seed), Plan.Strategy.Begin(Model.ParameterCount), []) { Clip = Plan.Clip };

    public override bool IsFinished(TrainingState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state.Round >= Plan.Rounds || Plan.Stop?.IsReached(state.Losses) == true;
    }

    public override Question Ask(TrainingState state)
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

    internal override JsonObject AskedAt(TrainingState state) => new()
    {
        ["model"] = JsonNode.Parse(Plan.Model.GetRawText()),
        ["weights"] = IsAttached ? new JsonObject { ["sha256"] = state.Weights.Digest } : JsonValue.Create(Convert.ToBase64String(state.Weights.ToBytes())),
    };

    internal override ReadOnlyMemory<byte> AttachedAt(TrainingState state) => IsAttached ? state.Weights.ToBytes() : default;

    /// <exception cref="TrainingStoppedException">The step leaves the range of numbers, noise left nobody to train on, or the total is longer than sites' software makes it.</exception>
    public override (TrainingState State, TrainingRound Round) Take(TrainingState state, ReadOnlySpan<long> total)
    {
        ArgumentNullException.ThrowIfNull(state);
        var plan = PlanOf(Ask(state));
        var round = TrainingRound.Read(plan, total);
        if (Plan.Precision == Precision.Exact && TrainingRound.Objection(plan, total, Study.Sites.Count) is { } objection)
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

    internal override int MostWeights => Model.ParameterCount;

    internal override long BytesOfASite => PlanOf(Ask(Start())).Sums is var sums ? (long)sums.VectorLength * sums.WordBits / 8 * Plan.Rounds : 0;

    internal override double WorkWith(int persons)
    {
        var epochs = Plan.Local is { } local && local.TryGetProperty("epochs", out var written) && written.TryGetDouble(out var times) ? times : 1;
        return 6.0 * persons * Model.ParameterCount * Plan.Rounds * epochs;
    }

    internal override string? DigestIn(Func<string, byte[]> file)
    {
        var (tensors, _) = Safetensors.Read(file(ReleaseModel.Weights));
        return tensors.Count == Model.Tensors.Count ? Safetensors.WeightsOf(Model, tensors).Digest : null;
    }

    private protected override (string Name, byte[] Bytes) Checkpoint(TrainingState state)
    {
        var tensors = Safetensors.Of(Model, state.Weights).ToList();
        if (state.Memory.Momentum.Count > 0)
            tensors.AddRange([StoredTensor.Of("strategy.momentum", state.Memory.Momentum), StoredTensor.Of("strategy.spread", state.Memory.Spread)]);
        return ("checkpoint.safetensors", Safetensors.Write(tensors, new Dictionary<string, string> { ["round"] = $"{state.Round}", ["weights"] = state.Weights.Digest }));
    }

    private protected override IReadOnlyList<(string Name, byte[] Bytes)> ModelFiles(TrainingState state)
    {
        var metadata = new Dictionary<string, string> { ["name"] = Plan.Name, ["weights"] = state.Weights.Digest };
        var weights = (ReleaseModel.Weights, Safetensors.Write(Safetensors.Of(Model, state.Weights), metadata));
        return OnnxFile.Write(Model, state.Weights, Plan.Name) is { } onnx ? [weights, (ReleaseModel.Onnx, onnx)] : [weights];
    }

    private protected override IScorer ScorerAt(TrainingState state) => new ModelScorer(Model, state.Weights);

    private protected override (string Model, string Training) Words(TrainingState state) =>
        ($"{Model.ParameterCount} weights, single precision", $"Strategy {Plan.Strategy.Name}, at most {Plan.Rounds} rounds{(Plan.Stop is null ? "" : ", stopped early as the plan says")}{ClipsOf(state)}");

    private string ClipsOf(TrainingState state) => Plan.Adaptive is { } adaptive
        ? string.Create(CultureInfo.InvariantCulture, $"; the clip began at {Plan.Clip} and moved with the noised share of persons clipped towards the quantile {adaptive.Quantile} of their gradients' lengths, to {state.Clip:0.######}")
        : "";

    /// <summary>By the loss of all rounds' noise together. Of an adaptive clip, of rounds of the fewest units that it is ever counted in: noise goes with the clip, and in more units whole numbers lose less.</summary>
    private double EpsilonOfRounds()
    {
        var start = Start();
        var question = Ask(Plan.Adaptive is null ? start : start with { Clip = 1 });
        var method = PlanOf(question);
        return RunPlan.NoisePlans(Study, method, question.ReadPrice([])!)[0] is { Mechanism: DiscreteGaussian noise } terms
            ? GaussianRounds.Epsilon(method.Sums.Bound.Times(Study.Unit.SitesPerPerson).Squares, noise.SigmaSquared, terms.Trust.Honest, method.Sums.VectorLength, Plan.Rounds, (double)Plan.Price!.Delta)
            : EpsilonOfRho;
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
