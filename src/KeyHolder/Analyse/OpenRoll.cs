using Consilience.Arithmetic;
using Consilience.KeyHolder.Storage;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation;
using Consilience.SecureAggregation.Masking;
using Refusal = Consilience.Protocol.Analyse.Refusal;

namespace Consilience.KeyHolder.Analyse;

/// <summary>An opening as it is stored and sent.</summary>
/// <param name="Statement">DSSE of the share statement.</param>
/// <param name="Transfer">Digest of the sealed share.</param>
/// <param name="Size">Its bytes.</param>
public sealed record Opening(byte[] Statement, Digest Transfer, long Size);

/// <summary>
/// Opens the roll of a run, once.
/// <list type="number">
/// <item>A run opened before: the same roll gets the same bytes, another roll is refused.</item>
/// <item>Request, agreement and policy: what the researcher signed lies within what this key holder signed.</item>
/// <item>Roll and contributions: signed by the hub and by each site, for this request, each site once, at least the agreed minimum.</item>
/// <item>At exact precision: the same question was not opened before over almost the same sites, since the difference of the two answers would be the part of a few; and sites that were chosen leave no few of them to be worked out.</item>
/// <item>The ledger entry each site names was not named before with another hash: a ledger that forked would pay twice from one budget.</item>
/// <item>Block by block, share = Σ masks − noise, sealed to the recipients: a block's noise is drawn, in one batch, before its masks are made.</item>
/// <item>The opening is on disk before it is handed out.</item>
/// </list>
/// <b>Guarantee:</b> for one run and round there is one opening, of one roll, with one draw of noise, whatever is asked, in whatever order, and whenever the process dies.
/// </summary>
public sealed class OpenRoll(PartyDatabase database, PartyStudies studies, TimeProvider clock, RandomBytes random, Action<string>? onStep = null)
{
    /// <summary>Makes the table.</summary>
    public const string Tables = """
        CREATE TABLE IF NOT EXISTS opened_roll (
            run          TEXT NOT NULL,
            round        INTEGER NOT NULL,
            roll         TEXT NOT NULL,       -- digest of the one roll opened, immutable
            statement    BLOB,                -- DSSE of the share statement; dropped when the hub says the run is over
            kept         TEXT,                -- name of the sealed share's kept bytes; dropped with it
            transfer     TEXT NOT NULL,       -- digest of the sealed share
            size         INTEGER NOT NULL,    -- its bytes
            question     TEXT,                -- digest of agreement, method, parameters and cohort; NULL at noised precision
            sites        TEXT NOT NULL,       -- on the roll, in its order, with spaces between
            opened_at    INTEGER NOT NULL,    -- Unix time, milliseconds
            PRIMARY KEY (run, round)
        ) STRICT;
        CREATE INDEX IF NOT EXISTS opened_roll_by_transfer ON opened_roll (transfer);
        CREATE INDEX IF NOT EXISTS opened_roll_by_question ON opened_roll (question) WHERE question IS NOT NULL;
        """ + SeenLedgers.Tables + ChosenSites.Tables + KeptBytes.Tables;

    private readonly Party self = studies.Party;

    public (Opening? Opening, Refusal? Refusal) Open(RollToOpen asked)
    {
        ArgumentNullException.ThrowIfNull(asked);
        if (!RunId.TryParse(asked.Run, null, out var run) || !DsseEnvelope.TryParse(asked.Roll.Span, out var envelope))
            return Refuse(RefusalCode.RollInvalid, "roll: not a signed roll with a run id");
        var round = (int)Math.Min(asked.Round, int.MaxValue);
        if (Recorded(run, round) is { } record)
            return Repeat(record, envelope.PayloadDigest, run);
        var (plan, refusal) = PlanOf(asked);
        if (plan is null)
            return (null, refusal);
        if (plan.Request.Statement.Run != run || plan.Request.Statement.Round != round)
            return Refuse(RefusalCode.RollInvalid, "roll: sent for another run than its request's");
        if (!Signed<RollStatement>.TryOpen(asked.Roll.Span, plan.Agreement.Consortium.Hub.SigningKey, out var roll))
            return Refuse(RefusalCode.SignatureInvalid, $"run {run}: the roll is not signed by hub {plan.Agreement.Consortium.Hub.Id}");
        if (CheckRoll(plan, roll) is { } fault)
            return (null, fault);
        var (contributions, invalid) = ReadContributions(plan, roll, asked);
        return invalid is not null ? (null, invalid) : Record(run, round, roll, plan, contributions);
    }

    /// <summary>Drops the stored bytes of a run that is over; that it was opened, and which roll, stays.</summary>
    public void Forget(RunId run, int round)
    {
        ArgumentNullException.ThrowIfNull(run);
        database.Write(t =>
        {
            if (t.First("SELECT kept FROM opened_roll WHERE run = @p0 AND round = @p1 AND kept IS NOT NULL", r => r.GetString(0), run.ToString(), round) is { } kept)
                KeptBytes.Drop(t, kept);
            t.Execute("UPDATE opened_roll SET statement = NULL, kept = NULL WHERE run = @p0 AND round = @p1", run.ToString(), round);
        });
    }

    /// <summary>Drops sealed shares that were never recorded: nobody was sent a byte of them.</summary>
    public void DropDrafts() => database.Write(t =>
    {
        foreach (var name in KeptBytes.Names(t).Except(t.Query("SELECT kept FROM opened_roll WHERE kept IS NOT NULL", r => r.GetString(0))))
            KeptBytes.Drop(t, name);
    });

    /// <summary>The next bytes of the sealed share with this digest, while it is kept.</summary>
    public ReadOnlyMemory<byte> StoredShare(string digest, long offset) => database.Read(t =>
        t.First("SELECT kept FROM opened_roll WHERE transfer = @p0 AND kept IS NOT NULL", r => r.GetString(0), digest) is { } kept ? KeptBytes.Read(t, kept, offset) : ReadOnlyMemory<byte>.Empty);

    private static (Opening?, Refusal?) Repeat((Digest Roll, Opening? Opening) record, Digest roll, RunId run)
    {
        if (record.Roll != roll)
            return Refuse(RefusalCode.AlreadyOpened, $"run {run}: opened before with roll {record.Roll.Short} (asked for {roll.Short}); a run is opened once: ask again under a new run id");
        return record.Opening is { } opening ? (opening, null) : Refuse(RefusalCode.AlreadyOpened, $"run {run}: opened before and ended; its share is kept no longer");
    }

    private (RunPlan?, Refusal?) PlanOf(RollToOpen asked)
    {
        var agreement = Signed<RequestStatement>.PeekUnverified(asked.Request.Span)?.Agreement;
        if (agreement is null || studies.Find(agreement) is not { } standing)
            return (null, new(RefusalCode.AgreementUnknown, $"agreement {agreement?.Short ?? "none"}: not in force at key holder {self.Organisation}"));
        var (plan, refusal) = RunPlan.Decide(standing.Agreement, asked.Request.Span, clock.GetUtcNow());
        if (plan is null)
            return (null, refusal);
        return standing.ObjectionTo(plan, self.Organisation) is { } objection ? (null, new(RefusalCode.PolicyForbids, $"policy of key holder {self.Organisation}: {objection}")) : (plan, null);
    }

    private static Refusal? CheckRoll(RunPlan plan, Signed<RollStatement> roll)
    {
        var terms = plan.Request.Statement;
        var listed = roll.Statement;
        if (listed.Run != terms.Run || listed.Round != terms.Round || listed.Request != plan.Request.Digest)
            return new(RefusalCode.RollInvalid, $"run {terms.Run}: the roll is for another request (expected {plan.Request.Digest.Short}, got {listed.Request.Short})");
        var sites = listed.Sites.Select(s => s.Site).ToList();
        if (sites.FirstOrDefault(s => !plan.Sites.Contains(s)) is { } foreign)
            return new(RefusalCode.RollInvalid, $"run {terms.Run}: {foreign} on the roll is no site that the request asks");
        if (sites.Distinct().Count() != sites.Count)
            return new(RefusalCode.RollInvalid, $"run {terms.Run}: a site stands twice on the roll");
        return sites.Count >= plan.MinimumSites
            ? null
            : new(RefusalCode.TooFewSites, $"run {terms.Run}: {sites.Count} sites on the roll (at least {plan.MinimumSites} {(plan.ChoosesSites ? "asked" : "agreed")}); ask again when more sites can answer");
    }

    private (List<SiteSeed>, Refusal?) ReadContributions(RunPlan plan, Signed<RollStatement> roll, RollToOpen asked)
    {
        var seeds = new List<SiteSeed>();
        var run = plan.Request.Statement.Run;
        if (asked.Contributions.Count != roll.Statement.Sites.Count)
            return (seeds, new(RefusalCode.RollInvalid, $"run {run}: {asked.Contributions.Count} contributions for {roll.Statement.Sites.Count} sites on the roll"));
        foreach (var (entry, envelope) in roll.Statement.Sites.Zip(asked.Contributions))
        {
            var key = plan.Agreement.Consortium.Find(entry.Site)!.SigningKey;
            if (!Signed<ContributionStatement>.TryOpen(envelope.Span, key, out var contribution))
                return (seeds, new(RefusalCode.SignatureInvalid, $"run {run}: the contribution is not signed by site {entry.Site}"));
            var says = contribution.Statement;
            if (contribution.Digest != entry.Contribution || says.Site != entry.Site || says.Run != run || says.Round != plan.Request.Statement.Round
                || says.Request != plan.Request.Digest || says.VectorLength != plan.VectorLength)
                return (seeds, new(RefusalCode.RollInvalid, $"run {run}: the contribution of {entry.Site} is not the one on the roll for this request"));
            var mine = says.Seeds.Where(s => s.KeyHolder == self.Organisation).ToList();
            if (mine.Count != 1)
                return (seeds, new(RefusalCode.EnvelopeInvalid, $"run {run}: {mine.Count} seeds of {entry.Site} for key holder {self.Organisation} (expected 1)"));
            seeds.Add(new SiteSeed(RunContexts.Mask(plan.Request, entry.Site, self.Organisation), mine[0].Envelope, says.Ledger));
        }

        return (seeds, null);
    }

    private (Opening?, Refusal?) Record(RunId run, int round, Signed<RollStatement> roll, RunPlan plan, List<SiteSeed> contributions)
    {
        using var draft = new KeptDraft(database, random);
        var (commitment, refusal) = DraftShare(run, roll, plan, contributions, draft);
        if (commitment is null)
            return (null, refusal);
        var statement = Sign(roll, plan, commitment, draft);
        onStep?.Invoke(KeyHolderSteps.RecordStoring);
        var (stored, differs) = database.Write(transaction => Store(transaction, run, round, roll, plan, contributions, statement, draft));
        onStep?.Invoke(KeyHolderSteps.RecordStored);

        // Asked twice at once, the first to be recorded is the only opening there is.
        return stored is { } record ? Repeat(record, roll.Digest, run) : (null, differs);
    }

    /// <summary>The sealed share, and what its statement commits to.</summary>
    private (byte[]? Commitment, Refusal? Refusal) DraftShare(RunId run, Signed<RollStatement> roll, RunPlan plan, List<SiteSeed> contributions, KeptDraft draft)
    {
        var seeds = new List<(MaskContext, MaskSeed)>();
        try
        {
            foreach (var (context, envelope, _) in contributions)
            {
                if (MaskSeed.Open(self.Keys.Sealing, context, envelope) is not { } seed)
                    return (null, new(RefusalCode.EnvelopeInvalid, $"run {run}: the seed of {context.Site} does not open in this run"));
                seeds.Add((context, seed));
            }

            using var sealer = new ShareSealer(plan.Ring.SizeOf(plan.VectorLength), RunContexts.Share(plan.Request, roll.Digest, self.Organisation), plan.Recipients, random);
            draft.Append(sealer.Header);
            Action<Span<long>>? noise = plan.Noise is { } terms ? draws => terms.Mechanism.FillInBatch(draws, random) : null;
            SealedSums.OpenShare(plan.Ring, plan.VectorLength, seeds, noise, block => draft.Append(sealer.Seal(block)));
            return (sealer.Commitment(), null);
        }
        finally
        {
            seeds.ForEach(s => s.Item2.Dispose());
        }
    }

    private ((Digest Roll, Opening? Opening)? Stored, Refusal? Differs) Store(
        PartyTransaction transaction, RunId run, int round, Signed<RollStatement> roll, RunPlan plan, List<SiteSeed> contributions, byte[] statement, KeptDraft draft)
    {
        if (Recorded(transaction, run, round) is { } earlier)
            return (earlier, null);
        var question = plan.Noise is null ? plan.Question.ToString() : null;
        var sites = roll.Statement.Sites.Select(s => s.Site.ToString()).ToList();
        var refusal = SeenLedgers.Add(transaction, [.. contributions.Select(c => (c.Context.Site, c.Ledger))]) ?? (question is null ? null : AlmostTheSame(transaction, question, sites, plan) ?? ChosenSites.Add(transaction, plan));
        if (refusal is not null)
            return (null, refusal);
        draft.Record(transaction);
        transaction.Execute(
            "INSERT INTO opened_roll (run, round, roll, statement, kept, transfer, size, question, sites, opened_at) VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9)",
            run.ToString(), round, roll.Digest.ToString(), statement, draft.Name, draft.Digest.ToString(), draft.Size, question, string.Join(' ', sites), clock.GetUtcNow().ToUnixTimeMilliseconds());
        return (Recorded(transaction, run, round), null);
    }

    private static Refusal? AlmostTheSame(PartyTransaction transaction, string question, IReadOnlyList<string> sites, RunPlan plan)
    {
        var before = transaction.Query("SELECT run, sites FROM opened_roll WHERE question = @p0", r => (Run: r.GetString(0), Sites: r.GetString(1).Split(' ')), question);
        foreach (var (run, earlier) in before)
        {
            var differing = sites.Except(earlier).Count() + earlier.Except(sites).Count();
            if (differing > 0 && differing < plan.Agreement.Study.MinimumSitesAt(plan.Precision))
            {
                return new(RefusalCode.TooFewSites,
                    $"run {plan.Request.Statement.Run}: the same question was opened exactly in run {run}, over sites that differ by {differing} (none, or at least {plan.Agreement.Study.MinimumSitesAt(plan.Precision)} agreed): the difference of the two "
                    + "answers would be their part alone; ask when the same sites answer, or at noised precision");
            }
        }

        return null;
    }

    private byte[] Sign(Signed<RollStatement> roll, RunPlan plan, byte[] commitment, KeptDraft draft) =>
        Signed<ShareStatement>.By(self.Keys.Signing, new ShareStatement
        {
            Run = roll.Statement.Run,
            Round = roll.Statement.Round,
            Request = plan.Request.Digest,
            Roll = roll.Digest,
            KeyHolder = self.Organisation,
            VectorLength = plan.VectorLength,
            Noise = plan.Noise?.Mechanism.Name ?? "none",
            Scale = plan.Noise?.Mechanism.Parameter.ToString(),
            Commitment = Digest.FromHash(commitment),
            SealedShare = draft.Digest,
        }).Envelope;

    private (Digest Roll, Opening? Opening)? Recorded(RunId run, int round) => database.Read(t => Recorded(t, run, round));

    private static (Digest Roll, Opening? Opening)? Recorded(PartyTransaction transaction, RunId run, int round)
    {
        var rows = transaction.Query(
            "SELECT roll, statement, transfer, size FROM opened_roll WHERE run = @p0 AND round = @p1",
            r => (Digest.Parse(r.GetString(0)), r.IsDBNull(1) ? null : new Opening(r.GetFieldValue<byte[]>(1), Digest.Parse(r.GetString(2)), r.GetInt64(3))),
            run.ToString(), round);
        return rows.Count == 0 ? null : rows[0];
    }

    private static (Opening?, Refusal?) Refuse(RefusalCode code, string message) => (null, new Refusal(code, message));

    /// <summary>A site's seed for this key holder, and the ledger entry that paid for its answer.</summary>
    private sealed record SiteSeed(MaskContext Context, byte[] Envelope, LedgerHead Ledger);
}
