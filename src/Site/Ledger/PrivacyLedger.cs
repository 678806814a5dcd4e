using Consilience.Analyses.Cohorts;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Policy;
using Microsoft.Data.Sqlite;

namespace Consilience.Site.Ledger;

/// <summary>What a run costs, for whom it was asked, and about whom.</summary>
/// <param name="Blocks">Blocks of persons with spaces between; <c>*</c> for everyone.</param>
public sealed record Charge(Digest Agreement, RunId Run, int Round, Digest Request, string Researcher, string Blocks, NanoRho Amount, ChargeLimits Limits);

/// <param name="Study">What the study may spend here in all.</param>
/// <param name="Researcher">What one researcher may spend of it; null for all of it.</param>
/// <param name="Lifetime">What all studies together may spend on any one block of persons; null for no limit.</param>
public sealed record ChargeLimits(NanoRho Study, NanoRho? Researcher = null, NanoRho? Lifetime = null);

/// <summary>Where a run stands in the ledger.</summary>
public enum ReservationState
{
    Unspecified = 0,

    /// <summary>Its charge is taken and nothing has left: it may be encoded, again if need be.</summary>
    Reserved,

    /// <summary>Its answer is stored: it is sent again, never made again.</summary>
    Committed,
}

/// <summary>A reservation's state, or why there is none.</summary>
/// <param name="Head">The entry that reserved the charge.</param>
public sealed record ReserveOutcome(ReservationState State, Refusal? Refusal, LedgerHead? Head = null);

/// <summary>
/// The privacy budget of every study at this site: an append-only, hash-chained list in integer nano-ρ.
/// <b>Guarantee:</b> the reservations of a study never exceed its limit, whatever their order, concurrency or crashes; a run is charged once; a refusal for lack of
/// budget charges nothing. A data folder restored from an old copy is a consistent older ledger: it is noticed by those who saw the newer one (<see cref="LedgerWitness"/>). Argument and attacks: <c>docs/guarantees/budgets.md</c>.
/// </summary>
public sealed class PrivacyLedger
{
    /// <summary>Makes the ledger's table. Nothing in it can be changed or deleted through SQL.</summary>
    internal const string Tables = """
        CREATE TABLE IF NOT EXISTS ledger (
            sequence    INTEGER PRIMARY KEY,  -- 1, 2, 3, … without gaps
            kind        INTEGER NOT NULL,     -- 1 reserve, 2 commit, 3 release
            agreement   TEXT NOT NULL,        -- digest of the study's signed payload
            run         TEXT NOT NULL,
            round       INTEGER NOT NULL,
            request     TEXT NOT NULL,        -- digest of the request's payload
            researcher  TEXT NOT NULL,        -- who asked
            blocks      TEXT NOT NULL,        -- whom it was asked about, with spaces between; * for everyone
            charge      INTEGER NOT NULL,     -- nano-ρ; 0 in exact precision
            spent       INTEGER NOT NULL,     -- nano-ρ of the study after this entry
            study_limit INTEGER NOT NULL,     -- nano-ρ the study might spend when the entry was made
            recorded_at INTEGER NOT NULL,     -- Unix time, milliseconds
            previous    TEXT NOT NULL,        -- hash of the entry before
            hash        TEXT NOT NULL         -- SHA-256 of this entry with the hash before it
        ) STRICT;
        CREATE INDEX IF NOT EXISTS ledger_by_run ON ledger (run, round, sequence);
        CREATE INDEX IF NOT EXISTS ledger_by_agreement ON ledger (agreement, sequence);
        CREATE INDEX IF NOT EXISTS ledger_by_blocks ON ledger (blocks, kind, charge);
        CREATE TRIGGER IF NOT EXISTS ledger_is_not_changed BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER IF NOT EXISTS ledger_is_not_cut BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        """;

    private const string Columns = "sequence, kind, agreement, run, round, request, researcher, blocks, charge, spent, study_limit, recorded_at, previous, hash";

    private readonly PartyDatabase database;
    private readonly TimeProvider clock;

    private PrivacyLedger(PartyDatabase database, TimeProvider clock)
    {
        this.database = database;
        this.clock = clock;
    }

    /// <summary>Opens the ledger and checks its whole chain.</summary>
    /// <exception cref="LedgerDamagedException">An entry is not as it was written.</exception>
    internal static PrivacyLedger Open(PartyDatabase database, TimeProvider clock)
    {
        var ledger = new PrivacyLedger(database, clock);
        LedgerChain.Verify(ledger.Rows());
        return ledger;
    }

    /// <summary>What the study has spent here, reservations included.</summary>
    public NanoRho Spent(Digest agreement)
    {
        ArgumentNullException.ThrowIfNull(agreement);
        return new NanoRho(database.Read(t => SpentBy(t, agreement)));
    }

    /// <summary>Where each block of persons stands against the limit of a lifetime.</summary>
    internal IReadOnlyList<BlockBudget> Blocks(LifetimeTerms lifetime)
    {
        var spent = database.Read(LedgerSums.ByBlock);
        return [.. (lifetime.Blocks?.Names ?? [CohortBlocks.All]).Select(b => new BlockBudget(b, lifetime.Budget, new NanoRho(LedgerSums.MostSpent(spent, b))))];
    }

    /// <summary>Every entry, oldest first.</summary>
    public IReadOnlyList<LedgerEntry> Entries() => Rows().Select(r => r.Entry).ToList();

    /// <summary>Takes the charge durably, or says why not. The same request reserves once, however often it comes.</summary>
    internal ReserveOutcome Reserve(Charge charge) =>
        database.Write(transaction =>
        {
            var last = LastOf(transaction, charge.Run, charge.Round);
            if (last is not null && (last.Request != charge.Request || last.Agreement != charge.Agreement))
            {
                return new ReserveOutcome(ReservationState.Unspecified, new Refusal(RefusalCode.RunAlreadyUsed,
                    $"run {charge.Run}: another request has this run id (expected {last.Request.Short}, got {charge.Request.Short}); choose a fresh run id"));
            }

            if (last?.Kind == LedgerEntryKind.Commit)
                return new ReserveOutcome(ReservationState.Committed, null);
            if (last?.Kind == LedgerEntryKind.Reserve)
                return new ReserveOutcome(ReservationState.Reserved, null, new LedgerHead(last.Sequence, last.Hash()));
            var spent = SpentBy(transaction, charge.Agreement);
            if (LedgerSums.Overdrawn(transaction, charge, spent) is { } overdrawn)
                return new ReserveOutcome(ReservationState.Unspecified, overdrawn);
            return new ReserveOutcome(ReservationState.Reserved, null, Append(transaction, LedgerEntryKind.Reserve, charge, spent + charge.Amount.Amount));
        });

    /// <summary>Whether this ledger holds that entry.</summary>
    public bool Holds(LedgerHead head)
    {
        ArgumentNullException.ThrowIfNull(head);
        return database.Read(t => t.First($"SELECT {Columns} FROM ledger WHERE sequence = @p0", ReadRow, head.Sequence))?.Hash == head.Hash;
    }

    /// <summary>Makes a reservation final, within the transaction that stores the answer. False when it was final already.</summary>
    internal bool Commit(PartyTransaction transaction, Charge charge)
    {
        var last = LastOf(transaction, charge.Run, charge.Round);
        if (last is { Kind: LedgerEntryKind.Commit } && last.Request == charge.Request)
            return false;
        if (last is not { Kind: LedgerEntryKind.Reserve } || last.Request != charge.Request)
            throw new InvalidOperationException($"run {charge.Run}: committed without a reservation");
        Append(transaction, LedgerEntryKind.Commit, charge with { Amount = new NanoRho(last.Charge) }, SpentBy(transaction, charge.Agreement));
        return true;
    }

    /// <summary>Gives a reservation back. Only for a run of which nothing was stored, and so nothing left. Without effect when there is none.</summary>
    internal void Release(Charge charge) =>
        database.Write(transaction =>
        {
            var last = LastOf(transaction, charge.Run, charge.Round);
            if (last is { Kind: LedgerEntryKind.Reserve } && last.Request == charge.Request)
                Append(transaction, LedgerEntryKind.Release, charge with { Amount = new NanoRho(last.Charge) }, SpentBy(transaction, charge.Agreement) - last.Charge);
        });

    private IReadOnlyList<LedgerRow> Rows() => database.Read(t => t.Query($"SELECT {Columns} FROM ledger ORDER BY sequence", ReadRow));

    private LedgerHead Append(PartyTransaction transaction, LedgerEntryKind kind, Charge charge, long spent)
    {
        var before = transaction.First($"SELECT {Columns} FROM ledger ORDER BY sequence DESC LIMIT 1", ReadRow);
        var entry = new LedgerEntry((before?.Entry.Sequence ?? 0) + 1, kind, charge.Agreement, charge.Run, charge.Round, charge.Request,
            charge.Researcher, charge.Blocks, charge.Amount.Amount, spent, charge.Limits.Study.Amount, clock.GetUtcNow().ToUnixTimeMilliseconds(), before?.Hash ?? LedgerEntry.Genesis);
        transaction.Execute(
            $"INSERT INTO ledger ({Columns}) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11, @p12, @p13)",
            entry.Sequence, (int)entry.Kind, entry.Agreement.ToString(), entry.Run.ToString(), entry.Round, entry.Request.ToString(), entry.Researcher, entry.Blocks, entry.Charge, entry.Spent,
            entry.Limit, entry.RecordedAt, entry.Previous.ToString(), entry.Hash().ToString());
        return new LedgerHead(entry.Sequence, entry.Hash());
    }

    private static long SpentBy(PartyTransaction transaction, Digest agreement) =>
        transaction.First($"SELECT {Columns} FROM ledger WHERE agreement = @p0 ORDER BY sequence DESC LIMIT 1", ReadRow, agreement.ToString())?.Entry.Spent ?? 0;

    private static LedgerEntry? LastOf(PartyTransaction transaction, RunId run, int round) =>
        transaction.First($"SELECT {Columns} FROM ledger WHERE run = @p0 AND round = @p1 ORDER BY sequence DESC LIMIT 1", ReadRow, run.ToString(), round)?.Entry;

    private static LedgerRow ReadRow(SqliteDataReader row)
    {
        try
        {
            return new(new LedgerEntry(row.GetInt64(0), (LedgerEntryKind)row.GetInt32(1), Digest.Parse(row.GetString(2)), RunId.Parse(row.GetString(3)),
                    row.GetInt32(4), Digest.Parse(row.GetString(5)), row.GetString(6), row.GetString(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10), row.GetInt64(11), Digest.Parse(row.GetString(12))),
                Digest.Parse(row.GetString(13)));
        }
        catch (FormatException)
        {
            throw new LedgerDamagedException(row.GetInt64(0), "it holds what this program never writes");
        }
    }
}
