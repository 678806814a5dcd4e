using Consilience.Arithmetic;
using Consilience.Client.Publish;
using Consilience.FederatedLearning.Rounds;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.SecureAggregation.Masking;

namespace Consilience.Client.Train;

/// <summary>One round as its receipts tell it.</summary>
/// <param name="Round">What was opened, but for the mean update, which is as large as the model.</param>
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
    private readonly List<TrainedRound> rounds = [];
    private readonly List<ReceiptFile> receipts = [];
    private (long Bytes, TimeSpan Elapsed) before;

    internal TrainingHistory(Course course) => (this.course, State) = (course, course.Start());

    /// <summary>Where it stands.</summary>
    public CourseState State { get; private set; }

    /// <summary>Where it stood before the last run; null before the first. None further back is held: each has all weights.</summary>
    internal CourseState? StateBefore { get; private set; }

    /// <summary>Whose update is taken.</summary>
    public IReadOnlyList<TrainedRound> Rounds => rounds;

    /// <summary>Of every run, in order.</summary>
    public IReadOnlyList<ReceiptFile> Receipts => receipts;

    /// <summary>Rounds about which all is answered that is asked.</summary>
    internal int Complete => course.IsValidated(State) ? rounds.Count - 1 : rounds.Count;

    /// <summary>Takes the step that a verified answer leads to.</summary>
    /// <param name="file">Where its receipt lies, or will.</param>
    /// <param name="receipt">The receipt's bytes.</param>
    /// <param name="result">The answer.</param>
    /// <param name="total">Its counters.</param>
    /// <param name="elapsed">Since it was asked for.</param>
    /// <exception cref="TrainingStoppedException">It leads nowhere.</exception>
    internal void Take(ReceiptFile file, ReadOnlySpan<byte> receipt, AnalysisResult result, ReadOnlySpan<long> total, TimeSpan elapsed)
    {
        LargeArrays.GiveBack((long)total.Length * sizeof(long));
        StateBefore = null;
        var (next, round) = course.Take(State, total);
        var asked = Signed<RequestStatement>.PeekUnverified(Signed<ReceiptStatement>.PeekUnverified(receipt)!.Request)!;
        var (bytes, time) = ((Ring.Of(asked.WordBits).SizeOf(asked.VectorLength) * result.Sites.Answered.Count) + before.Bytes, elapsed + before.Elapsed);
        if (round is not null)
            rounds.Add(new(round with { MeanUpdate = [] }, Digest.Of(receipt), result, bytes, time, null));
        else if (next is TrainingState { Validations: [.., var validated] } && course.IsValidated(State))
            rounds[^1] = rounds[^1] with { Validation = validated, BytesSent = rounds[^1].BytesSent + bytes, Elapsed = rounds[^1].Elapsed + time };
        before = next is TrainingState { Control: not null } ? (bytes, time) : default;
        (StateBefore, State) = (State, next);
        receipts.Add(file);
    }
}
