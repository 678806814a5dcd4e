using Consilience.Hub.Analyse;
using Consilience.Hub.Storage;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Microsoft.Data.Sqlite;

namespace Consilience.Hub.Studies;

/// <summary>A study as the hub keeps it.</summary>
internal sealed record StoredStudy(Proposal Proposal, IReadOnlyList<byte[]> Decisions, Agreement? InForce);

/// <summary>Proposals, decisions and agreements, durable; opened ones are kept in memory, because opening verifies every signature.</summary>
internal sealed class StudyStore(HubDatabase database, Func<ConsortiumFile> consortia)
{
    private readonly Dictionary<Digest, StoredStudy> studies = [];

    internal IEnumerable<StoredStudy> All => studies.Values;

    internal StoredStudy? Find(Digest agreement) => studies.GetValueOrDefault(agreement);

    /// <summary>Reads everything back at start-up. A study of a consortium version that is no longer known is left out.</summary>
    internal void Load()
    {
        var rows = Query("SELECT proposal, agreement FROM study ORDER BY proposed_at", r => (Envelope: r.GetFieldValue<byte[]>(0), Agreement: r.GetString(1)));
        foreach (var (envelope, agreement) in rows)
        {
            if (!Proposal.TryOpen(envelope, consortia(), out var proposal, out _))
                continue;
            var decisions = Query("SELECT envelope FROM study_decision WHERE agreement = ?1", r => r.GetFieldValue<byte[]>(0), agreement);
            studies[proposal.Digest] = new StoredStudy(proposal, decisions, Agreement.TryPutInForce(proposal, decisions, out _));
        }
    }

    internal StoredStudy Add(Proposal proposal, DateTimeOffset now)
    {
        if (Find(proposal.Digest) is { } known)
            return known;
        database.Write([HubSteps.Stored.Proposal], d =>
            d.Execute("INSERT INTO study (agreement, proposal, proposed_at) VALUES (?1, ?2, ?3)", proposal.Digest.ToString(), proposal.Envelope, RunRows.Millis(now)));
        return studies[proposal.Digest] = new StoredStudy(proposal, [], null);
    }

    /// <summary>Adds a verified decision; the first of a party and role stands.</summary>
    internal StoredStudy Add(StoredStudy study, PartyId party, bool agrees, byte[] envelope, DateTimeOffset now)
    {
        byte[][] decisions = [.. study.Decisions, envelope];
        var inForce = study.InForce ?? Agreement.TryPutInForce(study.Proposal, decisions, out _);
        database.Write([HubSteps.Stored.Decision], d =>
        {
            d.Execute(
                "INSERT INTO study_decision (agreement, organisation, role, signed, envelope, decided_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                study.Proposal.Digest.ToString(), party.Organisation.ToString(), (long)party.Role, agrees ? 1 : 0, envelope, RunRows.Millis(now));
            if (inForce is not null && study.InForce is null)
                d.Execute("UPDATE study SET in_force = ?2, in_force_at = ?3 WHERE agreement = ?1 AND in_force IS NULL", study.Proposal.Digest.ToString(), inForce.ToBytes(), RunRows.Millis(now));
        });
        return studies[study.Proposal.Digest] = study with { Decisions = decisions, InForce = inForce };
    }

    internal StudyState Describe(StoredStudy study)
    {
        var state = new StudyState { Agreement = study.Proposal.Digest.ToString(), Proposal = Google.Protobuf.ByteString.CopyFrom(study.Proposal.Envelope) };
        state.Decisions.AddRange(study.Decisions.Select(d => Google.Protobuf.ByteString.CopyFrom(d)));
        if (study.InForce is null)
            return state;
        state.InForce = Google.Protobuf.ByteString.CopyFrom(study.InForce.ToBytes());
        state.Charges.AddRange(LoadRuns.Charges(database, study.Proposal.Digest).Select(c => new SiteCharge { Site = c.Site, NanoRho = (ulong)c.NanoRho }));
        return state;
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<object?> values)
    {
        var read = new List<T>();
        using var rows = database.Command(sql, values).ExecuteReader();
        while (rows.Read())
            read.Add(row(rows));
        return read;
    }
}
