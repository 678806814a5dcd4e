namespace Consilience.Protocol.Identity;

/// <summary>What a program does for its organisation. Always said beside the organisation's id: nothing signed or sealed in one role is accepted in another.</summary>
public enum NodeRole
{
    Unspecified = 0,
    Hub,
    Site,
    KeyHolder,
    Researcher,
}

/// <summary>Who is at the other end of a connection, as its certificate proved.</summary>
/// <param name="Name">A researcher's name; the organisation's id for every other role.</param>
public sealed record NodeIdentity(OrganisationId Organisation, NodeRole Role, string Name)
{
    public override string ToString() => Role == NodeRole.Researcher ? $"researcher {Name} of {Organisation}" : $"{RoleText(Role)} {Organisation}";

    internal static string RoleText(NodeRole role) => role switch
    {
        NodeRole.Hub => "hub",
        NodeRole.Site => "site",
        NodeRole.KeyHolder => "key-holder",
        NodeRole.Researcher => "researcher",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "a role is hub, site, key-holder or researcher"),
    };

    internal static NodeRole? ParseRole(string text) => text switch
    {
        "hub" => NodeRole.Hub,
        "site" => NodeRole.Site,
        "key-holder" => NodeRole.KeyHolder,
        "researcher" => NodeRole.Researcher,
        _ => null,
    };
}
