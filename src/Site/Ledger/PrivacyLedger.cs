using Consilience.DifferentialPrivacy.Accounting;
using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Microsoft.Data.Sqlite;

namespace Consilience.Site.Ledger;

/// <summary>What a run costs a study at this site, and what the study may spend here in all.</summary>
public sealed record Charge(Digest Agreement, RunId Run, int Round, Digest Request, NanoRho Amount, NanoRho Limit);

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
public sealed record ReserveOutcome(ReservationState State, Refusal? Refusal);

/// <summary>
/// The privacy budget of every study at this site: an append-only, hash-chained list in integer nano-ρ.
/// <b>Guarantee:</b> the reservations of a study never exceed its limit, whatever their order, concurrency or crashes; a run is charged once; a refusal for lack of
/// budget charges nothing. <b>Limit:</b> a data folder restored from an old copy is a consistent older ledger, and is not noticed here.
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
            charge      INTEGER NOT NULL,     -- nano-ρ; 0 in exact precision
            spent       INTEGER NOT NULL,     -- nano-ρ of the study after this entry
            study_limit INTEGER NOT NULL,     -- nano-ρ the study might spend when the entry was made
            recorded_at INTEGER NOT NULL,     -- Unix time, milliseconds
            previous    TEXT NOT NULL,        -- hash of the entry before
            hash        TEXT NOT NULL         -- SHA-256 of this entry with the hash before it
        ) STRICT;
        CREATE INDEX IF NOT EXISTS ledger_by_run ON ledger (run, round, sequence);
        CREATE INDEX IF NOT EXISTS ledger_by_agreement ON ledger (agreement, sequence);
        CREATE TRIGGER IF NOT EXISTS ledger_is_not_changed BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        CREATE TRIGGER IF NOT EXISTS ledger_is_not_cut BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
        """;

    private const string Columns = "sequence, kind, agreement, run, round, request, charge, spent, study_limit, recorded_at, previous, hash";

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
                return new ReserveOutcome(ReservationState.Reserved, null);
            var spent = SpentBy(transaction, charge.Agreement);
            if (charge.Amount.Amount > Math.Max(0, charge.Limit.Amount - spent))
                return new ReserveOutcome(ReservationState.Unspecified, Overdrawn(charge, spent));
            Append(transaction, LedgerEntryKind.Reserve, charge, spent + charge.Amount.Amount);
            return new ReserveOutcome(ReservationState.Reserved, null);
        });

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

    private static Refusal Overdrawn(Charge charge, long spent) =>
        new(RefusalCode.BudgetSpent,
            $"run {charge.Run}: budget spent (asked ρ {charge.Amount}, left {new NanoRho(Math.Max(0, charge.Limit.Amount - spent))} of {charge.Limit}); "
            + $"ask with a smaller ε, or for a larger budget in agreement {charge.Agreement.Short}");

    private void Append(PartyTransaction transaction, LedgerEntryKind kind, Charge charge, long spent)
    {
        var before = transaction.First($"SELECT {Columns} FROM ledger ORDER BY sequence DESC LIMIT 1", ReadRow);
        var entry = new LedgerEntry((before?.Entry.Sequence ?? 0) + 1, kind, charge.Agreement, charge.Run, charge.Round, charge.Request, charge.Amount.Amount, spent,
            charge.Limit.Amount, clock.GetUtcNow().ToUnixTimeMilliseconds(), before?.Hash ?? LedgerEntry.Genesis);
        transaction.Execute(
            $"INSERT INTO ledger ({Columns}) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9, @p10, @p11)",
            entry.Sequence, (int)entry.Kind, entry.Agreement.ToString(), entry.Run.ToString(), entry.Round, entry.Request.ToString(), entry.Charge, entry.Spent,
            entry.Limit, entry.RecordedAt, entry.Previous.ToString(), entry.Hash().ToString());
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
                    row.GetInt32(4), Digest.Parse(row.GetString(5)), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), Digest.Parse(row.GetString(10))),
                Digest.Parse(row.GetString(11)));
        }
        catch (FormatException)
        {
            throw new LedgerDamagedException(row.GetInt64(0), "it holds what this program never writes");
        }
    }
}
