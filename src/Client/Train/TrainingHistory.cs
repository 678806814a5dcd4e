using Consilience.Client.Publish;
using Consilience.FederatedLearning.Rounds;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Train;

/// <summary>One round as its receipts tell it.</summary>
/// <param name="Round">What was opened.</param>
/// <param name="Receipt">The digest of the receipt of its update.</param>
/// <param name="Result">With who took part.</param>
/// <param name="BytesSent">Of masked sums, by all sites of all its runs together.</param>
/// <param name="Elapsed">From asking to the last receipt; zero where receipts were there.</param>
/// <param name="Validation">Of the weights after it; null where they were not validated.</param>
public sealed record TrainedRound(TrainingRound Round, Digest Receipt, AnalysisResult Result, long BytesSent, TimeSpan Elapsed, ValidatedRound? Validation);

/// <summary>A training so far: where each run led, and the rounds that runs belong to.</summary>
public sealed class TrainingHistory
{
    private readonly Course course;
    private readonly List<CourseState> states;
    private readonly List<TrainedRound> rounds = [];
    private readonly List<byte[]> receipts = [];
    private (long Bytes, TimeSpan Elapsed) before;

    internal TrainingHistory(Course course) => (this.course, states) = (course, [course.Start()]);

    /// <summary>Where it stands.</summary>
    public CourseState State => states[^1];

    /// <summary>Before the first run, and after each.</summary>
    public IReadOnlyList<CourseState> States => states;

    /// <summary>Whose update is taken.</summary>
    public IReadOnlyList<TrainedRound> Rounds => rounds;

    /// <summary>Of every run, in order.</summary>
    public IReadOnlyList<byte[]> Receipts => receipts;

    /// <summary>Rounds about which all is answered that is asked.</summary>
    internal int Complete => course.IsValidated(State) ? rounds.Count - 1 : rounds.Count;

    /// <summary>Takes the step that a verified answer leads to.</summary>
    /// <exception cref="TrainingStoppedException">It leads nowhere.</exception>
    internal void Take(byte[] receipt, AnalysisResult result, ReadOnlySpan<long> total, TimeSpan elapsed)
    {
        var (next, round) = course.Take(State, total);
        var evidence = Signed<ReceiptStatement>.PeekUnverified(receipt)!;
        var (bytes, time) = (((long)evidence.MaskedSum.Length * evidence.Contributions.Count) + before.Bytes, elapsed + before.Elapsed);
        if (round is not null)
            rounds.Add(new(round, Digest.Of(receipt), result, bytes, time, null));
        else if (next is TrainingState { Validations: [.., var validated] } && course.IsValidated(State))
            rounds[^1] = rounds[^1] with { Validation = validated, BytesSent = rounds[^1].BytesSent + bytes, Elapsed = rounds[^1].Elapsed + time };
        before = next is TrainingState { Control: not null } ? (bytes, time) : default;
        states.Add(next);
        receipts.Add(receipt);
    }
}
