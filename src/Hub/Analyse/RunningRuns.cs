using System.Security.Cryptography;
using Consilience.Hub.Sites;
using Consilience.Hub.Storage;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Microsoft.Extensions.Logging;

namespace Consilience.Hub.Analyse;

/// <summary>
/// The runs under way: takes every decision's outcome through the same steps. Stored first, in one transaction; then it counts; then frames are sent; then followers are
/// told. All calls hold the hub's one lock, but for the adding of vectors.
/// </summary>
internal sealed class RunningRuns(HubDatabase database, Lock gate, Connections connections, SigningKey hub, HubLimits limits, TimeProvider clock, ILogger logger)
{
    private readonly Dictionary<RunId, RunState> runs = [];
    private readonly Dictionary<(RunId, PartyId?), IncrementalHash> hashes = [];
    private readonly Dictionary<RunId, List<Follower>> followers = [];

    internal int Count => runs.Count;

    /// <summary>Bytes that runs under way attach, here or still to come.</summary>
    internal long Attachments => runs.Values.Sum(r => r.Attachment?.SizeInBytes ?? 0);

    internal void Load()
    {
        foreach (var run in LoadRuns.UnderWay(database, clock.GetUtcNow()))
            runs[run.Run] = run;
        foreach (var run in runs.Values.ToList())
            Apply(new RunOutcome(run));
    }

    internal RunState? Find(RunId run) => runs.GetValueOrDefault(run) ?? LoadRuns.Find(database, run, clock.GetUtcNow());

    internal void Follow(RunState run, Follower follower)
    {
        if (!followers.TryGetValue(run.Run, out var list))
            followers[run.Run] = list = [];
        list.Add(follower);
        follower.Tell(run, database);
    }

    internal void Unfollow(RunId run, Follower follower)
    {
        if (followers.TryGetValue(run, out var list) && list.Remove(follower) && list.Count == 0)
            followers.Remove(run);
    }

    internal void Came(PartyId party) => ForEach(run => MeetParty.Came(run, party, clock.GetUtcNow()));

    internal void Left(PartyId party) => ForEach(run => MeetParty.Left(run, party, clock.GetUtcNow()));

    /// <summary>Looks at every deadline.</summary>
    internal void Tick() => ForEach(run => new RunOutcome(run));

    /// <summary>The next bytes of an announced transfer; false when no run expects them.</summary>
    internal bool Receive(PartyLink link, string transfer, ulong offset, ReadOnlyMemory<byte> data)
    {
        var run = runs.Values.FirstOrDefault(r => r.Parties.TryGetValue(link.Party, out var p) && p is { Phase: PartyPhase.Receiving, Announced: not null } && p.Announced.Transfer.ToString() == transfer);
        if (run is null)
            return false;
        var party = run.Parties[link.Party];
        var chunk = new ReceiveChunk.Input(link.Party, offset, data);
        if (ReceiveChunk.Check(party, chunk, limits) is { } refusal)
        {
            logger.LogWarning("run {Run}: {Refusal}", run.Run, refusal);
            Apply(RecordRefusal.Exclude(run, link.Party, refusal, clock.GetUtcNow()));
            return true;
        }

        Apply(ReceiveChunk.Decide(run, chunk, Hash((run.Run, party.Party), party.Received, data, party.Announced!.Size, () => RunBytes.Read(database, run.Run, party.Party)), clock.GetUtcNow()));
        return true;
    }

    /// <summary>The next piece of a run's attachment; why it is not taken, otherwise.</summary>
    internal Refusal? Attach(RunState run, ulong offset, ReadOnlyMemory<byte> data)
    {
        if (ReceiveAttachment.Check(run, offset, data.Length, limits) is { } refusal)
            return refusal;
        var whole = Hash((run.Run, null), run.Attached, data, run.Attachment!.SizeInBytes, () => RunBytes.ReadAttachment(database, run.Run));
        Apply(ReceiveAttachment.Decide(run, data, whole, clock.GetUtcNow()));
        return null;
    }

    internal void Apply(RunOutcome outcome)
    {
        var now = clock.GetUtcNow();
        var settled = outcome.Then(s => SettleRun.Decide(s, now, limits)).Then(SettleRun.TellEnd);
        var state = settled.State;
        if (!settled.Writes.IsEmpty)
            Store(settled, state);
        var before = runs.GetValueOrDefault(state.Run);
        if (state.IsOver)
            runs.Remove(state.Run);
        else
            runs[state.Run] = state;
        foreach (var send in settled.Sends)
            connections.Send(send.To, send.Step, send.Frame);
        if (before?.Phase != state.Phase)
            logger.LogInformation("run {Run}: {Phase}", state.Run, state.Phase);
        foreach (var follower in followers.GetValueOrDefault(state.Run) ?? [])
            follower.Tell(state, database);
        if (!settled.Combine.IsEmpty)
            _ = Task.Run(() => Combine(state, settled.Combine));
    }

    private void Store(RunOutcome settled, RunState state)
    {
        void Write(HubDatabase d) => RunRows.Store(d, state, settled.Writes, SignRefusal);
        string[] steps = [.. settled.Writes.Select(w => w.Step).Distinct()];
        if (settled.Writes.Any(w => w is RunWrite.Roll))
            database.WriteThrough(steps, Write);
        else
            database.Write(steps, Write);
    }

    private void Combine(RunState state, System.Collections.Immutable.ImmutableArray<OrganisationId> sites)
    {
        try
        {
            var outcome = CombineContributions.Combine(database, gate, state, sites, hub, clock.GetUtcNow());
            lock (gate)
            {
                // While the vectors were added, parties came and went, or the run was cancelled.
                if (runs.GetValueOrDefault(state.Run) is { Phase: RunPhase.Combining } current)
                    Apply(Rebase(outcome, current));
            }
        }
        catch (Exception e) when (e is InvalidDataException or Microsoft.Data.Sqlite.SqliteException or ObjectDisposedException)
        {
            logger.LogError("run {Run}: vectors could not be added ({Fault}); it is taken up again when the hub starts again", state.Run, e.GetType().Name);
        }
    }

    /// <summary>The outcome of adding, on the run as it stands now.</summary>
    private static RunOutcome Rebase(RunOutcome outcome, RunState current)
    {
        var parties = outcome.State.Parties.Values.Select(p => KeyValuePair.Create(p.Party, p with { Connected = current.Parties[p.Party].Connected }));
        var state = outcome.State with { Parties = outcome.State.Parties.SetItems(parties) };
        return outcome with { State = state, Sends = [.. state.KeyHolders.Where(k => k.Connected).Select(k => RunFrames.Roll(state, k.Party))] };
    }

    private void ForEach(Func<RunState, RunOutcome> decide)
    {
        foreach (var run in runs.Values.ToList())
            Apply(decide(run));
    }

    /// <summary>The digest of a transfer once its last byte is in; null before. Continues from stored bytes after a restart.</summary>
    private Digest? Hash((RunId, PartyId?) transfer, long received, ReadOnlyMemory<byte> data, long size, Func<StoredBytes> read)
    {
        if (received == 0 || !hashes.TryGetValue(transfer, out var hash))
        {
            hashes[transfer] = hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            if (received > 0)
            {
                using var stored = read();
                for (var piece = stored.Next(1 << 20); !piece.IsEmpty; piece = stored.Next(1 << 20))
                    hash.AppendData(piece.Span);
            }
        }

        hash.AppendData(data.Span);
        if (received + data.Length < size)
            return null;
        hashes.Remove(transfer);
        using (hash)
            return Digest.FromHash(hash.GetHashAndReset());
    }

    private byte[] SignRefusal(RunState state, PartyId party, Refusal refusal) =>
        Signed<RefusalStatement>.By(hub, new RefusalStatement
        {
            Run = state.Run, Round = state.Round, Request = state.Request, Party = party.Organisation, Code = refusal.Code, Message = refusal.Message,
        }).Envelope;
}
