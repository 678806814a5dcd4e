using Consilience.Protocol.Identity;

namespace Consilience.Hub.Analyse;

/// <summary>Where one party stands in one run. Numbers are stored; they never change.</summary>
public enum PartyPhase
{
    Unspecified = 0,

    /// <summary>A key holder before the roll: nothing is expected of it yet.</summary>
    NotAsked = 1,

    Asked = 2,

    /// <summary>Its signed statement is accepted, its bytes are on their way.</summary>
    Receiving = 3,

    /// <summary>Statement and bytes are stored and their digests agree.</summary>
    Answered = 4,

    Refused = 5,

    /// <summary>The run went on without it.</summary>
    Absent = 6,
}

/// <summary>A contribution or share whose statement was verified and whose bytes are expected.</summary>
/// <param name="Statement">The DSSE envelope as it arrived.</param>
/// <param name="Payload">Digest of the statement's payload; two envelopes of one payload say the same.</param>
/// <param name="Transfer">Digest of the bytes.</param>
/// <param name="Size">Exact number of bytes.</param>
public sealed record Announcement(byte[] Statement, Digest Payload, Digest Transfer, long Size);

/// <summary>One party in one run.</summary>
public sealed record PartyState
{
    public required PartyId Party { get; init; }

    public required PartyPhase Phase { get; init; }

    /// <summary>Whether it has a link to the hub now. Not durable.</summary>
    public bool Connected { get; init; }

    /// <summary>The number of the link on which it was last told where to resume; it is told once a link, so that it sends no byte twice. Not durable.</summary>
    public long ResumedOnLink { get; init; }

    /// <summary>When it was asked, came, left, or sent something. Not durable: after a restart everyone starts afresh.</summary>
    public required DateTimeOffset LastProgress { get; init; }

    public Announcement? Announced { get; init; }

    /// <summary>Bytes stored so far.</summary>
    public long Received { get; init; }

    public Refusal? Refusal { get; init; }

    /// <summary>Whether it was told that the run is over.</summary>
    public bool ToldEnd { get; init; }

    public bool IsPending => Phase is PartyPhase.Asked or PartyPhase.Receiving;
}
