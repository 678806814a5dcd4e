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
            seconds = Math.Round(r.Done.Elapsed.TotalSeconds, 3), validation = r.Done.Validation, receipt = r.Done.Receipt.ToString(),
        }),
        bestRound = course.Plan.Validation is null ? (int?)null : (trained.State as TrainingState)?.BestRound,
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
                else if (answered.Count == course.SitesAsked(rounds.Count + 1))
                    answered.Clear();
                status.Status(Markup.Escape($"round {rounds.Count + 1} of {course.Plan.Rounds}: {answered.Count} of {course.SitesAsked(rounds.Count + 1)} sites have answered"));
            }));
        });
    }

    private void Show(RoundProgress round)
    {
        rounds.Add(round);
        if (show)
            AnsiConsole.WriteLine(Words(round));
    }

    private string Words(RoundProgress round)
    {
        var (done, sites) = (round.Done.Round, round.Done.Result.Sites.Answered.Count);
        var validated = round.Done.Validation is { } validation ? $", {Discrimination} {validation.Words}" : "";
        var trained = done.HeldOutLoss is { } heldOut ? string.Create(CultureInfo.InvariantCulture, $"loss of held-out persons {heldOut:0.0000}") : string.Create(CultureInfo.InvariantCulture, $"loss {done.Loss:0.0000}{validated}, update {done.UpdateNorm:0.0000}");
        var figures = string.Create(CultureInfo.InvariantCulture, $"round {round.Round}/{round.Rounds}: {trained}, {done.Persons} persons, {sites} sites");
        return round.Done.Elapsed == TimeSpan.Zero ? $"{figures}, from its receipt" : string.Create(CultureInfo.InvariantCulture, $"{figures}, {round.Done.BytesSent / 1000.0:0.0} kB, {round.Done.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>What validation tells of a model of this head.</summary>
    private string Discrimination => Validation.NameOf(Validation.MeasuresOf(course.Declared.Head)[0]);

    private void WriteRounds(TrainingFolder folder)
    {
        var isValidated = course.Plan.Validation is not null;
        var csv = new StringBuilder($"round,persons,skipped,loss,{(course.Plan.Trees is null ? "" : "held.out.loss,")}{(isValidated ? $"validation.loss,validation.{Discrimination},conf.low,conf.high," : "")}update.norm,sites,bytes.sent\r\n");
        foreach (var r in rounds)
        {
            var validation = r.Done.Validation;
            var validated = isValidated ? string.Create(CultureInfo.InvariantCulture, $"{validation?.Loss},{validation?.Discrimination},{validation?.Lower},{validation?.Upper},") : "";
            csv.Append(CultureInfo.InvariantCulture, $"{r.Round},{r.Done.Round.Persons},{r.Done.Round.Skipped},{r.Done.Round.Loss},{(course.Plan.Trees is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{r.Done.Round.HeldOutLoss},"))}{validated}{r.Done.Round.UpdateNorm},{r.Done.Result.Sites.Answered.Count},{r.Done.BytesSent}\r\n");
        }

        folder.Write("rounds.csv", Encoding.UTF8.GetBytes(csv.ToString()));
        if (Panels() is { Count: > 0 } panels)
            folder.Write("learning-curve.svg", Encoding.UTF8.GetBytes(SvgLearningCurve.Draw(panels)));
    }

    /// <summary>Loss, and below it what validation told.</summary>
    private List<LearningPanel> Panels()
    {
        IReadOnlyList<double?> Of(Func<TrainedRound, double?> figure) => [.. rounds.Select(r => figure(r.Done))];
        List<LearningCurve> losses = [new(course.Plan.Name, Of(r => r.Round.Loss))];
        if (rounds.Exists(r => r.Done.Validation?.Loss is not null))
            losses = [losses[0] with { Label = "persons trained on, before the round" }, new("persons validated on, after it", Of(r => r.Validation?.Loss))];
        if (rounds.Exists(r => r.Done.Round.HeldOutLoss is not null))
            losses = [.. losses, new("persons held out", Of(r => r.Round.HeldOutLoss))];
        var panels = new List<LearningPanel> { new(losses, losses.Count > 1 ? "mean loss" : "mean loss in training") };
        if (rounds.Exists(r => r.Done.Validation?.Discrimination is not null))
            panels.Add(new([new("persons validated on, and 95 % limits", Of(r => r.Validation?.Discrimination)) { Lower = Of(r => r.Validation?.Lower), Upper = Of(r => r.Validation?.Upper) }], Discrimination));
        return [.. panels.Where(p => p.HasFigures)];
    }
}
