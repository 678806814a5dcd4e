using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.Client.Train.Trees;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;
using Consilience.Protocol.Analyse;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train;

/// <summary>Where a training stands between two rounds. Not changed once made.</summary>
/// <param name="Round">Rounds that are done.</param>
public abstract record CourseState(int Round)
{
    /// <summary>Lower-case hexadecimal SHA-256 of what was trained so far.</summary>
    public abstract string Digest { get; }
}

/// <summary>
/// A training plan checked against a study: which question each round asks, and what its answer leads to. Pure. The loop that trains, the one that resumes and the one that verifies a release take the same steps here, whatever is trained.
/// </summary>
public abstract class Course
{
    private protected Course(TrainingPlan plan, AgreedStudy study) => (Plan, Study) = (plan, study);

    public TrainingPlan Plan { get; }

    /// <summary>What is trained, as declared.</summary>
    public abstract DeclaredModel Declared { get; }

    /// <summary>What a round charges each site; null at exact precision.</summary>
    public NanoRho? ChargeOfRound { get; private protected init; }

    /// <summary>The ε that holds at the price's δ over all rounds together; null at exact precision.</summary>
    public double? Epsilon { get; private protected init; }

    /// <summary>What all rounds and the evaluation charge each site, at most.</summary>
    public NanoRho Charge { get; private protected init; } = NanoRho.Zero;

    /// <summary>Fewest sites in a round's sum.</summary>
    public int MinimumSites => Math.Max(Plan.MinimumSites ?? 0, Study.MinimumSitesAt(Plan.Precision));

    private protected AgreedStudy Study { get; }

    /// <summary>The ε that follows from ρ alone.</summary>
    private protected double EpsilonOfRho => ConcentratedProfile.Epsilon(Plan.Price!.Rho.ToRational().ToDouble(), (double)Plan.Price.Delta);

    /// <summary>The training of a plan, of whichever kind.</summary>
    /// <exception cref="FaultyInputException">The plan does not fit the study; every fault is listed.</exception>
    public static Course Of(TrainingPlan plan, AgreedStudy study)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return plan.Trees is null ? TrainingCourse.Of(plan, study) : TreeCourse.Of(plan, study);
    }

    public abstract CourseState Start();

    /// <summary>Whether all rounds are done, or the rule to stop early is met.</summary>
    public abstract bool IsFinished(CourseState state);

    /// <summary>The question of the round after <paramref name="state"/>.</summary>
    public abstract Question Ask(CourseState state);

    /// <summary>Takes the step that a round's verified answer leads to.</summary>
    /// <param name="state">The round was asked at.</param>
    /// <param name="total">The opened counters.</param>
    /// <exception cref="TrainingStoppedException">The step leads nowhere.</exception>
    public abstract (CourseState State, TrainingRound Round) Take(CourseState state, ReadOnlySpan<long> total);

    /// <summary>What questions about what was trained so far begin with: declaration, and weights, or the digest of an attachment where they are too large for a signed statement.</summary>
    internal abstract JsonObject AskedAt(CourseState state);

    /// <summary>What was trained so far, where it travels beside the request.</summary>
    internal abstract ReadOnlyMemory<byte> AttachedAt(CourseState state);

    /// <summary>A file that shows where a training stands: its name, and equal bytes for equal states.</summary>
    internal abstract (string Name, byte[] Bytes) Checkpoint(CourseState state);

    /// <summary>What a release holds of the model itself, the file of its weights first.</summary>
    internal abstract IReadOnlyList<(string Name, byte[] Bytes)> ModelFiles(CourseState state);

    /// <summary>The digest of the weights in a released file, by its text; null where there is none of this model.</summary>
    internal abstract string? DigestIn(Func<string, byte[]> file);

    /// <summary>What was trained so far, to score with.</summary>
    internal abstract IScorer ScorerAt(CourseState state);

    /// <summary>Numbers that are trained, at most.</summary>
    internal abstract int MostWeights { get; }

    /// <summary>What a site sends in all rounds, at most.</summary>
    internal abstract long BytesOfASite { get; }

    /// <summary>Multiplications, about, that all rounds take with so many persons.</summary>
    internal abstract double WorkWith(int persons);

    /// <summary>For people: the kind of model and its size, and how it was trained.</summary>
    internal abstract (string Model, string Training) Words(CourseState state);

    /// <summary>A question's cohort in canonical form.</summary>
    internal string CohortOf(Question question) => question.Plan(Study.Schema, []).Cohort!.Canonical;

    /// <summary>Number of groups that these variables make.</summary>
    internal int GroupsOf(IEnumerable<string> by) => by.Aggregate(1, (groups, name) => groups * (Study.Schema.Find(name) is { Codes.Count: > 0 and var codes } ? codes : 2));

    /// <summary>The method of a round's question, planned.</summary>
    public MethodPlan PlanOf(Question question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var faults = new List<Fault>();
        return question.Plan(Study.Schema, faults).Method ?? throw new FaultyInputException(question.Name, faults);
    }

    /// <summary>Faults of a plan in a study, whatever it trains.</summary>
    private protected static List<Fault> FaultsOf(TrainingPlan plan, AgreedStudy study, string method)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(study);
        var faults = new List<Fault>();
        if (!study.Methods.Contains(method))
            faults.Add(new("study", $"a study that permits {method}", $"'{study.Id}'", "propose a study that lists it among its methods"));
        if ((plan.Precision == Precision.Exact ? study.Exact : (object?)study.Noised) is null)
            faults.Add(new("precision", "one that the study permits", $"{plan.Precision.ToString().ToLowerInvariant()}", "train at the other precision, or propose a study that permits this one"));
        if (plan.MinimumSites > study.Sites.Count)
            faults.Add(new("minimumSites", $"at most {study.Sites.Count}", $"{plan.MinimumSites}", "ask for no more sites than the study has"));
        return faults;
    }

    /// <summary>What a round, and all rounds with the evaluation, charge each site; faults are added.</summary>
    private protected (NanoRho? Round, NanoRho All) Charges(List<Fault> faults)
    {
        var start = Start();
        var round = ChargeOf(Ask(start), faults);
        var all = (round?.Amount ?? 0) * Plan.Rounds;
        foreach (var question in IsEvaluated(faults) ? Plan.Evaluation!.Questions(this, start).Values : [])
            all += ChargeOf(question, faults)?.Amount ?? 0;
        return (round, new(all));
    }

    /// <summary>Whether the plan has an evaluation that the study permits.</summary>
    private bool IsEvaluated(List<Fault> faults)
    {
        if (Plan.Evaluation is not { } evaluation)
            return false;
        if (!Study.Methods.Contains(TrainingEvaluation.Method))
            faults.Add(new("study", $"a study that permits {TrainingEvaluation.Method}", $"'{Study.Id}'", "propose a study that lists it among its methods, or remove 'evaluation'"));
        if (evaluation.MostAdvantage is not null && Declared.Head != HeadKind.Logistic)
            faults.Add(new("evaluation.mostAdvantage", "a logistic model", "another head", "remove it: the loss of others does not follow from their scores"));
        return faults.Count == 0;
    }

    /// <summary>Checks a question against the study, and tells what it charges; null at exact precision, and where there are faults.</summary>
    private NanoRho? ChargeOf(Question question, List<Fault> faults)
    {
        var (method, _) = question.Plan(Study.Schema, faults);
        if (question.Precision == Precision.Exact || faults.Count > 0 || question.ReadPrice(faults) is not { } price)
            return null;
        if (price.IsWithin(Study.Noised!.MaximumEpsilon))
            return RunPlan.NoisePlans(Study, method!, price)[0].Charge;
        faults.Add(new("rho", $"questions of at most ε = {Study.Noised.MaximumEpsilon}, or the ρ that costs", $"{price} for one", "offer less, or train in more rounds"));
        return null;
    }
}

/// <summary>A course whose states are of one kind.</summary>
public abstract class Course<TState> : Course
    where TState : CourseState
{
    private protected Course(TrainingPlan plan, AgreedStudy study)
        : base(plan, study)
    {
    }

    public abstract override TState Start();

    public abstract bool IsFinished(TState state);

    public abstract Question Ask(TState state);

    public abstract (TState State, TrainingRound Round) Take(TState state, ReadOnlySpan<long> total);

    public sealed override bool IsFinished(CourseState state) => IsFinished((TState)state);

    public sealed override Question Ask(CourseState state) => Ask((TState)state);

    public sealed override (CourseState State, TrainingRound Round) Take(CourseState state, ReadOnlySpan<long> total)
    {
        var (next, round) = Take((TState)state, total);
        return (next, round);
    }

    internal sealed override JsonObject AskedAt(CourseState state) => AskedAt((TState)state);

    internal sealed override ReadOnlyMemory<byte> AttachedAt(CourseState state) => AttachedAt((TState)state);

    internal sealed override (string Name, byte[] Bytes) Checkpoint(CourseState state) => Checkpoint((TState)state);

    internal sealed override IReadOnlyList<(string Name, byte[] Bytes)> ModelFiles(CourseState state) => ModelFiles((TState)state);

    internal sealed override IScorer ScorerAt(CourseState state) => ScorerAt((TState)state);

    internal sealed override (string Model, string Training) Words(CourseState state) => Words((TState)state);

    internal abstract JsonObject AskedAt(TState state);

    internal abstract ReadOnlyMemory<byte> AttachedAt(TState state);

    private protected abstract (string Name, byte[] Bytes) Checkpoint(TState state);

    private protected abstract IReadOnlyList<(string Name, byte[] Bytes)> ModelFiles(TState state);

    private protected abstract IScorer ScorerAt(TState state);

    private protected abstract (string Model, string Training) Words(TState state);
}
