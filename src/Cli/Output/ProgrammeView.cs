using System.Diagnostics;
using Consilience.Client.Analyse;
using Spectre.Console;

namespace Consilience.Cli.Output;

/// <summary>A programme while it goes on: how many of its questions are answered, and how long the rest will take. A line at every tenth where there is no terminal.</summary>
internal static class ProgrammeView
{
    /// <param name="questions">Of the programme, answered before or not.</param>
    /// <param name="answered">Before.</param>
    /// <param name="programme">The rest.</param>
    /// <param name="show">Whether to show anything.</param>
    /// <param name="ask">Asks one run.</param>
    internal static async Task FollowAsync(int questions, int answered, Programme programme, bool show, Func<SharedRun, Task> ask)
    {
        var clock = Stopwatch.StartNew();
        if (show)
            AnsiConsole.WriteLine(Plan(questions, answered, programme));
        if (!show || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            await EachAsync(programme, ask, count =>
            {
                var (before, now) = (10 * answered / questions, 10 * (answered + count) / questions);
                answered += count;
                if (show && now > before)
                    AnsiConsole.MarkupLineInterpolated($"{answered} of {questions} answered, {clock.Elapsed.TotalSeconds:0.0} s");
            });
        }
        else
        {
            await AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async context =>
            {
                var task = context.AddTask($"{questions} questions", maxValue: questions);
                task.Increment(answered);
                await EachAsync(programme, ask, count => task.Increment(count));
            });
        }

        if (show)
            AnsiConsole.MarkupLineInterpolated($"{questions} questions answered in {clock.Elapsed.TotalSeconds:0.0} s");
    }

    private static string Plan(int questions, int answered, Programme programme)
    {
        var noised = programme.Runs.Count(r => r.Charge is not null);
        return $"{questions} questions{(answered > 0 ? $", {answered} answered before" : "")}: {programme.Runs.Count} runs, {(noised == 0 ? "all exact" : $"{noised} of them noised, ρ = {programme.Charge} at each site")}";
    }

    private static async Task EachAsync(Programme programme, Func<SharedRun, Task> ask, Action<int> answered)
    {
        foreach (var run in programme.Runs)
        {
            await ask(run);
            answered(run.Questions.Count);
        }
    }
}
