using Consilience.Client.Publish;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Train;

/// <summary>
/// Takes a training's steps again from its receipts alone. <b>Guarantee:</b> states come only from receipts that verify, each of a run of its own under one agreement, asked with the sums that the plan asks where
/// the receipt before led to. Of whatever else a folder holds nothing is believed.
/// </summary>
public sealed class ReplayTraining
{
    private readonly Course course;
    private readonly ConsortiumFile consortia;
    private readonly Digest agreement;
    private readonly HashSet<RunId> runs = [];

    private ReplayTraining(Course course, Digest agreement, ConsortiumFile consortia)
    {
        (this.course, this.agreement, this.consortia) = (course, agreement, consortia);
        History = new(course);
    }

    /// <summary>Of the receipts that hold.</summary>
    public TrainingHistory History { get; }

    /// <summary>The runs that these receipts are of.</summary>
    internal IReadOnlySet<RunId> Runs => runs;

    /// <summary>The receipt that does not hold, by its place, and why; null where all do.</summary>
    public string? Objection { get; private set; }

    public static ReplayTraining Of(Course course, Digest agreement, ConsortiumFile consortia, IEnumerable<ReceiptFile> receipts)
    {
        ArgumentNullException.ThrowIfNull(receipts);
        var replay = new ReplayTraining(course, agreement, consortia);
        foreach (var receipt in receipts)
        {
            replay.Objection = replay.Take(receipt) is { } objection ? $"round {replay.History.State.Round + 1}: {objection}" : null;
            if (replay.Objection is not null)
                break;
        }

        return replay;
    }

    private string? Take(ReceiptFile receipt)
    {
        var state = History.State;
        if (course.IsFinished(state))
            return "the training was over before it";
        var (answer, objection) = AnsweringReceipt.Of(receipt, course.Ask(state), course, agreement, consortia);
        if (answer is null)
            return objection;
        if (!runs.Add(answer.Result.Run))
            return $"run {answer.Result.Run} was a round before";
        if (!course.IsValidated(state) && answer.Result.Sites.Answered.Count < course.MinimumSites)
            return $"{answer.Result.Sites.Answered.Count} sites in its sum (expected at least {course.MinimumSites})";
        try
        {
            History.Take(receipt, answer.Receipt, answer.Result, answer.Total.Span, TimeSpan.Zero);
            return null;
        }
        catch (TrainingStoppedException e)
        {
            return e.Message;
        }
    }
}
