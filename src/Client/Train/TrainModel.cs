using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Wire;

namespace Consilience.Client.Train;

/// <summary>A round that is done, for who watches: figures of all sites together, never of one.</summary>
/// <param name="Round">From 1 on.</param>
/// <param name="Rounds">Of the plan.</param>
/// <param name="Done">What it gave.</param>
public sealed record RoundProgress(int Round, int Rounds, TrainedRound Done);

/// <summary>A finished training: what was trained, the receipts that prove it, in order, and what was measured of it, and of trainings without a group, where the plan asks for that.</summary>
public sealed record TrainedModel(Course Course, CourseState State, IReadOnlyList<TrainedRound> Rounds, IReadOnlyList<ReceiptFile> Receipts, EvaluatedModel? Evaluation, LeftOutGroups? LeftOut);

/// <summary>
/// Trains a model in rounds, each a signed request, a verified answer and the strategy's step. A round's receipt is kept before the next is asked; a client that is stopped or killed at any moment goes on from its last round, and
/// what was charged is not charged again: at noised precision the repeated question gets the earlier release.
/// </summary>
public sealed class TrainModel(AskQuestion ask, Course course, TrainingFolder folder, TimeProvider clock)
{
    /// <exception cref="AskFailedException">A round was refused, or did not verify; the folder is good to go on from.</exception>
    /// <exception cref="TrainingStoppedException">What the folder holds is not this training's, or the training cannot go on.</exception>
    public async Task<TrainedModel> RunAsync(IProgress<RoundProgress>? progress, IProgress<RunProgress>? parties, CancellationToken cancellation)
    {
        var kept = folder.Receipts();
        var replay = ReplayTraining.Of(course, ask.Agreement.Digest, ask.Consortia, kept);
        if (replay.Objection is { } objection)
            throw new TrainingStoppedException($"{kept[replay.History.Receipts.Count].Path}: {objection}; remove it and those after it to go on from the round before");
        var history = replay.History;
        folder.RequireCheckpointOf(course, history);
        folder.Tidy(replay.Runs);
        var told = 0;
        void Tell()
        {
            for (; told < history.Complete; told++)
                progress?.Report(new(told + 1, course.Plan.Rounds, history.Rounds[told]));
        }

        Tell();
        while (!course.IsFinished(history.State))
        {
            cancellation.ThrowIfCancellationRequested();
            await TakeAsync(history, parties, cancellation);
            Tell();
        }

        var outcome = history.State.Outcome;
        var evaluation = course.Plan.Evaluation is null ? null : await EvaluateAsync(course.Plan.Evaluation, outcome, parties, cancellation);
        return new(course, outcome, history.Rounds, history.Receipts, evaluation, course.Plan.LeaveOut is null ? null : await LeaveOutAsync(course.Plan.LeaveOut, parties, cancellation));
    }

    private async Task TakeAsync(TrainingHistory history, IProgress<RunProgress>? parties, CancellationToken cancellation)
    {
        var began = clock.GetTimestamp();
        var answer = await ask.AskAsync(course.Ask(history.State), parties, cancellation, folder: folder.Rounds);
        if (!course.IsValidated(history.State) && answer.Result.Sites.Answered.Count < course.MinimumSites)
        {
            throw new AskFailedException(RefusalCode.TooFewSites, $"round {history.State.Round + 1}: {answer.Result.Sites.Answered.Count} sites in its sum (expected at least {course.MinimumSites}, as the plan says); " +
                "go on with --resume when more sites are there", answer.Result.Sites.Refused, [.. answer.Result.Sites.Absent.Select(a => $"{a}")]);
        }

        history.Take(folder.ReceiptOf(history.State.Runs + 1), answer.Receipt, answer.Result, answer.Total.Span, clock.GetElapsedTime(began));
        folder.Keep(course, history.State, answer.Receipt);
    }

    /// <summary>Trains without each group that is large enough, in a folder of its own.</summary>
    private async Task<LeftOutGroups> LeaveOutAsync(LeaveOut leaveOut, IProgress<RunProgress>? parties, CancellationToken cancellation)
    {
        if (folder.EvaluationOf(LeaveOut.Groups) is null)
            folder.KeepEvaluation(LeaveOut.Groups, (await ask.AskAsync(leaveOut.AskGroups(course.Plan), parties, cancellation, folder: folder.Path)).Receipt);
        var (answer, objection) = AnsweringReceipt.Of(folder.EvaluationOf(LeaveOut.Groups)!, leaveOut.AskGroups(course.Plan), course, ask.Agreement.Digest, ask.Consortia);
        if (answer is null)
            throw new TrainingStoppedException($"{folder.In(TrainingFolder.EvaluationFile(LeaveOut.Groups))}: {objection}; remove it to ask again");
        var groups = new List<LeftOutGroup>();
        foreach (var (code, persons) in leaveOut.Sizes(answer.Result))
        {
            var group = new LeftOutGroup(code, groups.Count + 1, persons, null);
            groups.Add(persons >= leaveOut.Smallest ? await TrainWithoutAsync(group, parties, cancellation) : group);
        }

        return new(folder.EvaluationOf(LeaveOut.Groups)!, groups);
    }

    private async Task<LeftOutGroup> TrainWithoutAsync(LeftOutGroup group, IProgress<RunProgress>? parties, CancellationToken cancellation)
    {
        using var own = TrainingFolder.Open(folder.In(LeaveOut.FolderOf(group.Place)), course.Plan, resume: true);
        try
        {
            return group with { Without = await new TrainModel(ask, course.Without(group.Code), own, clock).RunAsync(null, parties, cancellation) };
        }
        catch (AskFailedException e) when (e.Refusals.Any(r => r.Code is RefusalCode.TooFewPersons or RefusalCode.PolicyForbids) && e.Refusals.All(r => r.Code != RefusalCode.BudgetSpent))
        {
            return group with { IsRefused = true };
        }
    }

    /// <summary>Asks what the folder does not answer yet.</summary>
    private async Task<EvaluatedModel> EvaluateAsync(TrainingEvaluation evaluation, CourseState state, IProgress<RunProgress>? parties, CancellationToken cancellation)
    {
        foreach (var (name, question) in evaluation.Questions(course, state))
        {
            if (folder.EvaluationOf(name) is null)
                folder.KeepEvaluation(name, (await ask.AskAsync(question, parties, cancellation, folder: folder.Path)).Receipt);
        }

        var (evaluated, objection) = EvaluatedModel.Of(course, state, ask.Agreement.Digest, ask.Consortia, evaluation.Questions(course, state).Keys.ToDictionary(n => n, n => folder.EvaluationOf(n)!));
        return evaluated ?? throw new TrainingStoppedException($"{folder.Path}: {objection}; remove its receipt to ask again");
    }
}
