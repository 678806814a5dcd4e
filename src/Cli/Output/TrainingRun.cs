using System.Globalization;
using System.Text;
using Consilience.Cli.Report;
using Consilience.Client.Analyse;
using Consilience.Client.Train;
using Consilience.Protocol.Wire;
using Spectre.Console;

namespace Consilience.Cli.Output;

/// <summary>Runs a training in a folder, shows each round as it is done, and leaves the released model, the rounds' figures and their picture there.</summary>
/// <param name="ask">Under the agreement of the course.</param>
/// <param name="course">To train.</param>
/// <param name="path">The training's folder.</param>
/// <param name="show">Whether to write lines; otherwise only the document at the end.</param>
internal sealed class TrainingRun(AskQuestion ask, Course course, string path, bool show)
{
    internal const string Release = "release";

    private readonly List<RoundProgress> rounds = [];

    /// <exception cref="Exception">What stopped the training; the folder is good to go on from.</exception>
    internal async Task RunAsync(bool resume, CancellationToken cancellation)
    {
        using var folder = TrainingFolder.Open(path, course.Plan, resume);
        TrainedModel trained;
        try
        {
            trained = await FollowAsync((done, parties) => new TrainModel(ask, course, folder, TimeProvider.System).RunAsync(done, parties, cancellation));
        }
        catch when (rounds.Count > 0)
        {
            WriteRounds(folder);
            Commands.Shared.Errors.MarkupLineInterpolated($"[yellow]{rounds.Count} of {course.Plan.Rounds} rounds are done, in {path}; go on with --resume[/]");
            throw;
        }

        WriteRounds(folder);
        ReleaseModel.Write(trained, ask, folder.In(Release));
        if (show)
            AnsiConsole.MarkupLineInterpolated($"the model is in {folder.In(Release)}: weights, declaration, card, and every round's receipt, signed; check it with 'consilience verify'");
        else
            Console.WriteLine(Json.Of(Document(trained)));
    }

    private object Document(TrainedModel trained) => new
    {
        training = course.Plan.Name,
        folder = Path.Combine(path, Release),
        weights = trained.State.Digest,
        rounds = rounds.Select(r => new
        {
            r.Round, persons = r.Done.Round.Persons, skipped = r.Done.Round.Skipped, loss = r.Done.Round.Loss, heldOutLoss = r.Done.Round.HeldOutLoss, updateNorm = r.Done.Round.UpdateNorm, sites = r.Done.Result.Sites.Answered.Count, bytesSent = r.Done.BytesSent,
            seconds = Math.Round(r.Elapsed.TotalSeconds, 3), receipt = r.Done.Receipt.ToString(),
        }),
    };

    private async Task<TrainedModel> FollowAsync(Func<IProgress<RoundProgress>, IProgress<RunProgress>, Task<TrainedModel>> train)
    {
        var done = new Sink<RoundProgress>(Show);
        if (!show || !AnsiConsole.Profile.Capabilities.Interactive)
            return await train(done, new Sink<RunProgress>(_ => { }));
        return await AnsiConsole.Status().StartAsync("asking", status =>
        {
            var answered = new HashSet<string>(StringComparer.Ordinal);
            return train(done, new Sink<RunProgress>(p =>
            {
                if (p is { Role: Role.Site, State: "answered" })
                    answered.Add(p.Party);
                else if (answered.Count == ask.Agreement.Study.Sites.Count)
                    answered.Clear();
                status.Status(Markup.Escape($"round {rounds.Count + 1} of {course.Plan.Rounds}: {answered.Count} of {ask.Agreement.Study.Sites.Count} sites have answered"));
            }));
        });
    }

    private void Show(RoundProgress round)
    {
        rounds.Add(round);
        if (show)
            AnsiConsole.WriteLine(Words(round));
    }

    private static string Words(RoundProgress round)
    {
        var (done, sites) = (round.Done.Round, round.Done.Result.Sites.Answered.Count);
        var figures = string.Create(CultureInfo.InvariantCulture, $"round {round.Round}/{round.Rounds}: {(done.HeldOutLoss is { } heldOut ? string.Create(CultureInfo.InvariantCulture, $"loss of held-out persons {heldOut:0.0000}") : string.Create(CultureInfo.InvariantCulture, $"loss {done.Loss:0.0000}, update {done.UpdateNorm:0.0000}"))}, {done.Persons} persons, {sites} sites");
        return round.Elapsed == TimeSpan.Zero ? $"{figures}, from its receipt" : string.Create(CultureInfo.InvariantCulture, $"{figures}, {round.Done.BytesSent / 1000.0:0.0} kB, {round.Elapsed.TotalSeconds:0.0} s");
    }

    private List<LearningCurve> Curves()
    {
        var curves = new List<LearningCurve> { new(course.Plan.Name, [.. rounds.Select(r => r.Done.Round.Loss)]) };
        if (rounds.Exists(r => r.Done.Round.HeldOutLoss is not null))
            curves.Add(new("persons held out", [.. rounds.Select(r => r.Done.Round.HeldOutLoss)]));
        return curves;
    }

    private void WriteRounds(TrainingFolder folder)
    {
        var csv = new StringBuilder("round,persons,skipped,loss,held.out.loss,update.norm,sites,bytes.sent\r\n");
        foreach (var r in rounds)
            csv.Append(CultureInfo.InvariantCulture, $"{r.Round},{r.Done.Round.Persons},{r.Done.Round.Skipped},{r.Done.Round.Loss},{r.Done.Round.HeldOutLoss},{r.Done.Round.UpdateNorm},{r.Done.Result.Sites.Answered.Count},{r.Done.BytesSent}\r\n");
        folder.Write("rounds.csv", Encoding.UTF8.GetBytes(csv.ToString()));
        if (rounds.Exists(r => r.Done.Round.Loss is not null))
            folder.Write("learning-curve.svg", Encoding.UTF8.GetBytes(SvgLearningCurve.Draw(Curves(), "mean loss")));
    }
}
