using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;
using Consilience.FederatedLearning.Trees;
using Consilience.Protocol.Analyse;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train.Trees;

/// <summary>Where the training of trees stands between two questions.</summary>
/// <param name="Round">Questions that were answered.</param>
/// <param name="Ensemble">The finished trees; after the last question, what was trained.</param>
/// <param name="Growing">The tree whose next level is asked about; null where none grows.</param>
/// <param name="Level">Of its open nodes, from 0.</param>
/// <param name="IsTested">Whether the next question is the loss of those held out.</param>
/// <param name="HeldOut">Their loss after each tree.</param>
public sealed record TreeState(int Round, Ensemble Ensemble, Tree? Growing, int Level, bool IsTested, IReadOnlyList<double?> HeldOut) : CourseState(Round)
{
    public override string Digest => Ensemble.Digest;
}

/// <summary>
/// The training of boosted trees: a question for each level of each tree, whose histograms give its splits, and where the plan says so one after each tree, about persons held out. What is released then are the trees up to the least loss of those.
/// </summary>
public sealed class TreeCourse : Course<TreeState>
{
    /// <summary>The method of every question.</summary>
    public const string Method = "tree-histograms";

    /// <summary>An ensemble of more bytes than these is attached.</summary>
    private const int MostWritten = 1 << 16;

    /// <summary>At noised precision derivatives are multiples of 2⁻¹⁰, which is little beside any noise.</summary>
    private const int NoisedBits = 10;

    private readonly TreeModel model;
    private readonly TreeSettings settings;

    private TreeCourse(TrainingPlan plan, AgreedStudy study, TreeModel model)
        : base(plan, study) => (this.model, settings) = (model, plan.Trees!);

    public override DeclaredModel Declared => model;

    internal override int MostWeights => checked(settings.Count << settings.Depth);

    /// <exception cref="FaultyInputException">The plan does not fit the study; every fault is listed.</exception>
    public static new TreeCourse Of(TrainingPlan plan, AgreedStudy study)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(study);
        var faults = new List<Fault>();
        PlanAgainstStudy.Check(plan, study, Method, faults);
        if (DeclaredModel.ReadAny(plan.Model, study.Schema, faults) is not TreeModel model)
            throw new FaultyInputException("training", faults);
        var course = new TreeCourse(plan, study, model);
        var planned = PlanAgainstStudy.Price(course, study, faults).ToList();
        // A level has twice the nodes of the one before, if all of them split.
        planned[0] = planned[0] with { BytesOfASite = planned[0].BytesOfASite * ((1L << plan.Trees!.Depth) - 1) / plan.Trees.Depth };
        return faults.Count == 0 ? new TreeCourse(plan, study, model) { Planned = planned, Epsilon = planned[0].Charge is null ? null : course.EpsilonOfRho } : throw new FaultyInputException("training", [.. faults.Distinct()]);
    }

    internal override IEnumerable<(string What, int Times, Question Question)> Runs(List<Fault> faults)
    {
        yield return (PlannedRuns.Updates, settings.Count * settings.Depth, Ask(Start()));
        if (settings.HeldOut is not null)
            yield return ("losses of held-out persons", settings.Count, Losses(Start()));
    }

    public override TreeState Start() => new(0, new Ensemble((float)settings.Base, []), Tree.Root, 0, false, []);

    public override bool IsFinished(TreeState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return state is { Growing: null, IsTested: false };
    }

    internal override bool IsValidated(CourseState state) => ((TreeState)state).IsTested;

    public override Question Ask(TreeState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Growing is not { } tree)
            return Losses(state);
        var parameters = AskedAt(state, "ensemble");
        parameters["tree"] = JsonNode.Parse(tree.ToString());
        if (settings.Features < 1)
            parameters["features"] = new JsonArray([.. FeaturesOf(state.Ensemble.Trees.Count).Select(f => JsonValue.Create(f))]);
        if (Plan.Precision == Precision.Noised)
            parameters["bits"] = NoisedBits;
        var rho = Plan.Price is null ? null : new NanoRho(Plan.Price.Rho.Amount / Plan.Rounds).ToString();
        return new Question($"{Plan.Name}, tree {state.Ensemble.Trees.Count + 1}, level {state.Level + 1}", Method, JsonSerializer.SerializeToElement(parameters), Plan.Cohort, Plan.Precision, null, rho) { Attached = AttachedAt(state) };
    }

    public override (TreeState State, TrainingRound? Round) Take(TreeState state, ReadOnlySpan<long> total)
    {
        ArgumentNullException.ThrowIfNull(state);
        var (grown, round) = GrowTree.Take(PlanOf(Ask(state)), total, settings.Growth, isLast: state.Level + 1 == settings.Depth);
        var done = state with { Round = state.Round + 1, Runs = state.Runs + 1 };
        if (grown is null)
            return (Next(done with { HeldOut = [.. state.HeldOut, round.Loss] }), round with { Loss = null, HeldOutLoss = round.Loss });
        if (grown.OpenNodes > 0)
            return (done with { Growing = grown, Level = state.Level + 1 }, round);
        var finished = done with { Ensemble = state.Ensemble.With(grown), Growing = null };
        return (settings.HeldOut is null ? Next(finished) : finished with { IsTested = true }, round);
    }

    internal override JsonObject AskedAt(TreeState state) => AskedAt(state, "weights");

    internal override ReadOnlyMemory<byte> AttachedAt(TreeState state) => state.Ensemble.ToBytes() is { Length: > MostWritten } bytes ? bytes : default;

    internal override string? DigestIn(Func<string, byte[]> file) => Ensemble.TryRead(file(ReleaseModel.Ensemble), model)?.Digest;

    internal override double WorkWith(int persons) => (double)persons * Plan.Rounds * (model.InputVariables.Count + (settings.Count * settings.Depth));

    private protected override WrittenFile Checkpoint(TreeState state) =>
        WrittenFile.Of("checkpoint.json", Encoding.UTF8.GetBytes($$"""{"round":{{state.Round}},"ensemble":{{state.Ensemble}},"growing":{{state.Growing?.ToString() ?? "null"}}}"""));

    private protected override IReadOnlyList<WrittenFile> ModelFiles(TreeState state) =>
        [WrittenFile.Of(ReleaseModel.Ensemble, state.Ensemble.ToBytes()), new(ReleaseModel.Onnx, TreeOnnx.Of(model, state.Ensemble, Plan.Name).WriteTo)];

    private protected override IScorer ScorerAt(TreeState state) => new EnsembleScorer(model, state.Ensemble);

    private protected override (string Model, string Training) Words(TreeState state) => (
        $"{state.Ensemble.Trees.Count} trees with {state.Ensemble.Trees.Sum(t => t.Leaves)} leaves",
        FormattableString.Invariant($"Gradient boosting by sealed histograms: at most {settings.Count} trees of depth {settings.Depth}, rate {settings.Growth.Rate}{(settings.HeldOut is null ? "" : $", those up to the least loss of the held-out cohort `{settings.HeldOut}`")}"));

    /// <summary>The next tree's root, or the end. With persons held out, the end is where their loss was least.</summary>
    private TreeState Next(TreeState state)
    {
        if (state.Ensemble.Trees.Count < settings.Count && settings.Stop?.IsReached(state.HeldOut) != true)
            return state with { Growing = Tree.Root, Level = 0, IsTested = false };
        var best = state.HeldOut.Any(l => l is not null) ? state.HeldOut.Index().Where(l => l.Item is not null).MinBy(l => l.Item).Index + 1 : state.Ensemble.Trees.Count;
        return state with { Ensemble = state.Ensemble.First(best), Growing = null, IsTested = false };
    }

    /// <summary>The loss of those held out; nothing grows.</summary>
    private Question Losses(TreeState state)
    {
        var parameters = AskedAt(state, "ensemble");
        parameters["tree"] = new JsonArray();
        return new Question($"{Plan.Name}, {state.Ensemble.Trees.Count} trees, held out", Method, JsonSerializer.SerializeToElement(parameters), settings.HeldOut!, Plan.Precision, null) { Attached = AttachedAt(state) };
    }

    private JsonObject AskedAt(TreeState state, string key)
    {
        var bytes = AttachedAt(state);
        return new JsonObject
        {
            ["model"] = JsonNode.Parse(Plan.Model.GetRawText()),
            [key] = bytes.IsEmpty ? JsonNode.Parse(state.Ensemble.ToBytes()) : new JsonObject { ["sha256"] = state.Digest, ["size"] = bytes.Length },
        };
    }

    private IEnumerable<string> FeaturesOf(int tree)
    {
        var count = Math.Max(1, (int)Math.Round(settings.Features * model.InputVariables.Count));
        return SampledFeatures.Of(Plan.Seed, tree, model.InputVariables.Count, count).Select(i => model.InputVariables[i]);
    }
}
