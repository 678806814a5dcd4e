using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Google.Protobuf;

namespace Consilience.KeyHolder;

/// <summary>A party's refusal, signed.</summary>
public static class RefusalFrames
{
    /// <summary>Null when the request names no run at all: there is nothing to refuse then.</summary>
    public static PartyFrame? For(Party party, string run, uint round, ReadOnlySpan<byte> request, Protocol.Analyse.Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(party);
        ArgumentNullException.ThrowIfNull(refusal);
        if (!RunId.TryParse(run, null, out var id) || !DsseEnvelope.TryParse(request, out var envelope))
            return null;
        var statement = Signed<RefusalStatement>.By(party.Keys.Signing, new RefusalStatement
        {
            Run = id, Round = (int)Math.Min(round, int.MaxValue), Request = envelope.PayloadDigest, Party = party.Organisation, Code = refusal.Code, Message = refusal.Message,
        });
        return new PartyFrame { Refusal = new Protocol.Wire.Refusal { Run = run, Round = round, Statement = UnsafeByteOperations.UnsafeWrap(statement.Envelope) } };
    }
}
