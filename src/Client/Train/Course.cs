using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.Client.Analyse;
using Consilience.Client.Train.Trees;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Train;

/// <summary>Where a training stands between two runs. Not changed once made.</summary>
/// <param name="Round">Rounds that are done.</param>
public abstract record CourseState(int Round)
{
    /// <summary>Runs that are done, of all kinds.</summary>
    public int Runs { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 of what was trained so far.</summary>
    public abstract string Digest { get; }

    /// <summary>What a finished training leaves to release.</summary>
    internal virtual CourseState Outcome => this;
}

/// <summary>
/// A training plan checked against a study: which question each run asks, and what its answer leads to. Pure. The loop that trains, the one that resumes and the one that verifies a release take the same steps here, whatever is trained.
/// </summary>
public abstract class Course
{
    private protected Course(TrainingPlan plan, AgreedStudy study) => (Plan, Study) = (plan, study);

    public TrainingPlan Plan { get; }

    /// <summary>What is trained, as declared.</summary>
    public abstract DeclaredModel Declared { get; }

    /// <summary>What is asked in all, and what it charges.</summary>
    public IReadOnlyList<PlannedRuns> Planned { get; private protected init; } = [];

    /// <summary>What a round's update charges each site; null at exact precision.</summary>
    public NanoRho? ChargeOfRound => Planned.First(p => p.What == PlannedRuns.Updates).Charge;

    /// <summary>The ε that holds at the price's δ over all rounds together; null at exact precision.</summary>
    public double? Epsilon { get; private protected init; }

    /// <summary>What all runs and the evaluation charge each site, at most.</summary>
    public NanoRho Charge => new(Planned.Sum(p => p.Times * (p.Charge?.Amount ?? 0)));

    /// <summary>Fewest sites in a round's sum.</summary>
    public int MinimumSites => Math.Max(Plan.MinimumSites ?? 0, Study.MinimumSitesAt(Plan.Precision));

    /// <summary>Rounds in which one site is asked, at most.</summary>
    internal virtual int RoundsOfASite => Plan.Rounds;

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

    /// <summary>The training without the persons of a group.</summary>
    internal Course Without(string code) => Of(Plan.LeaveOut!.Without(Plan, code), Study);

    /// <summary>Number of sites that a round asks.</summary>
    /// <param name="round">From 1 on.</param>
    public virtual int SitesAsked(int round) => Study.Sites.Count;

    public abstract CourseState Start();

    /// <summary>Whether all rounds are done, or the rule to stop early is met.</summary>
    public abstract bool IsFinished(CourseState state);

    /// <summary>Whether the next run asks how the last round did, of persons who are not trained on.</summary>
    internal virtual bool IsValidated(CourseState state) => false;

    /// <summary>What the training asks besides its evaluation: each kind of run, how often at one site, and one of its questions. Faults are added.</summary>
    internal abstract IEnumerable<(string What, int Times, Question Question)> Runs(List<Fault> faults);

    /// <summary>The question of the run after <paramref name="state"/>.</summary>
    public abstract Question Ask(CourseState state);

    /// <summary>Takes the step that a run's verified answer leads to.</summary>
    /// <param name="state">The run was asked at.</param>
    /// <param name="total">The opened counters.</param>
    /// <returns>Where it leads, and the round that was trained; null where the run asked something else.</returns>
    /// <exception cref="TrainingStoppedException">The step leads nowhere.</exception>
    public abstract (CourseState State, TrainingRound? Round) Take(CourseState state, ReadOnlySpan<long> total);

    /// <summary>What questions about what was trained so far begin with: declaration, and weights, or the digest of an attachment where they are too large for a signed statement.</summary>
    internal abstract JsonObject AskedAt(CourseState state);

    /// <summary>What was trained so far, where it travels beside the request.</summary>
    internal abstract ReadOnlyMemory<byte> AttachedAt(CourseState state);

    /// <summary>A file that shows where a training stands: its name, and equal bytes for equal states.</summary>
    internal abstract WrittenFile Checkpoint(CourseState state);

    /// <summary>What a release holds of the model itself, the file of its weights first.</summary>
    internal abstract IReadOnlyList<WrittenFile> ModelFiles(CourseState state);

    /// <summary>The digest of the weights in a released file, by its text; null where there is none of this model.</summary>
    internal abstract string? DigestIn(Func<string, byte[]> file);

    /// <summary>What was trained so far, to score with.</summary>
    internal abstract IScorer ScorerAt(CourseState state);

    /// <summary>Numbers that are trained, at most.</summary>
    internal abstract int MostWeights { get; }

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

    public abstract (TState State, TrainingRound? Round) Take(TState state, ReadOnlySpan<long> total);

    public sealed override bool IsFinished(CourseState state) => IsFinished((TState)state);

    public sealed override Question Ask(CourseState state) => Ask((TState)state);

    public sealed override (CourseState State, TrainingRound? Round) Take(CourseState state, ReadOnlySpan<long> total)
    {
        var (next, round) = Take((TState)state, total);
        return (next, round);
    }

    internal sealed override JsonObject AskedAt(CourseState state) => AskedAt((TState)state);

    internal sealed override ReadOnlyMemory<byte> AttachedAt(CourseState state) => AttachedAt((TState)state);

    internal sealed override WrittenFile Checkpoint(CourseState state) => Checkpoint((TState)state);

    internal sealed override IReadOnlyList<WrittenFile> ModelFiles(CourseState state) => ModelFiles((TState)state);

    internal sealed override IScorer ScorerAt(CourseState state) => ScorerAt((TState)state);

    internal sealed override (string Model, string Training) Words(CourseState state) => Words((TState)state);

    internal abstract JsonObject AskedAt(TState state);

    internal abstract ReadOnlyMemory<byte> AttachedAt(TState state);

    private protected abstract WrittenFile Checkpoint(TState state);

    private protected abstract IReadOnlyList<WrittenFile> ModelFiles(TState state);

    private protected abstract IScorer ScorerAt(TState state);

    private protected abstract (string Model, string Training) Words(TState state);
}
