using System.Collections.Immutable;
using Consilience.Hub.Analyse;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation.Masking;
using Microsoft.Data.Sqlite;

namespace Consilience.Hub.Storage;

/// <summary>Reads runs back as they were decided last. Nobody is connected yet, and everyone's allowance starts now.</summary>
internal static class LoadRuns
{
    private const string Columns =
        "run, round, request, request_envelope, agreement, consortium, vector_length, recipients, minimum_sites, expires_at, accepted_at, phase, phase_since, "
        + "failure_code, failure_message, may_resume, roll_envelope, roll, masked_sum, release, charge, word_bits, attachment, attachment_size, "
        + "(SELECT coalesce(sum(length(data)), 0) FROM run_bytes b WHERE b.run = run.run AND b.organisation = '' AND b.role = -1)";

    internal static IReadOnlyList<RunState> UnderWay(HubDatabase database, DateTimeOffset now) =>
        Where(database, now, "phase IN (?1, ?2, ?3)", (long)RunPhase.Attaching, (long)RunPhase.Collecting, (long)RunPhase.Opening);

    internal static RunState? Find(HubDatabase database, RunId run, DateTimeOffset now) =>
        Where(database, now, "run = ?1", run.ToString()).FirstOrDefault();

    /// <summary>The newest opened run of a release whose bytes are still kept; null when there is none.</summary>
    internal static RunId? Released(HubDatabase database, Digest release)
    {
        using var rows = database.Command(
            "SELECT run FROM run WHERE release = ?1 AND phase = ?2 AND EXISTS (SELECT 1 FROM run_bytes WHERE run_bytes.run = run.run) ORDER BY phase_since DESC LIMIT 1",
            release.ToString(), (long)RunPhase.Opened).ExecuteReader();
        return rows.Read() ? RunId.Parse(rows.GetString(0)) : null;
    }

    /// <summary>nano-ρ that runs of an agreement charged each site that answered them.</summary>
    internal static IReadOnlyList<(string Site, long NanoRho)> Charges(HubDatabase database, Digest agreement)
    {
        using var rows = database.Command(
            """
            SELECT organisation, sum(charge) FROM run JOIN run_party ON run_party.run = run.run
            WHERE agreement = ?1 AND charge > 0 AND run_party.role = ?2 AND run_party.statement IS NOT NULL GROUP BY organisation
            """,
            agreement.ToString(), (long)Role.Site).ExecuteReader();
        var charges = new List<(string, long)>();
        while (rows.Read())
            charges.Add((rows.GetString(0), rows.GetInt64(1)));
        return charges;
    }

    /// <summary>Runs that are over, whose bytes are kept, and that ended before a time.</summary>
    internal static IReadOnlyList<RunId> OlderThan(HubDatabase database, DateTimeOffset time)
    {
        using var rows = database.Command(
            "SELECT run FROM run WHERE phase IN (?1, ?2) AND phase_since < ?3 AND EXISTS (SELECT 1 FROM run_bytes WHERE run_bytes.run = run.run)",
            (long)RunPhase.Opened, (long)RunPhase.Failed, RunRows.Millis(time)).ExecuteReader();
        var runs = new List<RunId>();
        while (rows.Read())
            runs.Add(RunId.Parse(rows.GetString(0)));
        return runs;
    }

    /// <summary>Runs that are over for a party that was not told.</summary>
    internal static IReadOnlyList<(string Run, uint Round)> NotTold(HubDatabase database, PartyId party, int atMost)
    {
        using var rows = database.Command(
            """
            SELECT run.run, run.round FROM run_party JOIN run ON run.run = run_party.run
            WHERE run_party.organisation = ?1 AND run_party.role = ?2 AND run_party.told_end = 0 AND run.phase IN (?3, ?4) AND run.may_resume = 0
            ORDER BY run.phase_since DESC LIMIT ?5
            """,
            party.Organisation.ToString(), (long)party.Role, (long)RunPhase.Opened, (long)RunPhase.Failed, atMost).ExecuteReader();
        var runs = new List<(string, uint)>();
        while (rows.Read())
            runs.Add((rows.GetString(0), (uint)rows.GetInt64(1)));
        return runs;
    }

    internal static IReadOnlyList<byte[]> RefusalStatements(HubDatabase database, RunId run)
    {
        using var rows = database.Command(
            "SELECT refusal FROM run_party WHERE run = ?1 AND refusal IS NOT NULL ORDER BY role, organisation", run.ToString()).ExecuteReader();
        var statements = new List<byte[]>();
        while (rows.Read())
            statements.Add(rows.GetFieldValue<byte[]>(0));
        return statements;
    }

    private static List<RunState> Where(HubDatabase database, DateTimeOffset now, string condition, params ReadOnlySpan<object?> values)
    {
        var runs = new List<RunState>();
        using (var rows = database.Command($"SELECT {Columns} FROM run WHERE {condition} ORDER BY accepted_at", values).ExecuteReader())
        {
            while (rows.Read())
                runs.Add(ReadRun(rows, now));
        }

        return [.. runs.Select(r => Complete(database, r, now))];
    }

    private static RunState ReadRun(SqliteDataReader row, DateTimeOffset now) => new()
    {
        Run = RunId.Parse(row.GetString(0)),
        Round = row.GetInt32(1),
        Request = Digest.Parse(row.GetString(2)),
        RequestStatement = row.GetFieldValue<byte[]>(3),
        Agreement = Digest.Parse(row.GetString(4)),
        Consortium = Digest.Parse(row.GetString(5)),
        VectorLength = row.GetInt32(6),
        Recipients = row.GetInt32(7),
        MinimumSites = row.GetInt32(8),
        RequestExpiresAt = Time(row, 9),
        AcceptedAt = Time(row, 10),
        Phase = (RunPhase)row.GetInt32(11),
        PhaseSince = Time(row, 12),
        Failure = row.IsDBNull(13) ? null : new RunFailure(new Refusal(Enum.Parse<RefusalCode>(row.GetString(13)), row.GetString(14)), row.GetInt64(15) == 1),
        Roll = row.IsDBNull(16) ? null : new SignedRoll(row.GetFieldValue<byte[]>(16), Digest.Parse(row.GetString(17)), Digest.Parse(row.GetString(18)), []),
        Release = row.IsDBNull(19) ? null : Digest.Parse(row.GetString(19)),
        Charge = row.GetInt64(20),
        Ring = Ring.Of(row.GetInt32(21)),
        Attachment = row.IsDBNull(22) ? null : new AttachmentBinding(Digest.Parse(row.GetString(22)), row.GetInt64(23)),
        Attached = row.GetInt64(24),
        LastAttached = now,
        Parties = ImmutableSortedDictionary<PartyId, PartyState>.Empty,
    };

    private static RunState Complete(HubDatabase database, RunState run, DateTimeOffset now)
    {
        var parties = ImmutableSortedDictionary.CreateBuilder<PartyId, PartyState>();
        using (var rows = database.Command(
            """
            SELECT organisation, role, phase, statement, payload, transfer, size, refusal_code, refusal_message, told_end,
                (SELECT coalesce(sum(length(data)), 0) FROM run_bytes b WHERE b.run = p.run AND b.organisation = p.organisation AND b.role = p.role)
            FROM run_party p WHERE run = ?1
            """,
            run.Run.ToString()).ExecuteReader())
        {
            while (rows.Read())
            {
                var party = ReadParty(rows, now);
                parties.Add(party.Party, party);
            }
        }

        var state = run with { Parties = parties.ToImmutable() };
        return state.Roll is null
            ? state
            : state with { Roll = state.Roll with { Sites = [.. state.Sites.Where(p => p.Phase == PartyPhase.Answered).Select(p => p.Party.Organisation).Order()] } };
    }

    private static PartyState ReadParty(SqliteDataReader row, DateTimeOffset now) => new()
    {
        Party = new PartyId(OrganisationId.Parse(row.GetString(0)), (Role)row.GetInt32(1)),
        Phase = (PartyPhase)row.GetInt32(2),
        LastProgress = now,
        Announced = row.IsDBNull(3)
            ? null
            : new Announcement(row.GetFieldValue<byte[]>(3), Digest.Parse(row.GetString(4)), Digest.Parse(row.GetString(5)), row.GetInt64(6)),
        Refusal = row.IsDBNull(7) ? null : new Refusal(Enum.Parse<RefusalCode>(row.GetString(7)), row.GetString(8)),
        ToldEnd = row.GetInt64(9) == 1,
        Received = row.GetInt64(10),
    };

    private static DateTimeOffset Time(SqliteDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
}
