using Consilience.DifferentialPrivacy.Accounting;
using Consilience.KeyHolder.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Site.Ledger;
using Consilience.Tests.World;
using CsCheck;
using Microsoft.Data.Sqlite;

namespace Consilience.Site.Tests;

/// <summary>Budget: never overdrawn, charged once, and a ledger that was touched is found out.</summary>
public sealed class TheLedger : IDisposable
{
    private static readonly Digest Study = Digest.Of("study"u8);
    private static readonly NanoRho One = new(500_000_000);
    private static readonly NanoRho Ten = new(5_000_000_000);

    private readonly string folder = Directory.CreateTempSubdirectory("consilience-").FullName;
    private readonly StandingClock clock = new();

    private string File => Path.Combine(folder, "site.db");

    [Fact]
    public void A_thousand_reservations_at_once_against_a_budget_for_ten_give_exactly_ten()
    {
        using var database = OpenDatabase();
        var ledger = PrivacyLedger.Open(database, clock);
        var granted = RaceForBudget(charge => ledger.Reserve(charge).Refusal is null);
        Assert.Equal(10, granted);
        Assert.Equal(Ten, ledger.Spent(Study));
        Assert.Equal(10, ledger.Entries().Count);
    }

    [Fact]
    public void A_ledger_that_checks_first_and_writes_afterwards_overdraws_and_is_noticed()
    {
        using var twin = new HastyLedger();
        Assert.True(RaceForBudget(twin.Reserve) > 10);
    }

    [Fact]
    public void Two_programs_on_one_database_do_not_overdraw_together()
    {
        using var one = OpenDatabase();
        using var two = OpenDatabase();
        var ledgers = new[] { PrivacyLedger.Open(one, clock), PrivacyLedger.Open(two, clock) };
        var turn = 0;
        var granted = RaceForBudget(charge => ledgers[Interlocked.Increment(ref turn) & 1].Reserve(charge).Refusal is null, runs: 100);
        Assert.Equal(10, granted);
    }

    [Fact]
    public void A_studys_budget_tells_spent_reserved_and_left_and_adds_up_to_the_ledger()
    {
        using var database = OpenDatabase();
        var ledger = PrivacyLedger.Open(database, clock);
        var (kept, open, released) = (FreshCharge(), FreshCharge(), FreshCharge());
        foreach (var charge in new[] { kept, open, released, FreshCharge() with { Agreement = Digest.Of("another study"u8) } })
            ledger.Reserve(charge);
        database.Write(t => ledger.Commit(t, kept));
        ledger.Release(released);
        var budget = StudyBudget.Of(Study, Ten, ledger.Entries());
        Assert.Equal((One, One, new NanoRho(4_000_000_000)), (budget.Committed, budget.Reserved, budget.Left));
        Assert.Equal(ledger.Spent(Study), budget.Committed + budget.Reserved);
        Assert.Equal((8, 32), (budget.QuestionsLeft(Epsilon.Parse("1")), budget.QuestionsLeft(Epsilon.Parse("1/2"))));

        // A policy tightened below what is spent leaves nothing, not less than nothing.
        Assert.Equal(NanoRho.Zero, StudyBudget.Of(Study, One, ledger.Entries()).Left);
    }

    [Fact]
    public void The_same_run_is_reserved_once_however_often_it_comes()
    {
        using var database = OpenDatabase();
        var ledger = PrivacyLedger.Open(database, clock);
        var charge = FreshCharge();
        Parallel.For(0, 50, _ => Assert.Equal(ReservationState.Reserved, ledger.Reserve(charge).State));
        Assert.Single(ledger.Entries());
        Assert.Equal(One, ledger.Spent(Study));
    }

    [Fact]
    public void Another_request_under_a_used_run_id_is_refused()
    {
        using var database = OpenDatabase();
        var ledger = PrivacyLedger.Open(database, clock);
        var charge = FreshCharge();
        ledger.Reserve(charge);
        Assert.Equal(RefusalCode.RunAlreadyUsed, ledger.Reserve(charge with { Request = Digest.Of("other"u8) }).Refusal!.Code);
        Assert.Equal(RefusalCode.RunAlreadyUsed, ledger.Reserve(charge with { Agreement = Digest.Of("other"u8) }).Refusal!.Code);
        Assert.Single(ledger.Entries());
    }

    [Fact]
    public void A_refusal_for_lack_of_budget_charges_nothing_and_a_smaller_question_still_fits()
    {
        using var database = OpenDatabase();
        var ledger = PrivacyLedger.Open(database, clock);
        ledger.Reserve(FreshCharge() with { Amount = new NanoRho(Ten.Amount - 1) });
        var refusal = ledger.Reserve(FreshCharge()).Refusal!;
        Assert.Equal(RefusalCode.BudgetSpent, refusal.Code);
        Assert.Contains("left 0.000000001 of 5", refusal.Message, StringComparison.Ordinal);
        Assert.Null(ledger.Reserve(FreshCharge() with { Amount = new NanoRho(1) }).Refusal);
        Assert.Equal(Ten, ledger.Spent(Study));
        Assert.Null(ledger.Reserve(FreshCharge() with { Agreement = Digest.Of("another study"u8) }).Refusal);
    }

    [Fact]
    public void A_committed_charge_is_not_given_back()
    {
        using var database = OpenDatabase();
        var ledger = PrivacyLedger.Open(database, clock);
        var (kept, released) = (FreshCharge(), FreshCharge());
        ledger.Reserve(kept);
        ledger.Reserve(released);
        Assert.True(database.Write(t => ledger.Commit(t, kept)));
        Assert.False(database.Write(t => ledger.Commit(t, kept)));
        ledger.Release(kept);
        ledger.Release(released);
        ledger.Release(released);
        Assert.Equal(One, ledger.Spent(Study));
        Assert.Throws<InvalidOperationException>(() => database.Write(t => ledger.Commit(t, released)));
    }

    [Fact]
    public void Whatever_happens_in_whatever_order_the_ledger_opens_again_and_never_exceeds_its_limit() =>
        Gen.Int[0, 3].Select(Gen.Int[0, 5], Gen.Long[0, 3_000_000_000]).Array[0, 30].Sample(
            steps =>
            {
                System.IO.File.Delete(File);
                using var database = OpenDatabase();
                var ledger = PrivacyLedger.Open(database, clock);
                var charges = Enumerable.Range(0, 6).Select(_ => FreshCharge()).ToArray();
                foreach (var (kind, run, amount) in steps)
                    Apply(ledger, database, kind, charges, run, amount);
                var held = ledger.Entries().GroupBy(e => e.Run).Sum(g => g.Last().Kind == LedgerEntryKind.Release ? 0 : g.Last().Charge);
                Assert.Equal(held, ledger.Spent(Study).Amount);
                Assert.True(ledger.Spent(Study) <= Ten);
                Assert.Equal(ledger.Entries(), PrivacyLedger.Open(database, clock).Entries());
            },
            iter: 50,
            threads: 1);

    [Theory]
    [InlineData("UPDATE ledger SET charge = 0")]
    [InlineData("DELETE FROM ledger")]
    public void The_database_itself_refuses_to_change_an_entry(string sql)
    {
        using var database = OpenDatabase();
        PrivacyLedger.Open(database, clock).Reserve(FreshCharge());
        Assert.Throws<SqliteException>(() => database.Write(t => t.Execute(sql)));
    }

    [Theory]
    [InlineData("UPDATE ledger SET charge = 0, spent = spent - 500000000 WHERE sequence = 2", 2)]
    [InlineData("UPDATE ledger SET study_limit = study_limit * 2 WHERE sequence = 1", 1)]
    [InlineData("UPDATE ledger SET kind = 3 WHERE sequence = 3", 3)]
    [InlineData("UPDATE ledger SET hash = 'x' WHERE sequence = 2", 2)]
    [InlineData("DELETE FROM ledger WHERE sequence = 1", 1)]
    [InlineData("DELETE FROM ledger WHERE sequence = 2", 2)]
    [InlineData("INSERT INTO ledger SELECT 4, 3, agreement, run, round, request, researcher, blocks, charge, 0, study_limit, recorded_at, hash, previous FROM ledger WHERE sequence = 3", 4)]
    public void A_ledger_that_was_touched_behind_its_back_is_not_opened(string sql, long entry)
    {
        using (var database = OpenDatabase())
        {
            var ledger = PrivacyLedger.Open(database, clock);
            for (var i = 0; i < 3; i++)
                ledger.Reserve(FreshCharge());
        }

        using (var touched = PartyDatabase.Open(File, PartyDatabaseKind.Site))
        {
            touched.Write(t =>
            {
                t.Execute("DROP TRIGGER ledger_is_not_changed");
                t.Execute("DROP TRIGGER ledger_is_not_cut");
                Assert.True(t.Execute(sql) > 0);
            });
        }

        using var reopened = OpenDatabase();
        Assert.Equal(entry, Assert.Throws<LedgerDamagedException>(() => PrivacyLedger.Open(reopened, clock)).Sequence);
    }

    [Fact]
    public void A_site_and_a_key_holder_do_not_share_a_database()
    {
        OpenDatabase().Dispose();
        Assert.Throws<InvalidDataException>(() => PartyDatabase.Open(File, PartyDatabaseKind.KeyHolder));
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_with_words()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));
        Assert.Contains("not a database", Assert.Throws<InvalidDataException>(OpenDatabase).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_owner_reads_the_database()
    {
        OpenDatabase().Dispose();
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static void Apply(PrivacyLedger ledger, PartyDatabase database, int kind, Charge[] charges, int run, long amount)
    {
        var known = ledger.Entries().LastOrDefault(e => e.Run == charges[run].Run);
        if (kind <= 1)
        {
            charges[run] = known is null ? charges[run] with { Amount = new NanoRho(amount) } : charges[run];
            ledger.Reserve(charges[run]);
        }
        else if (kind == 2 && known?.Kind is LedgerEntryKind.Reserve or LedgerEntryKind.Commit)
        {
            database.Write(t => ledger.Commit(t, charges[run]));
        }
        else
        {
            ledger.Release(charges[run]);
        }
    }

    private static Charge FreshCharge() => new(Study, Questions.FreshRun(), 0, Digest.Of("request"u8), "ada", "*", One, new ChargeLimits(Ten));

    private static int RaceForBudget(Func<Charge, bool> reserve, int runs = 1000)
    {
        var granted = 0;
        using var start = new Barrier(16);
        var threads = Enumerable.Range(0, 16).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            for (var run = i; run < runs; run += 16)
            {
                if (reserve(FreshCharge()))
                    Interlocked.Increment(ref granted);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return granted;
    }

    private PartyDatabase OpenDatabase() => PartyDatabase.Open(File, PartyDatabaseKind.Site, PrivacyLedger.Tables);

    /// <summary>A deliberately broken ledger: what it reads may be old by the time it writes. The first call of each thread waits until all have read.</summary>
    private sealed class HastyLedger : IDisposable
    {
        private readonly CountdownEvent readers = new(16);
        private long spent;

        internal bool Reserve(Charge charge)
        {
            var seen = Interlocked.Read(ref spent);
            if (!readers.IsSet)
            {
                readers.Signal();
                readers.Wait();
            }

            if (seen + charge.Amount.Amount > charge.Limits.Study.Amount)
                return false;
            Interlocked.Add(ref spent, charge.Amount.Amount);
            return true;
        }

        public void Dispose() => readers.Dispose();
    }
}
