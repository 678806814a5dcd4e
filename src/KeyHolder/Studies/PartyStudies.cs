using System.Collections.Concurrent;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Policy;

namespace Consilience.KeyHolder.Studies;

/// <summary>A party: whose it is, in which role, with which keys and rules.</summary>
/// <param name="Organisation">The member.</param>
/// <param name="Role">Site or key holder.</param>
/// <param name="Keys">The member's keys.</param>
/// <param name="Consortia">The consortium file as it stands now.</param>
/// <param name="Policy">The party's standing rules.</param>
public sealed record Party(OrganisationId Organisation, NodeRole Role, KeyFolder Keys, Func<ConsortiumFile> Consortia, SitePolicy Policy);

/// <summary>Where a study stands with this party.</summary>
public enum StudyState
{
    Unspecified = 0,

    /// <summary>A person has to decide.</summary>
    Waiting = 1,
    Agreed = 2,
    Refused = 3,
}

/// <summary>A study this party was asked to sign.</summary>
public sealed record KnownStudy(Proposal Proposal, StudyState State, IReadOnlyList<string> Reasons, bool InForce);

/// <summary>A decision that cannot be taken (again).</summary>
public sealed class StudyDecisionException(string message) : Exception(message);

/// <summary>An agreement in force, with the rules that its requests are held to beside it.</summary>
/// <param name="Agreement">What every party signed.</param>
/// <param name="Rules">The party's policy as it stands today; null when a person agreed to the study by hand, which grants what the study says, whatever the policy says of it.</param>
public sealed record StandingAgreement(Agreement Agreement, SitePolicy? Rules)
{
    /// <summary>Why a request within the agreement is refused all the same; null when it is not.</summary>
    public string? ObjectionTo(RunPlan plan, OrganisationId self) =>
        Rules?.Decide(plan, self) is { IsAllowed: false } verdict ? string.Join("; ", verdict.Reasons) : null;

    /// <summary>Persons a cohort must have at exact precision.</summary>
    public int MinimumPersons => Math.Max(Agreement.Study.Exact!.MinimumPersons, Rules?.Exact?.MinimumPersons ?? 0);

    /// <summary>ρ one researcher may spend of it here; null for all of it.</summary>
    public NanoRho? PerResearcher => new[] { Rules?.Noised?.PerResearcher, Agreement.Study.Noised!.PerResearcher }.Where(r => r is not null).Min();

    /// <summary>ρ the study may spend here.</summary>
    public NanoRho Budget => Rules?.Noised?.Budget is { } own && own <= Agreement.Study.Noised!.Budget ? own : Agreement.Study.Noised!.Budget;
}

/// <summary>
/// The studies a site or key holder was asked to sign, what it decided, and which are in force. <b>Guarantee:</b> an agreement is handed out only if this party itself
/// decided for exactly that text and every other party signed it too; a decision once made is durable and is repeated byte for byte.
/// </summary>
public sealed class PartyStudies(PartyDatabase database, Party party, TimeProvider clock)
{
    /// <summary>Makes the tables.</summary>
    public const string Tables = """
        CREATE TABLE IF NOT EXISTS study (
            agreement   TEXT PRIMARY KEY,     -- digest of the proposal's payload
            proposal    BLOB NOT NULL,        -- DSSE, immutable
            state       INTEGER NOT NULL,     -- 1 waiting, 2 agreed, 3 refused
            decision    BLOB,                 -- DSSE by this party, immutable once there
            by_hand     INTEGER NOT NULL DEFAULT 0, -- 1: a person decided, not the policy
            in_force    BLOB,                 -- the agreement with every signature, immutable once there
            received_at INTEGER NOT NULL      -- Unix time, milliseconds
        ) STRICT;
        """;

    /// <summary>Opened once, since opening verifies every signature; how it was decided was settled before it came into force.</summary>
    private readonly ConcurrentDictionary<Digest, (Agreement Agreement, bool ByHand)> inForce = new();

    public Party Party => party;

    /// <summary>Takes a proposal in; the decision's envelope, or null while a person has to decide or the proposal is not for this party.</summary>
    public byte[]? Receive(ReadOnlySpan<byte> envelope, out string? problem)
    {
        if (!Proposal.TryOpen(envelope, party.Consortia(), out var proposal, out problem))
            return null;
        if (!proposal.Parties.Contains((party.Organisation, party.Role)))
        {
            problem = $"study {proposal.Study.Id}: not for {party.Organisation} in this role";
            return null;
        }

        if (proposal.ObjectionUnder(party.Consortia().Current) is { } objection)
        {
            problem = objection;
            return null;
        }

        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var verdict = party.Policy.Decide(proposal.Study, party.Organisation);
        var bytes = envelope.ToArray();
        return database.Write(transaction =>
        {
            transaction.Execute(
                "INSERT OR IGNORE INTO study (agreement, proposal, state, received_at) VALUES (@p0, @p1, 1, @p2)",
                proposal.Digest.ToString(), bytes, clock.GetUtcNow().ToUnixTimeMilliseconds());
            var decided = transaction.First("SELECT decision FROM study WHERE agreement = @p0 AND decision IS NOT NULL", r => r.GetFieldValue<byte[]>(0), proposal.Digest.ToString());
            if (decided is not null)
                return decided;
            if (proposal.Study.Expires < today)
                return Decide(transaction, proposal, agrees: false, [$"refuses: expires: {proposal.Study.Expires:yyyy-MM-dd} has passed"]);
            return party.Policy.DecidesAutomatically ? Decide(transaction, proposal, verdict.IsAllowed, verdict.Reasons) : null;
        });
    }

    /// <summary>An operator's decision about a study that waits.</summary>
    /// <exception cref="StudyDecisionException">There is no such study, or it was decided before: a signature is not taken back.</exception>
    public void DecideByHand(Digest agreement, bool agrees, string reason)
    {
        ArgumentNullException.ThrowIfNull(agreement);
        database.Write(transaction =>
        {
            var study = Read(transaction).FirstOrDefault(s => s.Proposal.Digest == agreement)
                ?? throw new StudyDecisionException($"study {agreement.Short}: not known here");
            if (study.State != StudyState.Waiting)
                throw new StudyDecisionException($"study {agreement.Short}: decided before ({study.State.ToString().ToLowerInvariant()}); a signature is not taken back");
            Decide(transaction, study.Proposal, agrees, [$"by hand: {reason}"]);
            transaction.Execute("UPDATE study SET by_hand = 1 WHERE agreement = @p0", agreement.ToString());
        });
    }

    /// <summary>Every decision made, for sending again.</summary>
    public IReadOnlyList<(Digest Agreement, byte[] Decision)> Decisions() =>
        database.Read(t => t.Query("SELECT agreement, decision FROM study WHERE decision IS NOT NULL", r => (Digest.Parse(r.GetString(0)), r.GetFieldValue<byte[]>(1))));

    public IReadOnlyList<KnownStudy> All() => database.Read(Read);

    /// <summary>Takes in an agreement that the hub says is in force; what is wrong with it, otherwise.</summary>
    public string? Accept(ReadOnlySpan<byte> document)
    {
        if (!Agreement.TryOpen(document, party.Consortia(), out var agreement, out var reason))
            return reason;
        var bytes = document.ToArray();
        var accepted = database.Write(transaction => transaction.Execute(
            "UPDATE study SET in_force = coalesce(in_force, @p0) WHERE agreement = @p1 AND state = 2", bytes, agreement.Digest.ToString()));
        return accepted == 0 ? $"agreement {agreement.Digest.Short}: not agreed to here" : null;
    }

    /// <summary>An agreement in force that this party signed itself, and whose parties are still what they were; null otherwise.</summary>
    public StandingAgreement? Find(Digest agreement)
    {
        ArgumentNullException.ThrowIfNull(agreement);
        return Read(agreement) is { } found && found.Agreement.Proposal.ObjectionUnder(party.Consortia().Current) is null
            ? new StandingAgreement(found.Agreement, found.ByHand ? null : party.Policy)
            : null;
    }

    private (Agreement Agreement, bool ByHand)? Read(Digest agreement)
    {
        if (inForce.TryGetValue(agreement, out var known))
            return known;
        var rows = database.Read(t => t.Query(
            "SELECT in_force, by_hand FROM study WHERE agreement = @p0 AND state = 2 AND in_force IS NOT NULL", r => (Document: r.GetFieldValue<byte[]>(0), ByHand: r.GetBoolean(1)), agreement.ToString()));
        return rows is [var row] && Agreement.TryOpen(row.Document, party.Consortia(), out var opened, out _) && opened.Digest == agreement
            ? inForce.GetOrAdd(agreement, (opened, row.ByHand))
            : null;
    }

    private byte[] Decide(PartyTransaction transaction, Proposal proposal, bool agrees, IReadOnlyList<string> reasons)
    {
        var decision = Agreement.Decide(proposal, party.Organisation, party.Role, agrees, reasons, clock.GetUtcNow(), party.Keys.Signing);
        transaction.Execute(
            "UPDATE study SET decision = @p0, state = @p1 WHERE agreement = @p2 AND decision IS NULL", decision, (int)(agrees ? StudyState.Agreed : StudyState.Refused), proposal.Digest.ToString());
        return decision;
    }

    private List<KnownStudy> Read(PartyTransaction transaction)
    {
        var rows = transaction.Query(
            "SELECT proposal, state, decision, in_force IS NOT NULL FROM study ORDER BY received_at",
            r => (Proposal: r.GetFieldValue<byte[]>(0), State: (StudyState)r.GetInt32(1), Decision: r.IsDBNull(2) ? null : r.GetFieldValue<byte[]>(2), InForce: r.GetBoolean(3)));
        var studies = new List<KnownStudy>();
        foreach (var row in rows)
        {
            if (!Proposal.TryOpen(row.Proposal, party.Consortia(), out var proposal, out _))
                continue;
            var reasons = row.Decision is null ? party.Policy.Decide(proposal.Study, party.Organisation).Reasons : Agreement.ReadDecision(row.Decision, proposal)?.Reasons ?? [];
            studies.Add(new KnownStudy(proposal, row.State, reasons, row.InForce));
        }

        return studies;
    }
}
