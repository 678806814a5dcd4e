using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;
using Consilience.SecureAggregation;

namespace Consilience.Hub.Analyse;

/// <summary>Whether a share, signed by the organisation whose link it came on, opens this run's one roll.</summary>
public static class CheckShare
{
    public static Refusal? Decide(RunState state, PartyId keyHolder, ShareStatement statement, Digest transfer, ulong sizeInBytes)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(keyHolder);
        ArgumentNullException.ThrowIfNull(statement);
        if (statement.KeyHolder != keyHolder.Organisation)
            return Invalid(RefusalCode.SignatureInvalid, keyHolder, "its share is in another's name", $"{keyHolder.Organisation}", $"{statement.KeyHolder}");
        if (statement.Run != state.Run || statement.Round != state.Round || statement.Request != state.Request)
            return Invalid(RefusalCode.RequestInvalid, keyHolder, "its share is for another request", state.Request.Short, statement.Request.Short);
        if (statement.Roll != state.Roll?.Payload)
            return Invalid(RefusalCode.RollInvalid, keyHolder, "its share opens another roll", state.Roll?.Payload.Short ?? "none", statement.Roll.Short);
        if (statement.VectorLength != state.VectorLength)
            return Invalid(RefusalCode.RequestInvalid, keyHolder, "its share has a wrong length", $"{state.VectorLength}", $"{statement.VectorLength}");
        if (statement.SealedShare != transfer)
            return Invalid(RefusalCode.TransferInvalid, keyHolder, "it announces other bytes than it signed", statement.SealedShare.Short, transfer.Short);
        var size = (ulong)SealedShare.SizeOf(state.Ring, state.VectorLength, state.Recipients);
        return sizeInBytes == size
            ? null
            : Invalid(RefusalCode.TransferInvalid, keyHolder, "it announces a wrong number of bytes", $"{size}", $"{sizeInBytes}");
    }

    private static Refusal Invalid(RefusalCode code, PartyId keyHolder, string what, string expected, string got) =>
        new(code, $"{keyHolder}: {what} (expected {expected}, got {got}); open the roll the hub sent, under the key holder's own name");
}
