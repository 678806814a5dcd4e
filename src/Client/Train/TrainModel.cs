using Consilience.Client.Analyse;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Wire;

namespace Consilience.Client.Train;

/// <summary>A round that is done, for who watches: figures of all sites together, never of one.</summary>
/// <param name="Round">From 1 on.</param>
/// <param name="Rounds">Of the plan.</param>
/// <param name="Done">What it gave.</param>
/// <param name="Elapsed">From asking to the receipt; zero for a round taken from the folder.</param>
public sealed record RoundProgress(int Round, int Rounds, TrainedRound Done, TimeSpan Elapsed);

/// <summary>A finished training: what was trained, the receipts that prove it, in order, and what was measured of it where the plan asks for that.</summary>
public sealed record TrainedModel(Course Course, CourseState State, IReadOnlyList<TrainedRound> Rounds, IReadOnlyList<byte[]> Receipts, EvaluatedModel? Evaluation);

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
        var replay = ReplayTraining.Of(course, ask.Agreement.Digest, ask.Consortia, kept.Select(k => k.Bytes));
        if (replay.Objection is { } objection)
            throw new TrainingStoppedException($"{kept[replay.Rounds.Count].File}: {objection}; remove it and those after it to go on from the round before");
        folder.RequireCheckpointOf(course, replay.States);
        var (state, rounds, receipts) = (replay.States[^1], replay.Rounds.ToList(), kept.Select(k => k.Bytes).ToList());
        foreach (var (done, i) in rounds.Select((r, i) => (r, i)))
            progress?.Report(new(i + 1, course.Plan.Rounds, done, TimeSpan.Zero));
        while (!course.IsFinished(state))
        {
            cancellation.ThrowIfCancellationRequested();
            var began = clock.GetTimestamp();
            var answer = await ask.AskAsync(course.Ask(state), parties, cancellation);
            if (answer.Result.Sites.Answered.Count < course.MinimumSites)
            {
                throw new AskFailedException(RefusalCode.TooFewSites, $"round {state.Round + 1}: {answer.Result.Sites.Answered.Count} sites in its sum (expected at least {course.MinimumSites}, as the plan says); " +
                    "go on with --resume when more sites are there", answer.Result.Sites.Refused, [.. answer.Result.Sites.Absent.Select(a => $"{a}")]);
            }

            (state, var round) = course.Take(state, answer.Total.Span);
            folder.Keep(course, state, answer.Receipt);
            rounds.Add(TrainedRound.Of(round, answer.Receipt, answer.Result));
            receipts.Add(answer.Receipt);
            progress?.Report(new(state.Round, course.Plan.Rounds, rounds[^1], clock.GetElapsedTime(began)));
        }

        return new(course, state, rounds, receipts, course.Plan.Evaluation is null ? null : await EvaluateAsync(course.Plan.Evaluation, state, parties, cancellation));
    }

    /// <summary>Asks what the folder does not answer yet.</summary>
    private async Task<EvaluatedModel> EvaluateAsync(TrainingEvaluation evaluation, CourseState state, IProgress<RunProgress>? parties, CancellationToken cancellation)
    {
        foreach (var (name, question) in evaluation.Questions(course, state))
        {
            if (folder.EvaluationOf(name) is null)
                folder.KeepEvaluation(name, (await ask.AskAsync(question, parties, cancellation)).Receipt);
        }

        var (evaluated, objection) = EvaluatedModel.Of(course, state, ask.Agreement.Digest, ask.Consortia, evaluation.Questions(course, state).Keys.ToDictionary(n => n, n => folder.EvaluationOf(n)!));
        return evaluated ?? throw new TrainingStoppedException($"{folder.Path}: {objection}; remove its receipt to ask again");
    }
}
