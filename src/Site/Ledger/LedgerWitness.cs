using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Site.Ledger;

/// <summary>
/// What others saw of this ledger. Every answer names the ledger entry that paid for it, signed by the site; the hub keeps the newest and shows it when the site
/// connects. <b>Guarantee:</b> once shown an entry that its ledger does not hold, a site answers nothing more: the ledger is an old copy, or another instance of the site runs
/// beside this one. The hub cannot raise a false alarm, because only the site signs; a hub that shows nothing is why key holders look for forks too. Argument and attacks: <c>docs/guarantees/ledgers-remembered.md</c>.
/// </summary>
public sealed class LedgerWitness(PrivacyLedger ledger, OrganisationId site, VerificationKey key)
{
    private volatile LedgerHead? missing;

    /// <summary>Takes in a contribution that the hub says is this site's newest. What it does not sign is no evidence.</summary>
    public void See(ReadOnlySpan<byte> contribution)
    {
        if (Signed<ContributionStatement>.TryOpen(contribution, key, out var signed) && signed.Statement.Site == site && !ledger.Holds(signed.Statement.Ledger))
            missing = signed.Statement.Ledger;
    }

    /// <summary>Why nothing may be answered; null while nothing speaks against this ledger.</summary>
    public Refusal? Objection =>
        missing is not { } head
            ? null
            : new(RefusalCode.LedgerForked, $"site {site}: its privacy ledger lacks entry {head.Sequence}, which it signed before: an old copy was restored, or a second instance runs; restore the newest data folder and stop the other");
}
