using System.Collections.Immutable;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;

namespace Consilience.Hub.Analyse;

/// <summary>What a decision wants stored. All writes of one outcome go into one transaction, before anything is sent.</summary>
public abstract record RunWrite(string Step)
{
    public sealed record NewRun(RunState State) : RunWrite(HubSteps.Stored.Run);

    /// <summary>The next piece of the attachment; with the last, the run's phase as the outcome's state has it.</summary>
    public sealed record Attached(long Offset, ReadOnlyMemory<byte> Data) : RunWrite(HubSteps.Stored.Attachment);

    public sealed record Announced(PartyId Party, Announcement Announcement) : RunWrite(HubSteps.Stored.Announcement);

    public sealed record Bytes(PartyId Party, long Offset, ReadOnlyMemory<byte> Data) : RunWrite(HubSteps.Stored.Chunk);

    /// <summary>The party's last byte is in and its digest is right.</summary>
    public sealed record Answered(PartyId Party) : RunWrite(Party.Role == Role.Site ? HubSteps.Stored.Contribution : HubSteps.Stored.Share);

    /// <summary>A refusal; what was received of the party is dropped.</summary>
    /// <param name="Party">Who refused, or was refused.</param>
    /// <param name="Refusal">The reason.</param>
    /// <param name="Statement">The party's signed statement; null when the hub refused the party and signs the statement itself.</param>
    public sealed record Refused(PartyId Party, Refusal Refusal, byte[]? Statement) : RunWrite(HubSteps.Stored.Refusal);

    /// <summary>The roll and the last piece of the masked sum. The sites' vectors are dropped with it: nobody needs them one by one again.</summary>
    public sealed record Roll(SignedRoll Signed, ReadOnlyMemory<byte> LastSumBlock, long LastSumOffset) : RunWrite(HubSteps.Stored.Roll);

    /// <summary>The run's phase as the outcome's state has it.</summary>
    public sealed record Phase() : RunWrite(HubSteps.Stored.End);

    /// <summary>Parties that were told that the run is over.</summary>
    public sealed record ToldEnd(ImmutableArray<PartyId> Parties) : RunWrite(HubSteps.Stored.End);
}

/// <summary>A frame for a party. Not sent when it has no link; it is then repeated when it comes.</summary>
public sealed record RunSend(PartyId To, string Step, HubFrame Frame);

/// <summary>What follows from one event: the next state, what to store before it counts, what to send after.</summary>
public sealed record RunOutcome(RunState State)
{
    public ImmutableArray<RunWrite> Writes { get; init; } = [];

    public ImmutableArray<RunSend> Sends { get; init; } = [];

    /// <summary>Set once a run: the sites whose vectors are to be added now.</summary>
    public ImmutableArray<OrganisationId> Combine { get; init; } = [];

    public RunOutcome Then(Func<RunState, RunOutcome> decide)
    {
        var next = decide(State);
        return next with { Writes = [.. Writes, .. next.Writes], Sends = [.. Sends, .. next.Sends], Combine = Combine.IsEmpty ? next.Combine : Combine };
    }
}
