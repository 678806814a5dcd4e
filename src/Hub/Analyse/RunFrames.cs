using Consilience.Protocol.Wire;
using Google.Protobuf;

namespace Consilience.Hub.Analyse;

/// <summary>The frames a run sends its parties.</summary>
internal static class RunFrames
{
    internal static RunSend Request(RunState state, PartyId site) => new(site, HubSteps.Sent.Request, new HubFrame
    {
        Request = new RunRequest
        {
            Run = state.Run.ToString(),
            Round = (uint)state.Round,
            Statement = UnsafeByteOperations.UnsafeWrap(state.RequestStatement),
        },
    });

    /// <summary>The roll with the statements it names, in its order. Only for a state that has a roll.</summary>
    internal static RunSend Roll(RunState state, PartyId keyHolder)
    {
        var roll = state.Roll ?? throw new InvalidOperationException("a roll is sent only once it is stored");
        var frame = new RollToOpen
        {
            Run = state.Run.ToString(),
            Round = (uint)state.Round,
            Request = UnsafeByteOperations.UnsafeWrap(state.RequestStatement),
            Roll = UnsafeByteOperations.UnsafeWrap(roll.Statement),
        };
        foreach (var site in roll.Sites)
            frame.Contributions.Add(UnsafeByteOperations.UnsafeWrap(state.Parties[new PartyId(site, Role.Site)].Announced!.Statement));
        return new(keyHolder, HubSteps.Sent.Roll, new HubFrame { Roll = frame });
    }

    internal static RunSend Resume(PartyId party, Announcement announcement, long offset) => new(party, HubSteps.Sent.Resume, new HubFrame
    {
        Resume = new Resume { Transfer = announcement.Transfer.ToString(), Offset = (ulong)offset },
    });

    internal static RunSend Ended(string run, uint round, PartyId party) => new(party, HubSteps.Sent.Ended, new HubFrame
    {
        Ended = new RunEnded { Run = run, Round = round },
    });
}
