using System.Collections.Concurrent;
using System.Globalization;
using Consilience.Client.Analyse;
using Consilience.Protocol.Wire;
using Spectre.Console;
using Study = Consilience.Protocol.Agreements.Study;

namespace Consilience.Cli.Output;

/// <summary>A run while it goes on: every site and key holder with what it is doing. A line in place of a live table where there is no terminal.</summary>
internal static class RunView
{
    internal static async Task<IReadOnlyList<Answer>> FollowAsync(string name, Study study, bool show, Func<IProgress<RunProgress>, IProgress<FitProgress>, Task<IReadOnlyList<Answer>>> ask)
    {
        var states = new ConcurrentDictionary<(string Party, Role Role), RunProgress>();
        var rounds = new ConcurrentQueue<FitProgress>();
        var running = ask(new Sink<RunProgress>(p => states[(p.Party, p.Role)] = p), new Sink<FitProgress>(rounds.Enqueue));
        if (!show)
            return await running;
        if (!AnsiConsole.Profile.Capabilities.Interactive)
        {
            AnsiConsole.MarkupLineInterpolated($"asking: {name}");
            await running;
            foreach (var round in rounds)
                AnsiConsole.WriteLine(Words(round));
            return await running;
        }

        await AnsiConsole.Live(Picture(name, study, states, rounds)).AutoClear(true).StartAsync(async context =>
        {
            while (await Task.WhenAny(running, Task.Delay(80)) != running)
                context.UpdateTarget(Picture(name, study, states, rounds));
        });
        return await running;
    }

    private static Table Picture(string name, Study study, ConcurrentDictionary<(string Party, Role Role), RunProgress> states, ConcurrentQueue<FitProgress> rounds)
    {
        var table = new Table().Border(TableBorder.Rounded).Title($"[bold]{Markup.Escape(name)}[/]").AddColumn("party").AddColumn("role").AddColumn("state");
        foreach (var site in study.Sites)
            table.AddRow(Row($"{site}", Role.Site, "site", states));
        foreach (var keyHolder in study.KeyHolders)
            table.AddRow(Row($"{keyHolder}", Role.KeyHolder, "key holder", states));
        if (rounds.LastOrDefault() is { } round)
            table.Caption(Words(round));
        return table;
    }

    private static string Words(FitProgress round) =>
        string.Create(CultureInfo.InvariantCulture, $"round {round.Round}: log-likelihood {round.LogLikelihood:0.000000}, largest step {round.LargestStep:0.0e+00}");

    private static string[] Row(string party, Role role, string words, ConcurrentDictionary<(string Party, Role Role), RunProgress> states)
    {
        var state = states.GetValueOrDefault((party, role));
        var share = state is { BytesTotal: > 0 } ? $" {100 * state.BytesDone / state.BytesTotal} %" : "";
        var colour = state?.State switch { "answered" or "opened" => "green", "refused" or "absent" => "yellow", null => "dim", _ => "blue" };
        return [Markup.Escape(party), words, $"[{colour}]{Markup.Escape((state?.State ?? "waiting") + share)}[/]"];
    }
}
