using System.CommandLine;
using Consilience.Analyses.Genotypes;
using Consilience.Client.Study;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class StudyCommand
{
    internal static Command Create() => new("study", "Checks, proposes and follows studies.") { Check(), Panel(), Propose(), List() };

    private static Command Check()
    {
        var file = new Argument<string>("file") { Description = "The study document." };
        return new Command("check", "Checks a study document completely; every fault at once.\nExample: consilience study check study.yaml") { file }.Does(result =>
        {
            var path = result.GetRequiredValue(file);
            var study = StudyReader.Read(File.ReadAllText(path), DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime), Path.GetFileName(path));
            Shared.Print(result, new { study = study.Id.ToString(), study.Title, variables = study.Schema.Variables.Count }, c =>
                c.MarkupLineInterpolated($"[green]{study.Id}[/]: {study.Schema.Variables.Count} variables, {study.Sites.Count} sites, {study.KeyHolders.Count} key holders; no faults"));
            return ExitCode.Success;
        });
    }

    private static Command Panel()
    {
        var file = new Argument<string>("file") { Description = "The list of variants: a PLINK .bim file, each variant's effect allele first." };
        return new Command("panel", "Says how a study declares a panel of variants that every site has genotypes of.\nExample: consilience study panel array.bim") { file }.Does(result =>
        {
            var path = result.GetRequiredValue(file);
            using var text = new StreamReader(path);
            var list = VariantList.Read(text, Path.GetFileName(path));
            Shared.Print(result, new { variants = list.Variants.Count, digest = list.Digest }, c => c.WriteLine($"variants: {list.Variants.Count}\ndigest: {list.Digest}"));
            return ExitCode.Success;
        });
    }

    private static Command Propose()
    {
        var file = new Argument<string>("file") { Description = "The study document." };
        var (hub, consortium, keys) = (Shared.Hub(), Shared.Consortium(), Shared.Keys());
        var cards = new Option<string[]>("--card") { Description = "Cards of further researchers, in the study's order; your own is taken from the key folder.", DefaultValueFactory = _ => [] };
        var researcher = new Option<string>("--researcher") { Description = "Your name in the study.", Required = true };
        var wait = new Option<bool>("--wait") { Description = "Wait until every party has decided." };
        return new Command("propose", "Signs a study and proposes it to its sites and key holders.\nExample: consilience study propose study.yaml --researcher ada-lindqvist --keys ada --hub https://hub:7443 --consortium consortium.json --wait")
        {
            file, hub, consortium, keys, cards, researcher, wait,
        }.Does(async (result, cancellation) =>
        {
            var consortia = Shared.ReadConsortium(result.GetRequiredValue(consortium));
            var folder = result.GetRequiredValue(keys);
            using var own = KeyFolder.Open(folder);
            using var connection = Shared.Connect(result.GetRequiredValue(hub), folder, consortia);
            var study = new ProposeStudy(connection, consortia, TimeProvider.System);
            byte[][] all = [File.ReadAllBytes(Path.Combine(folder, ResearcherFiles.Card)), .. result.GetRequiredValue(cards).Select(File.ReadAllBytes)];
            var standing = await study.ProposeAsync(File.ReadAllText(result.GetRequiredValue(file)), all, result.GetRequiredValue(researcher), own.Signing, cancellation);
            if (result.GetValue(wait))
                await study.WaitUntilInForceAsync(standing.Proposal.Digest, null, cancellation);
            standing = (await study.ListAsync(cancellation)).First(s => s.Proposal.Digest == standing.Proposal.Digest);
            Shared.Print(result, Describe(standing), c => Write(c, standing));
            return ExitCode.Success;
        });
    }

    private static Command List()
    {
        var (hub, consortium, keys) = (Shared.Hub(), Shared.Consortium(), Shared.Keys());
        return new Command("list", "Shows the studies you take part in and who has decided what.\nExample: consilience study list --keys ada --hub https://hub:7443 --consortium consortium.json") { hub, consortium, keys }
            .Does(async (result, cancellation) =>
            {
                var consortia = Shared.ReadConsortium(result.GetRequiredValue(consortium));
                using var connection = Shared.Connect(result.GetRequiredValue(hub), result.GetRequiredValue(keys), consortia);
                var standings = await new ProposeStudy(connection, consortia, TimeProvider.System).ListAsync(cancellation);
                Shared.Print(result, new { studies = standings.Select(Describe) }, c =>
                {
                    foreach (var standing in standings)
                        Write(c, standing);
                });
                return ExitCode.Success;
            });
    }

    private static object Describe(StudyStanding standing) => new
    {
        study = standing.Proposal.Study.Id.ToString(),
        agreement = standing.Proposal.Digest.ToString(),
        inForce = standing.InForce is not null,
        decisions = standing.Decisions.Select(d => new { party = d.Party.ToString(), d.Role, d.Agrees, d.Reasons }),
        waiting = standing.Waiting,
    };

    private static void Write(IAnsiConsole console, StudyStanding standing)
    {
        console.MarkupLineInterpolated($"[bold]{standing.Proposal.Study.Id}[/] {standing.Proposal.Study.Title}  [dim]{standing.Proposal.Digest}[/]  {(standing.InForce is null ? "not in force" : "in force")}");
        foreach (var decision in standing.Decisions)
            console.MarkupLineInterpolated($"  {(decision.Agrees ? "agrees " : "refuses")} {decision.Role} {decision.Party}: {string.Join("; ", decision.Reasons)}");
        if (standing.Waiting.Count > 0)
            console.MarkupLineInterpolated($"  waiting for {string.Join(", ", standing.Waiting)}");
    }
}
