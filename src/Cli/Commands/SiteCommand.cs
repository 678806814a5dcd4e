using System.CommandLine;
using Consilience.Cli.Hosting;
using Consilience.Cli.Output;
using Consilience.Connectors.Check;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.KeyHolder;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Consilience.Site;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class SiteCommand
{
    private const string Database = "site.db";

    internal static Command Create()
    {
        var command = new Command("site", "Runs a site beside its data, and looks after it.") { Run(), Check(), Budget(), Ledger() };
        foreach (var verb in PartyOptions.Operator("site", c => Open(c).Studies))
            command.Subcommands.Add(verb);
        return command;
    }

    private static Command Run()
    {
        var options = new PartyOptions();
        var hub = Shared.Hub();
        var mapping = new Option<string>("--mapping") { Description = "The mapping from the local files to the studies' variables.", Required = true };
        var keyHolder = new Option<string>("--keyholder") { Description = "Folder of a key holder's own database: this process serves the organisation's key holder too." };
        var child = HubCommand.ChildOption();
        var command = new Command("run", "Dials the hub and serves until stopped.\nExample: consilience site run --organisation aster --keys keys --consortium consortium.json --policy policy.yaml --mapping mapping.yaml --data site --hub https://hub:7443") { hub, mapping, keyHolder, child };
        options.AddTo(command);
        return command.Does(async (result, cancellation) =>
        {
            var config = options.Read(result, result.GetRequiredValue(hub));
            var path = result.GetRequiredValue(mapping);
            using var logging = HostLifetime.Logging(result.GetValue(Shared.Json));
            using var told = HostLifetime.UntilTold(result.GetValue(child), cancellation);
            using var host = new SiteHost(
                config.Load(NodeRole.Site), Path.Combine(config.Data, Database), study => ReadMapping(path, study), config.Hub, TimeProvider.System, logging.CreateLogger("site"), HostLifetime.OnStep());
            using var beside = result.GetValue(keyHolder) is { } folder ? KeyHolderCommand.Host(config with { Data = folder }, logging) : null;
            await Task.WhenAll(host.RunAsync(told.Token), beside?.RunAsync(told.Token) ?? Task.CompletedTask);
            return ExitCode.Success;
        });
    }

    private static Command Check()
    {
        var study = new Option<string>("--study") { Description = "The study document, for its schema.", Required = true };
        var mapping = new Option<string>("--mapping") { Description = "The mapping file.", Required = true };
        var threshold = new Option<int>("--threshold") { Description = "Counts from 1 below this are shown as <n.", DefaultValueFactory = _ => 10 };
        return new Command("check", "Reports how the data fit a study's schema, before any study asks.\nExample: consilience site check --study study.yaml --mapping mapping.yaml") { study, mapping, threshold }.Does(result =>
        {
            var document = StudyReader.Read(File.ReadAllText(result.GetRequiredValue(study)), null, Path.GetFileName(result.GetRequiredValue(study)));
            using var data = SiteData.Open(ReadMapping(result.GetRequiredValue(mapping), document), document.Schema);
            var report = SiteCheck.Run(data, result.GetValue(threshold));
            Shared.Print(result, report, c => SiteCheckView.Write(c, report));
            return report.Fits ? ExitCode.Success : ExitCode.CheckFailed;
        });
    }

    private static Command Budget()
    {
        var options = new PartyOptions();
        var command = new Command("budget", "Shows what each study has spent of its privacy budget here, and what is left.\nExample: consilience site budget --organisation aster --keys keys --consortium consortium.json --policy policy.yaml --data site");
        options.AddTo(command);
        return command.Does(result =>
        {
            using var host = Open(options.Read(result));
            var (budgets, lifetime) = (host.Budgets(), host.Lifetime());
            Shared.Print(
                result,
                new
                {
                    budgets = budgets.Select(b => new
                    {
                        study = b.Study.Id.ToString(), agreement = b.Budget.Agreement.ToString(), limitNanoRho = b.Budget.Limit.Amount, spentNanoRho = b.Budget.Committed.Amount,
                        reservedNanoRho = b.Budget.Reserved.Amount, leftNanoRho = b.Budget.Left.Amount, maximumEpsilon = $"{b.Study.Noised!.MaximumEpsilon}",
                        questionsLeft = b.Budget.QuestionsLeft(b.Study.Noised.MaximumEpsilon), byResearcherNanoRho = b.Budget.ByResearcher.ToDictionary(r => r.Key, r => r.Value.Amount),
                    }),
                    lifetime = lifetime.Select(b => new { b.Block, limitNanoRho = b.Limit.Amount, spentNanoRho = b.Spent.Amount, leftNanoRho = b.Left.Amount }),
                },
                console => BudgetView.Write(console, budgets, lifetime));
            return ExitCode.Success;
        });
    }

    private static Command Ledger()
    {
        var options = new PartyOptions();
        var export = new Option<string?>("--export") { Description = "Write the whole ledger, signed, to this file in place of showing it." };
        var command = new Command("ledger", "Shows the privacy ledger: what each study has spent here.\nExample: consilience site ledger --organisation aster --keys keys --consortium consortium.json --policy policy.yaml --data site") { export };
        options.AddTo(command);
        return command.Does(result =>
        {
            using var host = Open(options.Read(result));
            if (result.GetValue(export) is { } file)
            {
                File.WriteAllBytes(file, host.Export(TimeProvider.System.GetUtcNow()));
                Shared.Print(result, new { file }, console => console.MarkupLineInterpolated($"{file}: the whole ledger, signed; an auditor checks it with 'consilience verify {file} --consortium …'"));
                return ExitCode.Success;
            }

            var entries = host.Ledger.Entries();
            Shared.Print(result, new { entries = entries.Select(e => new { e.Sequence, e.Kind, agreement = e.Agreement.ToString(), run = e.Run.ToString(), chargeNanoRho = e.Charge, spentNanoRho = e.Spent, limitNanoRho = e.Limit }) }, console =>
            {
                var table = new Table().Border(TableBorder.Rounded);
                foreach (var heading in new[] { "no.", "what", "study", "run", "charge ρ", "spent ρ", "limit ρ" })
                    table.AddColumn(heading);
                foreach (var e in entries)
                    table.AddRow($"{e.Sequence}", e.Kind.ToString().ToLowerInvariant(), e.Agreement.Short, $"{e.Run}"[..12], $"{e.Charge / 1e9m:0.#########}", $"{e.Spent / 1e9m:0.#########}", $"{e.Limit / 1e9m:0.#########}");
                console.Write(table);
            });
            return ExitCode.Success;
        });
    }

    private static DataMapping ReadMapping(string path, Study study) =>
        MappingReader.Read(File.ReadAllText(path), Path.GetDirectoryName(Path.GetFullPath(path))!, study.Schema, Path.GetFileName(path));

    private static SiteHost Open(PartyConfig config) =>
        new(config.Load(NodeRole.Site), Path.Combine(config.Data, Database), _ => throw new InvalidOperationException("no data here"), null, TimeProvider.System, NullLogger.Instance);
}
