using System.Collections.Immutable;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Consilience.SecureAggregation.Masking;

namespace Consilience.Hub.Analyse;

/// <summary>Where a run stands. Numbers are stored; they never change.</summary>
public enum RunPhase
{
    Unspecified = 0,
    Collecting = 1,

    /// <summary>The accepted vectors are being added. Not durable: after a restart the run collects again, and adds the same vectors.</summary>
    Combining = 2,

    /// <summary>The roll is stored; shares are awaited.</summary>
    Opening = 3,
    Opened = 4,
    Failed = 5,

    /// <summary>Before it collects: what travels beside the request is awaited from the researcher.</summary>
    Attaching = 6,
}

/// <summary>The signed roll and the digest of the masked sum it names. There is at most one in a run's life.</summary>
/// <param name="Statement">The DSSE envelope, signed by the hub.</param>
/// <param name="Payload">Digest of its payload.</param>
/// <param name="MaskedSum">Digest of the masked sum's bytes.</param>
/// <param name="Sites">The accepted sites, in the roll's order.</param>
public sealed record SignedRoll(byte[] Statement, Digest Payload, Digest MaskedSum, ImmutableArray<OrganisationId> Sites);

/// <summary>Why a run ended without a result.</summary>
/// <param name="Refusal">The reason.</param>
/// <param name="MayResume">The roll stands and only a key holder was missing: the same request, sent again, goes on with the same roll.</param>
public sealed record RunFailure(Refusal Refusal, bool MayResume);

/// <summary>
/// Everything the hub decides a run by. Immutable; a vector's bytes are in the store, never here. <b>Invariant:</b> once <see cref="Roll"/> is set it never changes.
/// </summary>
public sealed record RunState
{
    public required RunId Run { get; init; }

    public required int Round { get; init; }

    /// <summary>Digest of the request's payload.</summary>
    public required Digest Request { get; init; }

    /// <summary>The request's DSSE envelope as it arrived.</summary>
    public required byte[] RequestStatement { get; init; }

    /// <summary>Digest of question, noise and price; null at exact precision.</summary>
    public required Digest? Release { get; init; }

    /// <summary>nano-ρ a site is charged for its answer.</summary>
    public required long Charge { get; init; }

    public required Digest Agreement { get; init; }

    public required Digest Consortium { get; init; }

    public required int VectorLength { get; init; }

    /// <summary>The ring the vectors are added in.</summary>
    public required Ring Ring { get; init; }

    /// <summary>Bytes of a masked vector, and of the masked sum.</summary>
    public long VectorSize => Ring.SizeOf(VectorLength);

    /// <summary>What travels beside the request to every site; null for most runs.</summary>
    public required AttachmentBinding? Attachment { get; init; }

    /// <summary>Bytes of the attachment stored so far.</summary>
    public long Attached { get; init; }

    /// <summary>When the researcher last sent of it. Not durable.</summary>
    public DateTimeOffset LastAttached { get; init; }

    /// <summary>Number of researchers the shares are sealed to; fixes the size of a sealed share.</summary>
    public required int Recipients { get; init; }

    public required int MinimumSites { get; init; }

    public required DateTimeOffset RequestExpiresAt { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    public required RunPhase Phase { get; init; }

    public required DateTimeOffset PhaseSince { get; init; }

    public required ImmutableSortedDictionary<PartyId, PartyState> Parties { get; init; }

    public SignedRoll? Roll { get; init; }

    public RunFailure? Failure { get; init; }

    public bool IsOver => Phase is RunPhase.Opened or RunPhase.Failed;

    public IEnumerable<PartyState> Sites => Parties.Values.Where(p => p.Party.Role == Role.Site);

    public IEnumerable<PartyState> KeyHolders => Parties.Values.Where(p => p.Party.Role == Role.KeyHolder);

    public RunState With(PartyState party) => this with { Parties = Parties.SetItem(party.Party, party) };
}
