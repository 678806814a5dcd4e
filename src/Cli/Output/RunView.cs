using System.Collections.Concurrent;
using Consilience.Client.Analyse;
using Consilience.Protocol.Wire;
using Spectre.Console;
using Study = Consilience.Protocol.Agreements.Study;

namespace Consilience.Cli.Output;

/// <summary>A run while it goes on: every site and key holder with what it is doing. A line in place of a live table where there is no terminal.</summary>
internal static class RunView
{
    internal static async Task<Answer> FollowAsync(Question question, Study study, bool show, Func<IProgress<RunProgress>, Task<Answer>> ask)
    {
        var states = new ConcurrentDictionary<(string Party, Role Role), RunProgress>();
        var progress = new Sink(p => states[(p.Party, p.Role)] = p);
        var running = ask(progress);
        if (!show)
            return await running;
        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            AnsiConsole.MarkupLineInterpolated($"asking: {question.Name}");
            return await running;
        }

        await AnsiConsole.Live(Picture(question, study, states)).AutoClear(true).StartAsync(async context =>
        {
            while (await Task.WhenAny(running, Task.Delay(80)) != running)
                context.UpdateTarget(Picture(question, study, states));
        });
        return await running;
    }

    private static Table Picture(Question question, Study study, ConcurrentDictionary<(string Party, Role Role), RunProgress> states)
    {
        var table = new Table().Border(TableBorder.Rounded).Title($"[bold]{Markup.Escape(question.Name)}[/]").AddColumn("party").AddColumn("role").AddColumn("state");
        foreach (var site in study.Sites)
            table.AddRow(Row($"{site}", Role.Site, "site", states));
        foreach (var keyHolder in study.KeyHolders)
            table.AddRow(Row($"{keyHolder}", Role.KeyHolder, "key holder", states));
        return table;
    }

    private static string[] Row(string party, Role role, string words, ConcurrentDictionary<(string Party, Role Role), RunProgress> states)
    {
        var state = states.GetValueOrDefault((party, role));
        var share = state is { BytesTotal: > 0 } ? $" {100 * state.BytesDone / state.BytesTotal} %" : "";
        var colour = state?.State switch { "answered" or "opened" => "green", "refused" or "absent" => "yellow", null => "dim", _ => "blue" };
        return [Markup.Escape(party), words, $"[{colour}]{Markup.Escape((state?.State ?? "waiting") + share)}[/]"];
    }

    /// <summary>Unlike <see cref="Progress{T}"/>, reports in order and at once.</summary>
    private sealed class Sink(Action<RunProgress> take) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => take(value);
    }
}
