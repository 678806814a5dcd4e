using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;

namespace Consilience.Hub.Analyse;

/// <summary>An organisation in one of its roles: the same organisation may answer as a site and open as a key holder.</summary>
public sealed record PartyId(OrganisationId Organisation, Role Role) : IComparable<PartyId>
{
    public int CompareTo(PartyId? other)
    {
        if (other is null)
            return 1;
        var byRole = Role.CompareTo(other.Role);
        return byRole != 0 ? byRole : Organisation.CompareTo(other.Organisation);
    }

    public override string ToString() => $"{(Role == Role.Site ? "site" : "key holder")} {Organisation}";
}
