using System.Diagnostics;
using Consilience.Analyses.Cohorts;
using Consilience.Arithmetic;
using Consilience.Connectors.Rows;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.KeyHolder.Storage;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation;
using Consilience.Site.Ledger;
using Microsoft.Extensions.Logging;
using Refusal = Consilience.Protocol.Analyse.Refusal;

namespace Consilience.Site.Analyse;

/// <summary>A contribution as it is stored and sent.</summary>
/// <param name="Statement">DSSE of the contribution statement.</param>
/// <param name="Transfer">Digest of the masked vector.</param>
/// <param name="Size">Its bytes.</param>
public sealed record StoredContribution(byte[] Statement, Digest Transfer, long Size);

/// <summary>What a request is answered with: exactly one of a contribution, a refusal, and what is wanted of the attachment first.</summary>
public sealed record SiteAnswer(StoredContribution? Contribution, Refusal? Refusal, AttachmentWanted? Wanted);

/// <summary>
/// Answers one request, or refuses.
/// <list type="number">
/// <item>Agreement, signature, terms and policy: nothing outside what this site signed is computed.</item>
/// <item>Answered before: the same request gets the same bytes, another request under the same run id is refused.</item>
/// <item>At noised precision: the same question was not answered before, unless new noise was asked for.</item>
/// <item>What travels beside the request is here, whole, and is what the researcher signed; or it is fetched first.</item>
/// <item>The charge is reserved, durably, before data are touched.</item>
/// <item>Encode and seal. What goes wrong here leaves the site as a code that does not depend on the data.</item>
/// <item>At exact precision: whom the answer is about differs from no earlier exact answer by only a few, and its sums cannot be solved for a person.</item>
/// <item>Contribution and commit are stored in one transaction; only then may anything leave.</item>
/// </list>
/// <b>Guarantee:</b> a run is charged once and answered with one vector under one set of seeds, whenever the process dies.
/// </summary>
public sealed class AnswerRequest(
    PartyDatabase database, PartyStudies studies, PrivacyLedger ledger, LedgerWitness witness, Attachments attachments, StudyData data, TimeProvider clock, RandomBytes random, ILogger logger, Action<string>? onStep = null)
{
    /// <summary>Makes the table.</summary>
    public const string Tables = """
        CREATE TABLE IF NOT EXISTS contribution (
            run           TEXT NOT NULL,
            round         INTEGER NOT NULL,
            request       TEXT NOT NULL,      -- digest of the request answered, immutable
            statement     BLOB,               -- DSSE; dropped when the hub says the run is over
            kept          TEXT,               -- name of the masked vector's kept bytes; dropped with it
            transfer      TEXT NOT NULL,      -- digest of the masked vector
            size          INTEGER NOT NULL,   -- its bytes
            PRIMARY KEY (run, round)
        ) STRICT;
        CREATE INDEX IF NOT EXISTS contribution_by_transfer ON contribution (transfer);
        """ + ExactReleases.Tables + NoisedReleases.Tables + Attachments.Tables + KeptBytes.Tables;

    private readonly Party self = studies.Party;

    public SiteAnswer Answer(RunRequest asked)
    {
        ArgumentNullException.ThrowIfNull(asked);
        if (witness.Objection is { } objection)
            return new(null, objection, null);
        var (plan, standing, refusal) = PlanOf(asked);
        if (plan is null || standing is null)
            return new(null, refusal, null);
        var run = plan.Request.Statement.Run;
        if (asked.Run != run.ToString() || asked.Round != (uint)plan.Request.Statement.Round)
            return new(null, new(RefusalCode.RequestInvalid, "request: sent for another run than it names"), null);
        if (Stored(run, plan.Request.Statement.Round) is { } stored)
            return Said(Repeat(stored, plan));
        try
        {
            var rows = data.For(plan.Agreement);
            var refused = plan.Release is { } release ? AnsweredBefore(plan, release, rows) : TooFewPersons(plan, standing, rows);
            if (refused is not null)
                return new(null, refused, null);
            var (attached, incomplete) = attachments.Of(plan, self.Organisation);
            return incomplete ?? Said(ReserveAndEncode(plan, standing, rows, attached));
        }
        catch (SiteDataException e)
        {
            // The operator's log says which column and row, never what stands there; the network learns the kind of fault alone.
            logger.LogError("run {Run}: {Problem} ({Cause})", run, e.Message, e.InnerException?.GetType().Name ?? "none beneath");
            return Said(Refuse(e.Code, $"data of site {self.Organisation}: not usable for this question as they are; its operator has been told"));
        }
    }

    /// <summary>Drops the stored bytes of a run that is over; that it was answered stays.</summary>
    public void Forget(RunId run, int round)
    {
        ArgumentNullException.ThrowIfNull(run);
        database.Write(t =>
        {
            if (t.First("SELECT kept FROM contribution WHERE run = @p0 AND round = @p1 AND kept IS NOT NULL", r => r.GetString(0), run.ToString(), round) is { } kept)
                KeptBytes.Drop(t, kept);
            t.Execute("UPDATE contribution SET statement = NULL, kept = NULL WHERE run = @p0 AND round = @p1", run.ToString(), round);
            Attachments.Drop(t, run);
        });
    }

    /// <summary>Drops masked vectors that were never recorded: nobody was sent a byte of them, and their seeds are gone.</summary>
    public void DropDrafts() => database.Write(t =>
    {
        foreach (var name in KeptBytes.Names(t).Except(t.Query("SELECT kept FROM contribution WHERE kept IS NOT NULL", r => r.GetString(0))).Except(Attachments.Names(t)))
            KeptBytes.Drop(t, name);
    });

    /// <summary>The next bytes of the masked vector with this digest, while it is kept.</summary>
    public ReadOnlyMemory<byte> StoredVector(string digest, long offset) => database.Read(t =>
        t.First("SELECT kept FROM contribution WHERE transfer = @p0 AND kept IS NOT NULL", r => r.GetString(0), digest) is { } kept ? KeptBytes.Read(t, kept, offset) : ReadOnlyMemory<byte>.Empty);

    private (RunPlan?, StandingAgreement?, Refusal?) PlanOf(RunRequest asked)
    {
        var agreement = Signed<RequestStatement>.PeekUnverified(asked.Statement.Span)?.Agreement;
        if (agreement is null || studies.Find(agreement) is not { } standing)
            return (null, null, new(RefusalCode.AgreementUnknown, $"agreement {agreement?.Short ?? "none"}: not in force at site {self.Organisation}; this site runs only what it signed"));
        var (plan, refusal) = RunPlan.Decide(standing.Agreement, asked.Statement.Span, clock.GetUtcNow());
        if (plan is null)
            return (null, null, refusal);
        return standing.ObjectionTo(plan, self.Organisation) is { } objection
            ? (null, null, new(RefusalCode.PolicyForbids, $"policy of site {self.Organisation}: {objection}"))
            : (plan, standing, null);
    }

    /// <summary>The files are looked at first: the database waits for nobody's disk.</summary>
    private Refusal? AnsweredBefore(RunPlan plan, Digest release, SiteData rows)
    {
        if (plan.Request.Statement.Again)
            return null;
        var snapshot = rows.ReadSnapshot();
        return database.Read(t => NoisedReleases.AnsweredBefore(t, plan, release, snapshot, self.Organisation));
    }

    /// <summary>Exact precision only: at noised precision a threshold on the truth would be an oracle.</summary>
    private Refusal? TooFewPersons(RunPlan plan, StandingAgreement standing, SiteData rows)
    {
        var minimum = standing.MinimumPersons;
        return rows.CountPersons(plan.Cohort) >= minimum
            ? null
            : new(RefusalCode.TooFewPersons, $"site {self.Organisation}: fewer than {minimum} persons in the cohort; widen the cohort or ask at noised precision");
    }

    private (StoredContribution?, Refusal?) ReserveAndEncode(RunPlan plan, StandingAgreement standing, SiteData rows, ReadOnlyMemory<byte> attached)
    {
        var charge = ChargeFor(plan, standing);
        onStep?.Invoke(SiteSteps.ReservationStoring);
        var outcome = ledger.Reserve(charge);
        onStep?.Invoke(SiteSteps.ReservationStored);
        if (outcome.Refusal is { } refusal)
            return (null, refusal);
        if (outcome is not { State: ReservationState.Reserved, Head: { } entry })
            return Repeat(Stored(charge.Run, charge.Round) ?? throw new UnreachableException("what is committed is stored"), plan);
        using var draft = new KeptDraft(database, random);
        byte[] statement;
        (PersonSet Persons, NotedRows Rows)? asked;
        try
        {
            (var vector, asked) = Encode(plan, rows, standing, attached);
            statement = Seal(plan, vector, entry, draft);
        }
        catch (Exception e)
        {
            // Nothing was stored, so nothing left. What a fault says may follow from the data: its kind stays in the log, and the code is always the same.
            ledger.Release(charge);
            if (e is SiteDataException)
                throw;
            logger.LogError("run {Run}: encoding failed ({Fault})", charge.Run, e.GetType().Name);
            return Refuse(RefusalCode.InternalFault, $"site {self.Organisation}: could not compute its answer; its operator has been told");
        }

        onStep?.Invoke(SiteSteps.ContributionStoring);
        var (stored, shown) = database.Write(transaction =>
        {
            // Answered twice at once, the first to commit is the only answer there is.
            if (Stored(transaction, charge.Run, charge.Round) is { } first)
                return (first, null);
            if (asked is var (persons, noted) && ExactReleases.Add(transaction, plan.Agreement.Digest, persons, noted, plan.Method.Sums.Equations, standing.MinimumPersons, self.Organisation) is { } shows)
                return (null, shows);
            ledger.Commit(transaction, charge);
            NoisedReleases.Add(transaction, plan, rows.Snapshot);
            Store(transaction, plan, statement, draft);
            return (Stored(transaction, charge.Run, charge.Round), (Refusal?)null);
        });
        onStep?.Invoke(SiteSteps.ContributionStored);
        if (stored is not null)
            return Repeat(stored, plan);
        ledger.Release(charge);
        return (null, shown);
    }

    /// <summary>The cells, and at exact precision whom they are about, both of the same state of the data.</summary>
    private static (long[] Vector, (PersonSet Persons, NotedRows Rows)? Asked) Encode(RunPlan plan, SiteData rows, StandingAgreement standing, ReadOnlyMemory<byte> attached)
    {
        var noted = plan.Precision == Precision.Exact ? new NotedRows(rows.Select(plan.Cohort), plan.Agreement.Study.Schema, standing.MinimumPersons) : null;
        var vector = new long[plan.Method.Sums.VectorLength];
        plan.Method.Sums.Encode(noted ?? rows.Select(plan.Cohort), attached, vector);
        plan.Noise?.Factorisation?.Multiply(vector);
        var largest = plan.Method.Sums.LargestCounter;
        if (!Array.TrueForAll(vector, v => v >= -largest && v <= largest))
            throw new SiteDataException(RefusalCode.DataUnreadable, "encode: a counter left its range; the data or the mapping are not what they seem");
        if (noted is null)
            return (vector, null);
        var encoded = rows.Snapshot;
        var persons = rows.PersonsIn(plan.Cohort, noted.Variables);
        return persons.Snapshot == encoded
            ? (vector, (persons, noted))
            : throw new SiteDataException(RefusalCode.DataChanged, "data: a mapped file changed while it was read; write it elsewhere and move it into place when it is whole");
    }

    /// <summary>Nothing at exact precision; otherwise what the request offers, within the study's, the researcher's and the persons' limits.</summary>
    private Charge ChargeFor(RunPlan plan, StandingAgreement standing)
    {
        var terms = plan.Request.Statement;
        var limits = plan.Noise is null ? new ChargeLimits(NanoRho.Zero) : new ChargeLimits(standing.Budget, standing.PerResearcher, self.Policy.Lifetime?.Budget);
        var blocks = self.Policy.Lifetime?.Blocks?.TouchedBy(plan.Cohort) ?? CohortBlocks.All;
        return new Charge(plan.Agreement.Digest, terms.Run, terms.Round, plan.Request.Digest, terms.Researcher, blocks, plan.Charge, limits);
    }

    /// <summary>Drafts the masked vector, and signs the statement about it.</summary>
    private byte[] Seal(RunPlan plan, long[] vector, LedgerHead entry, KeptDraft draft)
    {
        var keyHolders = plan.Agreement.Study.KeyHolders;
        var context = RunContexts.Mask(plan.Request, self.Organisation, keyHolders[0]);
        var envelopes = SealedSums.Seal(vector, context, [.. keyHolders.Select(k => new KeyHolderKey(k.ToString(), plan.Agreement.Consortium.Find(k)!.SealingKey))], random, draft.Append);
        Array.Clear(vector);
        return Signed<ContributionStatement>.By(self.Keys.Signing, new ContributionStatement
        {
            Run = plan.Request.Statement.Run,
            Round = plan.Request.Statement.Round,
            Request = plan.Request.Digest,
            Site = self.Organisation,
            VectorLength = plan.Method.Sums.VectorLength,
            MaskedVector = draft.Digest,
            Seeds = [.. keyHolders.Zip(envelopes, (k, e) => new SealedSeed(k, e))],
            Ledger = entry,
        }).Envelope;
    }

    private static (StoredContribution?, Refusal?) Repeat(ContributionRow stored, RunPlan plan)
    {
        if (stored.Request != plan.Request.Digest)
            return Refuse(RefusalCode.RunAlreadyUsed, $"run {plan.Request.Statement.Run}: another request was answered under this run id; choose a fresh run id");
        return stored.Contribution is { } contribution
            ? (contribution, null)
            : Refuse(RefusalCode.RunAlreadyUsed, $"run {plan.Request.Statement.Run}: answered before and ended; ask again under a new run id");
    }

    private static SiteAnswer Said((StoredContribution? Contribution, Refusal? Refusal) answer) => new(answer.Contribution, answer.Refusal, null);

    private static void Store(PartyTransaction transaction, RunPlan plan, byte[] statement, KeptDraft draft)
    {
        draft.Record(transaction);
        transaction.Execute(
            "INSERT INTO contribution (run, round, request, statement, kept, transfer, size) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6)",
            plan.Request.Statement.Run.ToString(), plan.Request.Statement.Round, plan.Request.Digest.ToString(), statement, draft.Name, draft.Digest.ToString(), draft.Size);
    }

    private ContributionRow? Stored(RunId run, int round) => database.Read(t => Stored(t, run, round));

    private static ContributionRow? Stored(PartyTransaction transaction, RunId run, int round) =>
        transaction.First(
            "SELECT request, statement, transfer, size FROM contribution WHERE run = @p0 AND round = @p1",
            r => new ContributionRow(Digest.Parse(r.GetString(0)), r.IsDBNull(1) ? null : new StoredContribution(r.GetFieldValue<byte[]>(1), Digest.Parse(r.GetString(2)), r.GetInt64(3))),
            run.ToString(), round);

    private static (StoredContribution?, Refusal?) Refuse(RefusalCode code, string message) => (null, new Refusal(code, message));

    private sealed record ContributionRow(Digest Request, StoredContribution? Contribution);
}
