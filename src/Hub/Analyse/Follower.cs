using System.Threading.Channels;
using Consilience.Hub.Storage;
using Consilience.Protocol.Wire;
using Google.Protobuf;

namespace Consilience.Hub.Analyse;

/// <summary>A researcher who watches a run: what changes is told, and at the end the opening or the failure follows.</summary>
internal sealed class Follower
{
    private readonly Channel<RunFrame> frames = Channel.CreateUnbounded<RunFrame>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<PartyId, (string State, long Received)> told = [];
    private bool wanted;

    internal IAsyncEnumerable<RunFrame> Frames(CancellationToken cancellation) => frames.Reader.ReadAllAsync(cancellation);

    /// <summary>Reports what has changed since the last call. The stream ends when the run is over.</summary>
    internal void Tell(RunState state, HubDatabase database)
    {
        foreach (var party in state.Parties.Values)
        {
            var now = (Word(party, state), party.Received);
            if (told.TryGetValue(party.Party, out var before) && before == now)
                continue;
            told[party.Party] = now;
            frames.Writer.TryWrite(new RunFrame { Progress = Progress(party, now.Item1) });
        }

        if (state is { Phase: RunPhase.Attaching, Attachment: { } named } && !wanted)
        {
            wanted = true;
            frames.Writer.TryWrite(new RunFrame
            {
                Wanted = new AttachmentWanted { Run = state.Run.ToString(), Offset = (ulong)state.Attached, SizeInBytes = (ulong)(named.SizeInBytes - state.Attached) },
            });
        }

        if (state is { Phase: RunPhase.Failed, Failure: { } failure })
            frames.Writer.TryWrite(new RunFrame { Failed = Failed(state, failure, database) });
        if (state.IsOver)
            frames.Writer.TryComplete();
    }

    private static string Word(PartyState party, RunState state) => party.Phase switch
    {
        PartyPhase.NotAsked => "waiting",
        PartyPhase.Asked => party.Party.Role == Role.KeyHolder ? "opening" : party.Connected || state.IsOver ? "asked" : "away",
        PartyPhase.Receiving => "receiving",
        PartyPhase.Answered => party.Party.Role == Role.KeyHolder ? "opened" : "answered",
        PartyPhase.Refused => "refused",
        PartyPhase.Absent => "absent",
        _ => "",
    };

    private static RunProgress Progress(PartyState party, string word) => new()
    {
        Party = party.Party.Organisation.ToString(),
        Role = party.Party.Role,
        State = word,
        BytesDone = (ulong)party.Received,
        BytesTotal = (ulong)(party.Announced?.Size ?? 0),
    };

    private static RunFailed Failed(RunState state, RunFailure failure, HubDatabase database)
    {
        var failed = new RunFailed { Code = Refusal.NameOf(failure.Refusal.Code), Message = failure.Refusal.Message };
        failed.Refusals.AddRange(LoadRuns.RefusalStatements(database, state.Run).Select(r => ByteString.CopyFrom(r)));
        failed.Absent.AddRange(state.Sites.Where(s => s.Phase == PartyPhase.Absent).Select(s => s.Party.Organisation.ToString()));
        return failed;
    }
}
