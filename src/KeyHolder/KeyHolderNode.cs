using Consilience.KeyHolder.Analyse;
using Consilience.KeyHolder.Studies;
using Consilience.Protocol.Identity;
using Consilience.Protocol.Wire;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Consilience.KeyHolder;

/// <summary>A key holder on its link to the hub: opens rolls, and refuses with a signed reason.</summary>
public sealed class KeyHolderNode(PartyStudies studies, OpenRoll openRoll, ILogger logger, Action<string>? onStep = null)
    : PartyNode(studies, logger, onStep, KeyHolderSteps.Prefix)
{
    protected override async Task AnswerAsync(Link<PartyFrame, HubFrame> link, HubFrame frame, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.FrameCase != HubFrame.FrameOneofCase.Roll)
            return;
        var asked = frame.Roll;
        var (opening, refusal) = openRoll.Open(asked);
        if (opening is not null)
        {
            Logger.LogInformation("run {Run}: opened", asked.Run);
            var share = new Share
            {
                Run = asked.Run,
                Round = asked.Round,
                Statement = UnsafeByteOperations.UnsafeWrap(opening.Statement),
                Transfer = opening.Transfer.ToString(),
                SizeInBytes = (ulong)opening.Size,
            };
            await SendAsync(link, new PartyFrame { Share = share }, cancellation);
        }
        else if (RefusalFrames.For(Studies.Party, asked.Run, asked.Round, asked.Request.Span, refusal!) is { } signed)
        {
            Logger.LogWarning("run {Run}: refused, {Refusal}", asked.Run, refusal);
            await SendAsync(link, signed, cancellation);
        }
    }

    protected override ReadOnlyMemory<byte> StoredBytes(string transfer, long offset) => openRoll.StoredShare(transfer, offset);

    protected override void DropDrafts() => openRoll.DropDrafts();

    protected override void Forget(RunId run, int round) => openRoll.Forget(run, round);
}
