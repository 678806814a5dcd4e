using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Consilience.Arithmetic;
using Consilience.Protocol.Identity;
using Spectre.Console;

namespace Consilience.Cli.Commands;

internal static class KeyCommand
{
    internal static Command Create() => new("key", "Makes and shows keys.") { CreateKeys(), Entry(), Card() };

    private static Command CreateKeys()
    {
        var folder = new Argument<string>("folder") { Description = "Where to put them; must not hold keys yet." };
        return new Command("create", "Makes a signing key and a sealing key, for their owner's eyes only.\nExample: consilience key create keys") { folder }.Does(result =>
        {
            using var keys = KeyFolder.Create(result.GetRequiredValue(folder), RandomBytes.OperatingSystem);
            Shared.Print(result, new { folder = keys.FolderPath, signingKey = keys.Signing.Public.Id }, c => c.MarkupLineInterpolated($"keys made in {keys.FolderPath}; keep a backup under lock"));
            return ExitCode.Success;
        });
    }

    private static Command Entry()
    {
        var keys = Shared.Keys();
        var id = new Option<string>("--id") { Description = "The organisation's short name.", Required = true };
        var name = new Option<string>("--name") { Description = "The organisation's full name.", Required = true };
        var roles = new Option<string[]>("--role") { Description = "hub, site or key-holder; repeat for several.", DefaultValueFactory = _ => [] };
        var to = new Option<string>("--out") { Description = "The file to write.", Required = true };
        return new Command("entry", "Writes an organisation's entry for a consortium file: names and public keys.\nExample: consilience key entry --keys keys --id aster --name \"Aster Children's Hospital\" --role site --role key-holder --out aster.member.json")
        {
            keys, id, name, roles, to,
        }.Does(result =>
        {
            using var folder = KeyFolder.Open(result.GetRequiredValue(keys));
            var entry = NetworkFiles.EntryOf(folder, result.GetRequiredValue(id), result.GetRequiredValue(name), result.GetRequiredValue(roles));
            File.WriteAllText(result.GetRequiredValue(to), Output.Json.Of(entry) + "\n");
            Shared.Print(result, entry, c => c.MarkupLineInterpolated($"wrote {result.GetRequiredValue(to)}"));
            return ExitCode.Success;
        });
    }

    private static Command Card()
    {
        var keys = Shared.Keys();
        var id = new Option<string>("--id") { Description = "The organisation's short name.", Required = true };
        var researcher = new Option<string>("--researcher") { Description = "The researcher's short name.", Required = true };
        var researcherKeys = new Option<string>("--researcher-keys") { Description = "The researcher's key folder; card and certificate are written there.", Required = true };
        var days = new Option<int>("--days") { Description = "Days they are good for.", DefaultValueFactory = _ => 365 };
        return new Command("card", "An organisation vouches for its researcher: a signed card for studies, and a certificate for the hub.\nExample: consilience key card --keys keys --id aster --researcher ada-lindqvist --researcher-keys ada")
        {
            keys, id, researcher, researcherKeys, days,
        }.Does(result =>
        {
            using var organisation = KeyFolder.Open(result.GetRequiredValue(keys));
            using var own = KeyFolder.Open(result.GetRequiredValue(researcherKeys));
            NetworkFiles.WriteCard(organisation, NetworkFiles.ParseId(result.GetRequiredValue(id)), own, result.GetRequiredValue(researcher), TimeSpan.FromDays(result.GetValue(days)), TimeProvider.System);
            Shared.Print(result, new { folder = own.FolderPath }, c => c.MarkupLineInterpolated($"wrote {ResearcherFiles.Card} and {ResearcherFiles.Certificate} to {own.FolderPath}"));
            return ExitCode.Success;
        });
    }
}

/// <summary>Making the files a network is founded with.</summary>
internal static class NetworkFiles
{
    internal static OrganisationId ParseId(string text) =>
        OrganisationId.TryParse(text, null, out var id) ? id : throw new BadInputException($"organisation: '{text}' (expected 1–40 lower-case letters, digits and inner hyphens, starting with a letter)");

    internal static MemberEntry EntryOf(KeyFolder keys, string id, string name, IReadOnlyList<string> roles) =>
        new(ParseId(id), name, roles, keys.Signing.Public.Bytes.ToArray(), keys.Sealing.PublicKey.Bytes.ToArray());

    /// <summary>Writes a researcher's card and certificate into the researcher's folder.</summary>
    internal static byte[] WriteCard(KeyFolder organisation, OrganisationId id, KeyFolder researcher, string name, TimeSpan lifetime, TimeProvider clock)
    {
        ParseId(name);
        var now = clock.GetUtcNow();
        var card = Signed<ResearcherCard>.By(organisation.Signing, new ResearcherCard
        {
            Organisation = id,
            Name = name,
            SigningKey = researcher.Signing.Public.Bytes.ToArray(),
            SealingKey = researcher.Sealing.PublicKey.Bytes.ToArray(),
            ExpiresAt = now + lifetime,
        }).Envelope;
        using var certificate = NodeCertificate.Issue(new NodeIdentity(id, NodeRole.Researcher, name), organisation.Signing, now, lifetime, RandomBytes.OperatingSystem);
        File.WriteAllBytes(Path.Combine(researcher.FolderPath, ResearcherFiles.Card), card);
        var certificatePath = Path.Combine(researcher.FolderPath, ResearcherFiles.Certificate);
        File.Delete(certificatePath);
        KeyFolder.WriteSecret(certificatePath, Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12)) + "\n");
        return card;
    }
}
