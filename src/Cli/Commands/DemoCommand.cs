using System.CommandLine;
using System.Diagnostics;
using Consilience.Cli.Demo;
using Consilience.Cli.Output;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.Client.Study;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class DemoCommand
{
    internal static Command Create()
    {
        var folder = new Option<string>("--out") { Description = "The folder to write to.", DefaultValueFactory = _ => "consilience-demo" };
        var keep = new Option<bool>("--keep") { Description = "Leave the network running, and say how to use it, until Ctrl-C." };
        return new Command("demo", "Runs a real study on real childhood-cancer data over eight processes and mutual TLS.\nExample: consilience demo --out demo --keep") { folder, keep }
            .Does((result, cancellation) => RunAsync(Path.GetFullPath(result.GetRequiredValue(folder)), result.GetValue(keep), !result.GetValue(Shared.Json), cancellation));
    }

    private static async Task<ExitCode> RunAsync(string root, bool keep, bool show, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var folder = DemoFolder.Create(root);
        Say(show, $"[bold]consortium[/] {folder.Consortium.Current.Name}: {folder.Consortium.Current.Members.Count} members, founding version signed by all, {folder.Consortium.Current.Digest.Short}");
        await using var network = await DemoNetwork.StartAsync(folder, cancellation);
        Say(show, $"[bold]network[/] hub at {network.Hub}, {network.Children.Count} processes, mutual TLS, only the hub listens");
        using var keys = KeyFolder.Open(folder.ResearcherKeys);
        using var hub = Shared.Connect(network.Hub, folder.ResearcherKeys, folder.Consortium);
        var agreement = await network.WhileRunningAsync(AgreeAsync(hub, folder, keys, show, cancellation));
        var ask = new AskQuestion(hub, folder.Consortium, agreement, DemoFolder.Researcher, keys, TimeProvider.System);
        var questions = QuestionReader.Read(await File.ReadAllTextAsync(Path.Combine(DemoFolder.Samples, "requests.yaml"), cancellation), "requests.yaml");
        var results = await network.WhileRunningAsync(new Questions(ask, root, show).AskAllAsync(questions, resume: false, cancellation));
        var views = new WhatPartiesSaw(folder).Measure(results);
        var verified = results.All(r => new ReceiptFile(Path.Combine(root, r.Receipt!)).Verify(folder.Consortium).Holds);
        if (show)
            Close(root, network, results, views, verified, clock.Elapsed, keep);
        else
            Console.WriteLine(Json.Of(new ResultDocument(results)));
        if (keep)
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return verified && !views.Any(v => v.ResultFound) ? ExitCode.Success : ExitCode.CheckFailed;
    }

    private static async Task<Agreement> AgreeAsync(Client.HubConnection hub, DemoFolder folder, KeyFolder keys, bool show, CancellationToken cancellation)
    {
        var studies = new ProposeStudy(hub, folder.Consortium, TimeProvider.System);
        var card = await File.ReadAllBytesAsync(Path.Combine(folder.ResearcherKeys, ResearcherFiles.Card), cancellation);
        var standing = await studies.ProposeAsync(DemoFolder.StudyText(), [card], DemoFolder.Researcher, keys.Signing, cancellation);
        var agreement = await studies.WaitUntilInForceAsync(standing.Proposal.Digest, null, cancellation);
        Say(show, $"[bold]agreement[/] {agreement.Study.Title}: checked and signed by {agreement.Study.Sites.Count} sites and {agreement.Study.KeyHolders.Count} key holders, {agreement.Digest.Short}");
        return agreement;
    }

    private static void Close(string root, DemoNetwork network, IReadOnlyList<AnalysisResult> results, IReadOnlyList<WhatPartiesSaw.PartyView> views, bool verified, TimeSpan elapsed, bool keep)
    {
        WhatPartiesSaw.Write(AnsiConsole.Console, views);
        var here = Path.GetRelativePath(Environment.CurrentDirectory, root);
        AnsiConsole.MarkupLineInterpolated($"{results.Count} receipts {(verified ? "verified" : "DO NOT VERIFY")}: every signature checked, every figure computed again");
        AnsiConsole.MarkupLineInterpolated($"open {here}/report.html; check a receipt with: {ProgramName} verify {here}/{results[0].Receipt} --consortium {here}/consortium.json");
        AnsiConsole.MarkupLineInterpolated($"[dim]{elapsed.TotalSeconds:0.0} s[/]");
        if (!keep)
            return;
        var keys = Path.GetRelativePath(Environment.CurrentDirectory, network.Folder.ResearcherKeys);
        AnsiConsole.MarkupLineInterpolated($"the network keeps running until Ctrl-C; in another terminal ask it something:\n  {ProgramName} analyse km --time edrel --event rel --by stage --grid 180,365,730,1095,1825,3650 --epsilon 1/2 --study wilms-relapse --researcher {DemoFolder.Researcher} --keys {keys} --hub {network.Hub} --consortium {here}/consortium.json");
    }

    /// <summary>How the user can start this program again: by its name where that is found, otherwise by its path.</summary>
    private static string ProgramName
    {
        get
        {
            var path = Environment.ProcessPath ?? "consilience";
            var isFound = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(f => f.Length > 0 && Path.Combine(f, Path.GetFileName(path)) == path);
            return isFound ? Path.GetFileName(path) : Path.GetRelativePath(Environment.CurrentDirectory, path);
        }
    }

    private static void Say(bool show, FormattableString line)
    {
        if (show)
            AnsiConsole.MarkupLineInterpolated(line);
    }
}
