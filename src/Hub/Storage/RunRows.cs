using System.Collections.Immutable;
using Consilience.Hub.Analyse;
using Consilience.Protocol.Wire;

namespace Consilience.Hub.Storage;

/// <summary>Writes what a decision wants stored, in the transaction under way.</summary>
internal static class RunRows
{
    internal static void Store(HubDatabase database, RunState state, ImmutableArray<RunWrite> writes, Func<RunState, PartyId, Refusal, byte[]> signRefusal)
    {
        foreach (var write in writes)
        {
            switch (write)
            {
                case RunWrite.NewRun:
                    Insert(database, state);
                    break;
                case RunWrite.Attached(var offset, var data):
                    RunBytes.AppendAttachment(database, state.Run, offset, data);
                    if (state.Phase != RunPhase.Attaching)
                        StorePhase(database, state);
                    break;
                case RunWrite.Announced(var party, var announcement):
                    SetParty(database, state, party, "phase = ?4, statement = ?5, payload = ?6, transfer = ?7, size = ?8",
                        (long)PartyPhase.Receiving, announcement.Statement, announcement.Payload.ToString(), announcement.Transfer.ToString(), announcement.Size);
                    if (party.Role == Role.Site)
                        LedgerWitnesses.Add(database, party.Organisation, announcement.Statement);
                    break;
                case RunWrite.Bytes(var party, var offset, var data):
                    RunBytes.Append(database, state.Run, party, offset, data);
                    break;
                case RunWrite.Answered(var party):
                    SetParty(database, state, party, "phase = ?4", (long)PartyPhase.Answered);
                    break;
                case RunWrite.Refused(var party, var refusal, var statement):
                    SetParty(database, state, party,
                        "phase = ?4, refusal = ?5, refusal_code = ?6, refusal_message = ?7, statement = NULL, payload = NULL, transfer = NULL, size = NULL",
                        (long)PartyPhase.Refused, statement ?? signRefusal(state, party, refusal), refusal.Code.ToString(), refusal.Message);
                    RunBytes.Drop(database, state.Run, party);
                    break;
                case RunWrite.Roll(var signed, var block, var offset):
                    StoreRoll(database, state, signed, block, offset);
                    break;
                case RunWrite.Phase:
                    StorePhase(database, state);
                    break;
                case RunWrite.ToldEnd(var parties):
                    foreach (var party in parties)
                        SetParty(database, state, party, "told_end = 1");
                    break;
            }
        }
    }

    private static void Insert(HubDatabase database, RunState state)
    {
        database.Execute(
            """
            INSERT INTO run (run, round, request, request_envelope, release, charge, agreement, consortium, vector_length, word_bits, attachment, attachment_size, recipients, minimum_sites, expires_at, accepted_at, phase, phase_since)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
            """,
            state.Run.ToString(), state.Round, state.Request.ToString(), state.RequestStatement, state.Release?.ToString(), state.Charge, state.Agreement.ToString(), state.Consortium.ToString(),
            state.VectorLength, state.Ring.WordBits, state.Attachment?.Digest.ToString(), state.Attachment?.SizeInBytes, state.Recipients, state.MinimumSites, Millis(state.RequestExpiresAt), Millis(state.AcceptedAt), (long)state.Phase, Millis(state.PhaseSince));
        foreach (var party in state.Parties.Values)
        {
            database.Execute("INSERT INTO run_party (run, organisation, role, phase) VALUES (?1, ?2, ?3, ?4)",
                state.Run.ToString(), party.Party.Organisation.ToString(), (long)party.Party.Role, (long)party.Phase);
        }
    }

    private static void StoreRoll(HubDatabase database, RunState state, SignedRoll signed, ReadOnlyMemory<byte> block, long offset)
    {
        RunBytes.AppendSum(database, state.Run, offset, block);
        StorePhase(database, state);
        var changed = database.Execute("UPDATE run SET roll_envelope = ?2, roll = ?3, masked_sum = ?4 WHERE run = ?1 AND roll IS NULL",
            state.Run.ToString(), signed.Statement, signed.Payload.ToString(), signed.MaskedSum.ToString());
        if (changed != 1)
            throw new InvalidOperationException($"run {state.Run}: a second roll was to be stored");
        RunBytes.DropContributions(database, state.Run);
    }

    private static void StorePhase(HubDatabase database, RunState state)
    {
        database.Execute("UPDATE run SET phase = ?2, phase_since = ?3, failure_code = ?4, failure_message = ?5, may_resume = ?6 WHERE run = ?1",
            state.Run.ToString(), (long)state.Phase, Millis(state.PhaseSince), state.Failure?.Refusal.Code.ToString(), state.Failure?.Refusal.Message,
            state.Failure is { MayResume: true } ? 1 : 0);
        foreach (var party in state.Parties.Values.Where(p => p.Phase is PartyPhase.Absent or PartyPhase.Asked))
            SetParty(database, state, party.Party, "phase = ?4", (long)party.Phase);
        if (state.Failure is { MayResume: false })
            RunBytes.DropAll(database, state.Run);
    }

    private static void SetParty(HubDatabase database, RunState state, PartyId party, string assignments, params ReadOnlySpan<object?> values) =>
        database.Execute($"UPDATE run_party SET {assignments} WHERE run = ?1 AND organisation = ?2 AND role = ?3",
            [state.Run.ToString(), party.Organisation.ToString(), (long)party.Role, .. values]);

    internal static long Millis(DateTimeOffset time) => time.ToUnixTimeMilliseconds();
}
