using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Hub.Analyse;

/// <summary>
/// Whether a contribution, signed by the organisation whose link it came on, belongs to this run. <b>Guarantee:</b> what passes names this very request, this site,
/// this length, these key holders and the announced bytes, so a contribution of another run, round, study or site never enters a sum.
/// </summary>
public static class CheckContribution
{
    public static Refusal? Decide(RunState state, PartyId site, ContributionStatement statement, Digest transfer, ulong sizeInBytes)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(statement);
        if (statement.Site != site.Organisation)
            return Invalid(RefusalCode.SignatureInvalid, site, "its contribution is in another's name", $"{site.Organisation}", $"{statement.Site}");
        if (statement.Run != state.Run || statement.Round != state.Round)
            return Invalid(RefusalCode.RequestInvalid, site, "its contribution is for another run", $"{state.Run}, round {state.Round}", $"{statement.Run}, round {statement.Round}");
        if (statement.Request != state.Request)
            return Invalid(RefusalCode.RequestInvalid, site, "its contribution answers another request", state.Request.Short, statement.Request.Short);
        if (statement.VectorLength != state.VectorLength)
            return Invalid(RefusalCode.RequestInvalid, site, "its vector has a wrong length", $"{state.VectorLength}", $"{statement.VectorLength}");
        if (statement.MaskedVector != transfer)
            return Invalid(RefusalCode.TransferInvalid, site, "it announces other bytes than it signed", statement.MaskedVector.Short, transfer.Short);
        var size = (ulong)state.VectorSize;
        if (sizeInBytes != size)
            return Invalid(RefusalCode.TransferInvalid, site, "it announces a wrong number of bytes", $"{size}", $"{sizeInBytes}");

        var agreed = state.KeyHolders.Select(k => k.Party.Organisation).Order().ToList();
        return statement.Seeds.Select(s => s.KeyHolder).Order().SequenceEqual(agreed)
            ? null
            : Invalid(RefusalCode.KeyHolderMismatch, site, "its seeds are not for the agreed key holders", string.Join(", ", agreed), string.Join(", ", statement.Seeds.Select(s => s.KeyHolder)));
    }

    private static Refusal Invalid(RefusalCode code, PartyId site, string what, string expected, string got) =>
        new(code, $"{site}: {what} (expected {expected}, got {got}); answer the request the hub sent, under the site's own name");
}
