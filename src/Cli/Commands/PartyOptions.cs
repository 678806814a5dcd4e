using System.CommandLine;
using Consilience.KeyHolder;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Identity;
using Spectre.Console;

namespace Consilience.Cli.Commands;

/// <summary>What the programs of sites and key holders are started with, and the operator's commands both have.</summary>
internal sealed class PartyOptions
{
    private readonly Option<string> organisation = new("--organisation") { Description = "The member's short name.", Required = true };
    private readonly Option<string> keys = Shared.Keys();
    private readonly Option<string> consortium = Shared.Consortium();
    private readonly Option<string> policy = new("--policy") { Description = "The party's policy file.", Required = true };
    private readonly Option<string> data = new("--data") { Description = "Folder of the program's own database.", Required = true };

    internal void AddTo(Command command)
    {
        foreach (var option in new Option[] { organisation, keys, consortium, policy, data })
            command.Options.Add(option);
    }

    internal PartyConfig Read(ParseResult result, Uri? hub = null) => new()
    {
        Organisation = NetworkFiles.ParseId(result.GetRequiredValue(organisation)),
        Keys = result.GetRequiredValue(keys),
        Consortium = result.GetRequiredValue(consortium),
        Policy = result.GetRequiredValue(policy),
        Data = result.GetRequiredValue(data),
        Hub = hub ?? new Uri("https://localhost"),
    };

    /// <summary>studies, approve and refuse, on the same database as the running program.</summary>
    internal static IEnumerable<Command> Operator(string program, Func<PartyConfig, PartyStudies> open)
    {
        yield return Studies(program, open);
        yield return Decide(program, "approve", agrees: true, open);
        yield return Decide(program, "refuse", agrees: false, open);
    }

    private static Command Studies(string program, Func<PartyConfig, PartyStudies> open)
    {
        var options = new PartyOptions();
        var command = new Command("studies", $"Shows the studies this party was asked to sign, and what its policy says of each.\nExample: consilience {program} studies --organisation aster --keys keys --consortium consortium.json --policy policy.yaml --data data");
        options.AddTo(command);
        return command.Does(result =>
        {
            var studies = open(options.Read(result)).All();
            Shared.Print(result, new { studies = studies.Select(s => new { study = s.Proposal.Study.Id.ToString(), agreement = s.Proposal.Digest.ToString(), s.Proposal.Study.Title, s.State, s.InForce, s.Reasons }) }, console =>
            {
                foreach (var study in studies)
                {
                    console.MarkupLineInterpolated($"[bold]{study.Proposal.Study.Id}[/] {study.Proposal.Study.Title}  [dim]{study.Proposal.Digest}[/]");
                    console.MarkupLineInterpolated($"  {study.State.ToString().ToLowerInvariant()}{(study.InForce ? ", in force" : "")}");
                    foreach (var reason in study.Reasons)
                        console.MarkupLineInterpolated($"  policy {reason}");
                }

                if (studies.Count == 0)
                    console.WriteLine("no studies yet");
            });
            return ExitCode.Success;
        });
    }

    private static Command Decide(string program, string verb, bool agrees, Func<PartyConfig, PartyStudies> open)
    {
        var options = new PartyOptions();
        var agreement = new Argument<string>("agreement") { Description = "The agreement's digest, as 'studies' shows it." };
        var reason = new Option<string>("--reason") { Description = "Why, for the other parties.", DefaultValueFactory = _ => "decided by the operator" };
        var command = new Command(verb, $"Signs the decision to {verb} a study that waits for one; the running program sends it.\nExample: consilience {program} {verb} 5b1c… --organisation aster --keys keys --consortium consortium.json --policy policy.yaml --data data") { agreement, reason };
        options.AddTo(command);
        return command.Does(result =>
        {
            var digest = Digest.TryParse(result.GetRequiredValue(agreement), null, out var parsed) ? parsed : throw new BadInputException("agreement: expected the 64 digits that 'studies' shows");
            open(options.Read(result)).DecideByHand(digest, agrees, result.GetRequiredValue(reason));
            Shared.Print(result, new { agreement = digest.ToString(), agrees }, c => c.MarkupLineInterpolated($"{(agrees ? "approved" : "refused")} {digest.Short}"));
            return ExitCode.Success;
        });
    }
}
