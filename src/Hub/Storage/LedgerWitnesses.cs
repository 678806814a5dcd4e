using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Hub.Storage;

/// <summary>
/// For each site the contribution that names the newest entry of its privacy ledger. Shown to the site when it connects, it tells a site whose data folder was
/// restored from an old copy, or runs twice, that entries are missing.
/// </summary>
internal static class LedgerWitnesses
{
    internal static void Add(HubDatabase database, OrganisationId site, byte[] contribution)
    {
        var entry = Signed<ContributionStatement>.PeekUnverified(contribution)!.Ledger;
        database.Execute(
            """
            INSERT INTO ledger_witness (site, sequence, contribution) VALUES (?1, ?2, ?3)
            ON CONFLICT (site) DO UPDATE SET sequence = excluded.sequence, contribution = excluded.contribution WHERE excluded.sequence > ledger_witness.sequence
            """,
            site.ToString(), entry.Sequence, contribution);
    }

    /// <summary>Empty when this hub has seen no contribution of the site.</summary>
    internal static byte[] Of(HubDatabase database, OrganisationId site)
    {
        using var rows = database.Command("SELECT contribution FROM ledger_witness WHERE site = ?1", site.ToString()).ExecuteReader();
        return rows.Read() ? rows.GetFieldValue<byte[]>(0) : [];
    }
}
