using Consilience.Client.Publish;
using Consilience.FederatedLearning.Rounds;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Train;

/// <summary>One round as its receipt tells it.</summary>
/// <param name="Round">What was opened.</param>
/// <param name="Receipt">The digest of the receipt's file.</param>
/// <param name="Result">With who took part.</param>
/// <param name="BytesSent">Of masked sums, by all sites of the round together.</param>
public sealed record TrainedRound(TrainingRound Round, Digest Receipt, AnalysisResult Result, long BytesSent)
{
    internal static TrainedRound Of(TrainingRound round, byte[] receipt, AnalysisResult result)
    {
        var evidence = Signed<ReceiptStatement>.PeekUnverified(receipt)!;
        return new(round, Digest.Of(receipt), result, (long)evidence.MaskedSum.Length * evidence.Contributions.Count);
    }
}

/// <summary>
/// Takes a training's steps again from its receipts alone. <b>Guarantee:</b> states come only from receipts that verify, each of a run of its own under one agreement, asked with the sums that the plan asks at the weights
/// the receipt before led to. Of whatever else a folder holds nothing is believed.
/// </summary>
public sealed class ReplayTraining
{
    private readonly Course course;
    private readonly ConsortiumFile consortia;
    private readonly Digest agreement;
    private readonly HashSet<RunId> runs = [];
    private readonly List<CourseState> states;
    private readonly List<TrainedRound> rounds = [];

    private ReplayTraining(Course course, Digest agreement, ConsortiumFile consortia)
    {
        (this.course, this.agreement, this.consortia) = (course, agreement, consortia);
        states = [course.Start()];
    }

    /// <summary>Before the first round, and after each.</summary>
    public IReadOnlyList<CourseState> States => states;

    public IReadOnlyList<TrainedRound> Rounds => rounds;

    /// <summary>The receipt that does not hold, by its place, and why; null where all do.</summary>
    public string? Objection { get; private set; }

    public static ReplayTraining Of(Course course, Digest agreement, ConsortiumFile consortia, IEnumerable<byte[]> receipts)
    {
        ArgumentNullException.ThrowIfNull(receipts);
        var replay = new ReplayTraining(course, agreement, consortia);
        foreach (var receipt in receipts)
        {
            replay.Objection = replay.Take(receipt) is { } objection ? $"round {replay.rounds.Count + 1}: {objection}" : null;
            if (replay.Objection is not null)
                break;
        }

        return replay;
    }

    private string? Take(byte[] receipt)
    {
        var state = states[^1];
        if (course.IsFinished(state))
            return "the training was over before it";
        var (answer, objection) = AnsweringReceipt.Of(receipt, course.Ask(state), course, agreement, consortia);
        if (answer is null)
            return objection;
        if (!runs.Add(answer.Result.Run))
            return $"run {answer.Result.Run} was a round before";
        if (answer.Result.Sites.Answered.Count < course.MinimumSites)
            return $"{answer.Result.Sites.Answered.Count} sites in its sum (expected at least {course.MinimumSites})";
        try
        {
            var (next, round) = course.Take(state, answer.Total.Span);
            states.Add(next);
            rounds.Add(TrainedRound.Of(round, receipt, answer.Result));
            return null;
        }
        catch (TrainingStoppedException e)
        {
            return e.Message;
        }
    }
}
