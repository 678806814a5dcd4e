using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Policy;

namespace Consilience.KeyHolder;

/// <summary>What a site's or key holder's program is started with.</summary>
public sealed record PartyConfig
{
    public required OrganisationId Organisation { get; init; }

    /// <summary>Folder with the organisation's keys.</summary>
    public required string Keys { get; init; }

    public required string Consortium { get; init; }

    public required string Policy { get; init; }

    /// <summary>Folder of the program's own database; one for each role.</summary>
    public required string Data { get; init; }

    public required Uri Hub { get; init; }

    /// <summary>Reads keys, consortium file and policy; every fault says what to mend.</summary>
    public Party Load(NodeRole role)
    {
        var file = new CachedConsortium(Consortium);
        if (file.Read().Current.Find(Organisation) is not { } member || !member.Roles.Contains(role))
            throw new ConsortiumException([$"{Organisation} has no such role in {file.Read().Current.Name}"]);
        var keys = KeyFolder.Open(Keys);
        return keys.Signing.Public.Equals(member.SigningKey) && keys.Sealing.PublicKey.Equals(member.SealingKey)
            ? new Party(Organisation, role, keys, file.Read, SitePolicy.Read(File.ReadAllText(Policy), System.IO.Path.GetFileName(Policy)))
            : throw new KeyFolderException($"{Keys}: not the keys the consortium lists for {Organisation}; name the right folder, or have the consortium sign the new keys");
    }
}

/// <summary>The consortium file, read again when it changes on disk.</summary>
internal sealed class CachedConsortium(string path)
{
    private readonly Lock gate = new();
    private ConsortiumFile? file;
    private DateTime written;

    internal ConsortiumFile Read()
    {
        lock (gate)
        {
            var now = File.GetLastWriteTimeUtc(path);
            if (file is null || now != written)
            {
                file = ConsortiumFile.Parse(File.ReadAllBytes(path));
                written = now;
            }

            return file;
        }
    }
}
