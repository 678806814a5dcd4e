using System.CommandLine;
using System.Text.Json;
using Consilience.Protocol.Identity;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class ConsortiumCommand
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    internal static Command Create() => new("consortium", "Founds a consortium and changes it by its members' signatures.") { Draft(), Sign(), Accept(), Show() };

    private static Command Draft()
    {
        var name = new Option<string>("--name") { Description = "The consortium's name.", Required = true };
        var members = new Option<string[]>("--member") { Description = "A member's entry; repeat for each member of the new version.", Required = true };
        var onto = new Option<string?>("--onto") { Description = "The present consortium file; leave out to found a new one." };
        var keys = Shared.Keys();
        var to = new Option<string>("--out") { Description = "The draft to write.", Required = true };
        return new Command("draft", "Drafts the founding or the next version, with the first signature.\nExample: consilience consortium draft --name wilms-net --member aster.member.json --member birch.member.json --keys keys --out draft.json")
        {
            name, members, onto, keys, to,
        }.Does(result =>
        {
            using var folder = KeyFolder.Open(result.GetRequiredValue(keys));
            var current = result.GetValue(onto) is { } path ? Shared.ReadConsortium(path) : null;
            var entries = result.GetRequiredValue(members).Select(ReadEntry).ToList();
            var draft = ConsortiumFile.Draft(current, result.GetRequiredValue(name), entries, folder.Signing);
            File.WriteAllBytes(result.GetRequiredValue(to), draft.ToBytes());
            return Report(result, draft, current);
        });
    }

    private static Command Sign()
    {
        var draft = new Argument<string>("draft") { Description = "The draft; the signature is added in place." };
        var onto = new Option<string?>("--onto") { Description = "The present consortium file, when there is one." };
        var keys = Shared.Keys();
        return new Command("sign", "Adds a member's signature to a draft.\nExample: consilience consortium sign draft.json --keys keys") { draft, onto, keys }.Does(result =>
        {
            using var folder = KeyFolder.Open(result.GetRequiredValue(keys));
            var signed = ReadDraft(result.GetRequiredValue(draft)).WithSignature(folder.Signing);
            File.WriteAllBytes(result.GetRequiredValue(draft), signed.ToBytes());
            return Report(result, signed, result.GetValue(onto) is { } path ? Shared.ReadConsortium(path) : null);
        });
    }

    private static Command Accept()
    {
        var draft = new Argument<string>("draft") { Description = "A draft that everybody has signed." };
        var onto = new Option<string?>("--onto") { Description = "The present consortium file, when there is one." };
        var to = new Option<string>("--out") { Description = "The consortium file to write.", Required = true };
        return new Command("accept", "Makes a fully signed draft the consortium's newest version.\nExample: consilience consortium accept draft.json --out consortium.json") { draft, onto, to }.Does(result =>
        {
            var current = result.GetValue(onto) is { } path ? Shared.ReadConsortium(path) : null;
            var next = ConsortiumFile.Append(current, ReadDraft(result.GetRequiredValue(draft)));
            File.WriteAllBytes(result.GetRequiredValue(to), next.ToBytes());
            Shared.Print(result, Describe(next.Current), c => c.MarkupLineInterpolated($"{next.Current.Name}, version {next.Current.Version}, {next.Current.Digest}"));
            return ExitCode.Success;
        });
    }

    private static Command Show()
    {
        var file = new Argument<string>("file") { Description = "The consortium file." };
        return new Command("show", "Checks a consortium file and shows its members.\nExample: consilience consortium show consortium.json") { file }.Does(result =>
        {
            var current = Shared.ReadConsortium(result.GetRequiredValue(file)).Current;
            Shared.Print(result, Describe(current), console =>
            {
                console.MarkupLineInterpolated($"[bold]{current.Name}[/], version {current.Version}, {current.Digest}");
                foreach (var member in current.Members)
                    console.MarkupLineInterpolated($"  {member.Id,-16} {member.Name}  [dim]{string.Join(", ", member.Roles)}, {member.SigningKey}[/]");
            });
            return ExitCode.Success;
        });
    }

    private static object Describe(Consortium consortium) => new
    {
        consortium.Name,
        consortium.Version,
        digest = consortium.Digest.ToString(),
        members = consortium.Members.Select(m => new { id = m.Id.ToString(), m.Name, roles = m.Roles, signingKey = m.SigningKey.Id }),
    };

    private static ExitCode Report(ParseResult result, DsseEnvelope draft, ConsortiumFile? current)
    {
        var missing = ConsortiumFile.MissingSignatures(current, draft);
        Shared.Print(result, new { digest = draft.PayloadDigest.ToString(), missing }, c =>
            c.MarkupLineInterpolated($"draft {draft.PayloadDigest.Short}: {(missing.Count == 0 ? "signed by everybody" : $"still to sign: {string.Join(", ", missing)}")}"));
        return ExitCode.Success;
    }

    private static DsseEnvelope ReadDraft(string path) =>
        DsseEnvelope.TryParse(File.ReadAllBytes(path), out var envelope) ? envelope : throw new BadInputException($"{path}: not a draft (expected a file that 'consilience consortium draft' wrote)");

    private static MemberEntry ReadEntry(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<MemberEntry>(File.ReadAllBytes(path), Strict) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new BadInputException($"{path}: not a member's entry (expected a file that 'consilience key entry' wrote)");
        }
    }
}
